import { Effect, Schema } from "effect"
import { SecureRandom } from "effect/crypto"

/** Opaque strings of the host may hold anything but NUL and lone surrogates, which PostgreSQL and JSON cannot carry. */
const isStorableText = Schema.makeFilter<string>(
  (text) => text.isWellFormed() && !text.includes("\0"),
  {
    expected: "text without NUL and lone surrogates"
  }
)

/** Text of a caller or host that is stored as it is, with a greatest length in UTF-16 code units. */
export const StorableText = (options: { readonly maxLength: number }) =>
  Schema.String.check(isStorableText, Schema.isMaxLength(options.maxLength))

const HostId = StorableText({ maxLength: 255 }).check(Schema.isMinLength(1))

/** The host's id of a tenant: opaque, non-empty, at most 255 characters. */
export const TenantId = HostId.pipe(Schema.brand("TenantId"))
export type TenantId = typeof TenantId.Type

/** The host's id of a user: opaque, non-empty, at most 255 characters. */
export const UserId = HostId.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type

/** Words that are paths of the contract itself and so cannot name a provider. */
const reservedWords = new Set([
  "catalog",
  "events",
  "audit",
  "complete",
  "confirm",
  "callback",
  "confirm",
  "credentials",
  "openapi",
  "reference"
])

/** Who owns a connection or a stored API key within its tenant: a user, by id, or, empty, the tenant itself. */
export const Owner = StorableText({ maxLength: 255 }).pipe(Schema.brand("Owner"))
export type Owner = typeof Owner.Type
export const tenantsOwn = Owner.make("")
/** What kind of owner it is. */
export const OwnerKind = Schema.Literals(["tenant", "user"])
export type OwnerKind = typeof OwnerKind.Type
export const kindOfOwner = (owner: Owner): OwnerKind => (owner === tenantsOwn ? "tenant" : "user")
export const ownedBy = (user: UserId): Owner => Owner.make(user)
/** The user who owns it; undefined for the tenant's own. */
export const owningUser = (owner: Owner): UserId | undefined =>
  owner === tenantsOwn ? undefined : UserId.make(owner)

/** A provider's id in the catalogue: `^[a-z0-9][a-z0-9-]{0,62}$` and none of the contract's own words. */
export const ProviderId = Schema.String.check(
  Schema.makeFilter<string>((id) => !reservedWords.has(id), {
    expected: "a word that is not a path of the contract"
  }),
  Schema.isPattern(/^[a-z0-9][a-z0-9-]{0,62}$/u)
).pipe(Schema.brand("ProviderId"))
export type ProviderId = typeof ProviderId.Type

/** Tells the connections of one owner to one provider apart: `^[a-z0-9][a-z0-9-]{0,62}$`. */
export const ConnectionName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9-]{0,62}$/u)
).pipe(Schema.brand("ConnectionName"))
export type ConnectionName = typeof ConnectionName.Type
export const defaultName = ConnectionName.make("default")
/** The one that is meant when neither an owner nor a name is said. */
export const tenantsDefault = { owner: tenantsOwn, name: defaultName } as const

// With the flag `u` the OpenAPI document has the pattern too.
const prefixedUlid = (prefix: string) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^${prefix}[0-9A-HJKMNP-TV-Z]{26}$`, "u")))

export const IntegrationId = prefixedUlid("int_").pipe(Schema.brand("IntegrationId"))
export type IntegrationId = typeof IntegrationId.Type

export const CredentialId = prefixedUlid("crd_").pipe(Schema.brand("CredentialId"))
export type CredentialId = typeof CredentialId.Type

/** The id of one set of tokens that a provider issued. */
export const GrantId = prefixedUlid("gnt_").pipe(Schema.brand("GrantId"))
export type GrantId = typeof GrantId.Type

export const EventId = prefixedUlid("evt_").pipe(Schema.brand("EventId"))
export type EventId = typeof EventId.Type

const fresh = <Id>(prefix: string, make: (text: string) => Id) =>
  Effect.gen(function* () {
    const random = yield* SecureRandom.SecureRandom
    return make(prefix + (yield* random.ulid))
  })

export const newIntegrationId = fresh("int_", (id) => IntegrationId.make(id))
export const newCredentialId = fresh("crd_", (id) => CredentialId.make(id))
export const newGrantId = fresh("gnt_", (id) => GrantId.make(id))
export const newEventId = fresh("evt_", (id) => EventId.make(id))
