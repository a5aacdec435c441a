import { Clock, DateTime, Effect, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  makeDecoder,
  type DecryptionFailed,
  ConnectionName,
  defaultName,
  isScope,
  isTokenText,
  newCredentialId,
  newGrantId,
  newIntegrationId,
  ownedBy,
  type ProviderNotFound,
  Secret,
  CredentialLabel,
  StorableText,
  StorageUnavailable,
  type TenantFields,
  TenantId,
  tenantsOwn,
  UserId,
  type ValidationDetail,
  ValidationError
} from "../model/index.ts"
import { namedAsAsked } from "../protocol/index.ts"
import {
  accountIssuer,
  type ApiKeyProvider,
  beginsByConsent,
  capturedValue,
  checkFields,
  grantSubject,
  type OAuth2Definition,
  type GrantProvider,
  keyIssuer,
  type OAuth2Provider,
  ProviderRegistry,
  renderTemplate
} from "../provider/index.ts"
import type { Cipher, ImportConnection } from "../services/index.ts"
import { sealCredential, sealTokens } from "../token/index.ts"
import { type KeyedHash, userHash } from "../vault/index.ts"
import { requireAllowedName } from "./allowedPlace.ts"
import { heldAccount } from "./heldAccount.ts"

/**
 * The tenant's fields of an imported connection, and the values that the vendor gave when it was made: no flow will give
 * them again. Fails with `ValidationError`, which names paths and no values.
 */
const importedFields = Effect.fnUntraced(function* (
  { captures = {}, fields }: Pick<OAuth2Definition, "captures" | "fields">,
  given: Readonly<Record<string, string>>
): Effect.fn.Return<TenantFields, ValidationError> {
  const isCaptured = (name: string) => Object.hasOwn(captures, name)
  const named = Object.fromEntries(Object.entries(given).filter(([name]) => !isCaptured(name)))
  const values = yield* checkFields("fields", fields ?? [], named)
  const captured: Record<string, string> = {}
  const details: Array<ValidationDetail> = []
  for (const [name, capture] of Object.entries(captures)) {
    const path = `fields.${name}`
    const text = Object.hasOwn(given, name) ? given[name] : undefined
    if (text === undefined) {
      if (capture.required !== false) details.push({ path, code: "missing" })
      continue
    }
    const value = capturedValue(capture, fields ?? [], values, text)
    if (value === undefined) details.push({ path, code: "invalid" })
    else captured[name] = value
  }
  return details.length === 0 ? { ...values, ...captured } : yield* new ValidationError({ details })
})

/** ISO 8601 with its zone: what else `Date` can read, it guesses. */
const IsoText = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/)
)
const Instant = Schema.Union([
  Schema.DateTimeUtc,
  Schema.DateTimeUtcFromDate,
  IsoText.pipe(Schema.decodeTo(Schema.DateTimeUtcFromString))
])
const Token = Schema.String.check(Schema.makeFilter(isTokenText))
const Scope = Schema.String.check(Schema.makeFilter(isScope))
/** RFC 6749, appendix A.13. */
const TokenType = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9._-]{1,64}$/))
const Text = StorableText({ maxLength: 255 }).check(Schema.isMinLength(1))

const common = {
  tenantId: TenantId,
  userId: Schema.optional(UserId),
  name: Schema.optional(ConnectionName),
  provider: Schema.String,
  connectedBy: UserId,
  connectedAt: Schema.optional(Instant),
  account: Schema.optional(Schema.Struct({ id: Text, label: Schema.optional(Text) }))
}

const GrantItem = Schema.Struct({
  ...common,
  accessToken: Token,
  refreshToken: Schema.optional(Token),
  expiresAt: Schema.optional(Instant),
  tokenType: Schema.optional(TokenType),
  scopes: Schema.optional(Schema.Array(Scope)),
  fields: Schema.optional(Schema.Record(Schema.String, Schema.String)),
  grantSubject: Schema.optional(StorableText({ maxLength: 4096 }).check(Schema.isMinLength(1)))
})

const CredentialItem = Schema.Struct({
  ...common,
  credentials: Schema.Record(Schema.String, Schema.String),
  label: Schema.optional(CredentialLabel)
})

const root = "item"
const decodeProvider = makeDecoder(Schema.Struct({ provider: Schema.String }), {
  strict: false,
  root
})
const decodeGrant = makeDecoder(GrantItem, { strict: true, root })
const decodeCredential = makeDecoder(CredentialItem, { strict: true, root })

const invalid = (path: string, code: ValidationDetail["code"]) =>
  new ValidationError({ details: [{ path, code }] })

/**
 * Checks and seals one item of an import. Which members it must have is its provider's to say. Fails with
 * `ValidationError`, which tells paths and no values, and with `ProviderNotFound`.
 */
