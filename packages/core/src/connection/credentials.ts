import { DateTime, Effect, Option, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import { checkKey } from "../auth/index.ts"
import {
  type AccountAlreadyConnected,
  type AccountMismatch,
  type Credential,
  CredentialId,
  type CredentialInUse,
  CredentialLabel,
  CredentialNotFound,
  CredentialRejected,
  type DecryptionFailed,
  type Forbidden,
  type ConnectionName,
  type Integration,
  type IntegrationNotFound,
  newCredentialId,
  type StorageUnavailable,
  type TooManyCredentials,
  ValidationError,
  defaultName
} from "../model/index.ts"
import type { ProviderTraffic } from "../protocol/index.ts"
import { beginsByConsent, checkFields, type ConfiguredProvider } from "../provider/index.ts"
import {
  type Cipher,
  ConnectionStore,
  CredentialStore,
  type Egress,
  type SecurityLog,
  program
} from "../services/index.ts"
import { openCredential, sealCredential } from "../token/index.ts"
import { type KeyedHash, userHash } from "../vault/index.ts"
import { requireAllowedOwner } from "./allowedPlace.ts"
import { cursorCodec, type Page, decodePageQuery, type PageQuery, toPage } from "./paging.ts"
import type { Actor } from "./roles.ts"

export interface StoreCredentialsInput {
  readonly credentials: Readonly<Record<string, unknown>>
  readonly label?: string | undefined
}

/**
 * Stores an API key, after asking the provider whether it is one: `validated` where it said yes,
 * `unverified` where it could not be asked.
 *
 * Fails with `ValidationError` on a field that is missing, unknown or malformed, on such a label, or where the provider takes no keys;
 * with `CredentialRejected`, and nothing is stored, if the provider said no; with `TooManyCredentials`; with `Forbidden` if
 * the user was erased or is suspended.
 */
export const storeCredentials = program("Hawser.storeCredentials")(function* (
  actor: Actor,
  provider: ConfiguredProvider,
  input: StoreCredentialsInput
): Effect.fn.Return<
  Credential,
  | ValidationError
  | CredentialRejected
  | DecryptionFailed
  | Forbidden
  | TooManyCredentials
  | StorageUnavailable,
  | Cipher
  | CredentialStore
  | Egress
  | KeyedHash
  | ProviderTraffic
  | SecureRandom.SecureRandom
  | SecurityLog
> {
  if (beginsByConsent(provider)) {
    return yield* new ValidationError({ details: [{ path: "provider", code: "not_allowed" }] })
  }
  yield* requireAllowedOwner(provider, actor)
  const { definition } = provider
  const values = yield* checkFields("credentials", definition.fields, input.credentials)
  if (input.label !== undefined && !isLabel(input.label))
    return yield* new ValidationError({ details: [{ path: "label", code: "invalid" }] })

  const { account, verdict } = yield* checkKey(provider, actor.tenantId, values)
  if (verdict === "rejected") return yield* new CredentialRejected({ provider: provider.id })

  const id = yield* newCredentialId
  const place = { id, tenantId: actor.tenantId, owner: actor.owner, provider: provider.id }
  const credentials = yield* CredentialStore
  return yield* credentials.insert({
    ...place,
    label: input.label,
    status: verdict === "accepted" ? "validated" : "unverified",
    createdBy: actor.userId,
    userHash: yield* userHash(actor.tenantId, actor.userId),
    sealedFields: yield* sealCredential(place, values),
    account
  })
})

const isLabel = Schema.is(CredentialLabel)

const decodeCredentialId = Schema.decodeUnknownOption(CredentialId)

/** What is not a credential id of ours has never existed: the same answer as for one that has not. */
const decodeCredentialKey = (actor: Actor, provider: ConfiguredProvider, credentialId: string) =>
  Option.match(decodeCredentialId(credentialId), {
    onNone: () => Effect.fail(new CredentialNotFound()),
    onSome: (id) =>
      Effect.succeed({
        tenantId: actor.tenantId,
        owner: actor.owner,
        provider: provider.id,
        id
      })
  })

/** Milliseconds since 1970 that a `Date` can hold: a cursor is text from outside. */
const Instant = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000_000 }))

const Cursor = cursorCodec(Schema.Tuple([Instant, CredentialId]))

/**
 * An owner's stored API keys of a provider, without their secrets, the oldest first.
 *
 * Fails with `ValidationError` if the cursor is none of ours.
 */
export const listCredentials = program("Hawser.listCredentials")(function* (
  actor: Actor,
  provider: ConfiguredProvider,
  query: PageQuery = {}
): Effect.fn.Return<Page<Credential>, ValidationError | StorageUnavailable, CredentialStore> {
  const { after, limit } = yield* decodePageQuery(Cursor, query)
  const credentials = yield* CredentialStore
  const listed = yield* credentials.list({
    tenantId: actor.tenantId,
    owner: actor.owner,
    provider: provider.id,
    page: {
      limit,
      after: after && { createdAt: DateTime.makeUnsafe(after[0]), id: after[1] }
    }
  })
  return toPage(
    Cursor,
    query,
    listed,
    ({ createdAt, id }) => [DateTime.toEpochMillis(createdAt), id] as const
  )
})

/** Destroys a stored API key; fails with `CredentialInUse` while an integration is connected with it. */
export const deleteCredential = program("Hawser.deleteCredential")(function* (
  actor: Actor,
  provider: ConfiguredProvider,
  credentialId: string
): Effect.fn.Return<
  void,
  CredentialNotFound | CredentialInUse | StorageUnavailable,
  CredentialStore
> {
  const credentials = yield* CredentialStore
  return yield* credentials.delete(yield* decodeCredentialKey(actor, provider, credentialId))
})

/**
 * Connects a connected integration with another stored API key, without an outage. The provider is asked first; the key
 * in use stays until the new one takes its place, and stays stored after.
 *
 * Fails with `CredentialNotFound`; with `CredentialRejected` if the provider rejects the new key; with
 * `IntegrationNotFound` if nothing is connected by an API key; with `AccountMismatch` if both keys' accounts are known and
 * differ, and with `AccountAlreadyConnected` if the owner has another connection to the new key's account; with `Forbidden` if
 * the user was erased or is suspended.
 */
export const swapCredential = program("Hawser.swapCredential")(function* (
  actor: Actor,
  provider: ConfiguredProvider,
  credentialId: string | undefined,
  name: ConnectionName = defaultName
): Effect.fn.Return<
  Integration,
  | ValidationError
  | AccountAlreadyConnected
  | AccountMismatch
  | CredentialNotFound
  | CredentialRejected
  | IntegrationNotFound
  | DecryptionFailed
  | Forbidden
  | StorageUnavailable,
  Cipher | ConnectionStore | CredentialStore | Egress | KeyedHash | ProviderTraffic | SecurityLog
> {
  if (beginsByConsent(provider)) {
    return yield* new ValidationError({ details: [{ path: "provider", code: "not_allowed" }] })
  }
  if (credentialId === undefined) {
    return yield* new ValidationError({ details: [{ path: "credentialId", code: "missing" }] })
  }
  yield* requireAllowedOwner(provider, actor)
  const credentials = yield* CredentialStore
  const key = yield* decodeCredentialKey(actor, provider, credentialId)
  const credential = yield* credentials.find(key)
  const { account = credential.account, verdict } = yield* checkKey(
    provider,
    actor.tenantId,
    yield* openCredential(key, credential)
  )
  if (verdict === "rejected") return yield* new CredentialRejected({ provider: provider.id })
  const connections = yield* ConnectionStore
  return yield* connections.swapCredential({
    tenantId: actor.tenantId,
    owner: actor.owner,
    provider: provider.id,
    name,
    userHash: yield* userHash(actor.tenantId, actor.userId),
    credentialId: key.id,
    account
  })
})