export const importItem = Effect.fnUntraced(function* (
  item: unknown
): Effect.fn.Return<
  ImportConnection,
  ValidationError | DecryptionFailed | ProviderNotFound | StorageUnavailable,
  Cipher | KeyedHash | ProviderRegistry | SecureRandom.SecureRandom
> {
  const registry = yield* ProviderRegistry
  const provider = yield* registry.get((yield* decodeProvider(item)).provider)
  return beginsByConsent(provider)
    ? yield* grantCommand(provider, item)
    : yield* credentialCommand(provider, item)
})

const grantCommand = Effect.fnUntraced(function* (configured: GrantProvider, item: unknown) {
  const given = yield* decodeGrant(item)
  const registry = yield* ProviderRegistry
  const provider = yield* Effect.catchTag(
    registry.usedBy(given.tenantId, configured),
    "ClientUnavailable",
    (cause) => new StorageUnavailable({ cause })
  )
  const { refreshMargin: margin, refreshRequest } = provider.definition
  const fields = yield* importedFields(provider.definition, given.fields ?? {})
  // The former store may have kept the vendor's names.
  const scopes = namedAsAsked(provider.definition, provider.scopes, given.scopes ?? provider.scopes)
  if (!provider.requiredScopes.every((scope) => scopes.includes(scope)))
    return yield* invalid("scopes", "missing")
  const id = yield* newGrantId
  const { accessToken, tokenType } = given
  const account = given.account && {
    id: given.account.id,
    label: given.account.label,
    issuer: accountIssuer(provider.definition, fields)
  }
  const refreshToken = refreshRequest?.uses === "access_token" ? accessToken : given.refreshToken
  const integration = yield* newIntegration(provider, given)
  const { clientFingerprint } = provider
  const tokens = yield* sealTokens(
    {
      ...integration,
      integrationId: integration.newId,
      id,
      fields,
      clientFingerprint
    },
    {
      accessToken: Secret(accessToken),
      refreshToken: refreshToken === undefined ? undefined : Secret(refreshToken),
      tokenType: tokenType?.toLowerCase() ?? "bearer",
      expiresIn: yield* secondsLeft(provider, given.expiresAt, refreshToken !== undefined)
    },
    { margin }
  )
  return {
    ...integration,
    with: {
      _tag: "Grant",
      grant: {
        id,
        ...tokens,
        dpopKey: undefined,
        clientFingerprint,
        grantSubject: given.grantSubject ?? grantSubject(provider.definition, fields, account)
      },
      scopes,
      fields,
      account,
      heldAccount: yield* heldAccount(provider, fields)
    }
  } satisfies ImportConnection
})

/**
 * Where the provider's tokens end and nobody knows when this one does, it counts as over: it is refreshed before its
 * first use.
 */
const secondsLeft = Effect.fnUntraced(function* (
  { definition }: OAuth2Provider,
  expiresAt: (typeof GrantItem.Type)["expiresAt"],
  isRefreshable: boolean
) {
  if (expiresAt === undefined)
    return definition.defaultTokenLifetime !== undefined && isRefreshable ? 0 : undefined
  const left = DateTime.toEpochMillis(expiresAt) - (yield* Clock.currentTimeMillis)
  return Math.max(0, Math.floor(left / 1000))
})

const credentialCommand = Effect.fnUntraced(function* (provider: ApiKeyProvider, item: unknown) {
  const given = yield* decodeCredential(item)
  const { account, credentials, label } = given
  const { check, fields } = provider.definition
  const values = yield* checkFields("credentials", fields, credentials)
  const id = yield* newCredentialId
  const integration = yield* newIntegration(provider, given)
  const place = {
    id,
    tenantId: integration.tenantId,
    owner: integration.owner,
    provider: provider.id
  }
  return {
    ...integration,
    with: {
      _tag: "Credential",
      credential: {
        id,
        label,
        sealedFields: yield* sealCredential(place, values),
        account: account && {
          id: account.id,
          label: account.label,
          issuer: check && keyIssuer(check, renderTemplate(check.url, values))
        }
      }
    }
  } satisfies ImportConnection
})

const newIntegration = Effect.fnUntraced(function* (
  provider: OAuth2Provider | ApiKeyProvider,
  {
    connectedAt,
    connectedBy,
    name = defaultName,
    tenantId,
    userId
  }: Omit<typeof CredentialItem.Type, "credentials">
) {
  const owner = userId === undefined ? tenantsOwn : ownedBy(userId)
  yield* requireAllowedName(provider, { owner }, name)
  return {
    tenantId,
    owner,
    provider: provider.id,
    name,
    newId: yield* newIntegrationId,
    connectedBy,
    connectedAt,
    userHashes: yield* Effect.forEach(new Set([connectedBy, userId ?? connectedBy]), (user) =>
      userHash(tenantId, user)
    )
  }
})
