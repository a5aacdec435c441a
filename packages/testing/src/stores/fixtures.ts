import {
  type Account,
  type BoundFlow,
  type BurnedFlow,
  type ConnectedWith,
  type ConnectIntegration,
  ConnectionName,
  ConnectionStore,
  type CredentialId,
  CredentialStore,
  tenantsDefault,
  type DisconnectIntegration,
  type IntegrationKey,
  type NewCredential,
  newCredentialId,
  newEventId,
  type NewFlow,
  newGrantId,
  newIntegrationId,
  ProviderId,
  type Sealed,
  type SealedGrant,
  type SecretHash,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { Effect } from "effect"

export const github = ProviderId.make("github")
export const datadog = ProviderId.make("datadog")
export const ann = UserId.make("user-ann")
export const bob = UserId.make("user-bob")

const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

/** A tenant that no other test knows, so that suites may share a database. */
export const freshTenant = Effect.sync(() => TenantId.make(`tenant-${crypto.randomUUID()}`))

/**
 * Random bytes in place of a cipher's output. A store must treat sealed values as opaque, so real envelopes would test
 * no more, and bytes of no format at all show that the store reads nothing in them.
 */
export const sealedBytes = (): Sealed => randomBytes(80) as Sealed

/** What a user is known by to a store: it only compares it. */
export const hashOf = (tenantId: TenantId, userId: UserId = ann): Uint8Array =>
  new TextEncoder().encode(JSON.stringify([tenantId, userId]))

/** A hash of a secret nobody knows: a store only compares it. */
export const freshHash = (): SecretHash => randomBytes(32) as SecretHash

/** What core's checks of provider, expiry and binding would brand; the store does not make them. */
export const assumeBound = (flow: BurnedFlow): BoundFlow => flow as BoundFlow

export const keyOf = (tenantId: TenantId, provider: ProviderId): IntegrationKey => ({
  tenantId,
  provider,
  ...tenantsDefault
})

/** What the events of a tenant's own connection say of it, beside its id and provider. */
export const eventConnection = { name: tenantsDefault.name, owner: "tenant" } as const

/** The same provider, connected by the same tenant once more. */
export const secondOf = (key: IntegrationKey): IntegrationKey => ({
  ...key,
  name: ConnectionName.make("second")
})

export const newCredential = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: ProviderId
) {
  const credential: NewCredential = {
    id: yield* newCredentialId,
    tenantId,
    owner: tenantsOwn,
    provider,
    label: "production",
    status: "validated",
    createdBy: ann,
    userHash: hashOf(tenantId),
    sealedFields: sealedBytes(),
    account: { id: "account-1", label: "Acme" }
  }
  return credential
})

export const storedCredentialId = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: ProviderId,
  account?: Account
) {
  const credentials = yield* CredentialStore
  return (yield* credentials.insert({ ...(yield* newCredential(tenantId, provider)), account })).id
})

export const newGrant = Effect.fnUntraced(function* (overrides: Partial<SealedGrant> = {}) {
  const grant: SealedGrant = {
    id: yield* newGrantId,
    accessToken: sealedBytes(),
    refreshToken: sealedBytes(),
    dpopKey: sealedBytes(),
    tokenType: "bearer",
    expiresIn: 3600,
    // The keeper of other tests must not find it.
    dueIn: undefined,
    clientFingerprint: "ab".repeat(32),
    ...overrides
  }
  return grant
})

export const withCredential = (credentialId: CredentialId): ConnectedWith => ({
  _tag: "Credential",
  credentialId
})

export const withGrant = (
  grant: SealedGrant,
  scopes: ReadonlyArray<string> = ["read:user", "repo"],
  more: Partial<Extract<ConnectedWith, { readonly _tag: "Grant" }>> = {}
): ConnectedWith => ({
  _tag: "Grant",
  grant,
  scopes,
  fields: {},
  account: undefined,
  reauthorizes: false,
  ...more
})

/** The integration's own id, where the tenant has had it before. */
const idOf = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  return yield* connections.find(key).pipe(
    Effect.map(({ id }) => id),
    Effect.catchTags({
      IntegrationNotFound: () => newIntegrationId,
      StorageUnavailable: Effect.die
    })
  )
})

export const connectCommand = Effect.fnUntraced(function* (
  key: IntegrationKey,
  connectedWith: ConnectedWith,
  connectedBy: UserId = ann
) {
  const command: ConnectIntegration = {
    ...key,
    newId: yield* idOf(key),
    connectedBy,
    userHash: hashOf(key.tenantId, connectedBy),
    with: connectedWith,
    publish: { id: yield* newEventId, event: "integration.connected", connectedBy }
  }
  return command
})

export const disconnectCommand = Effect.fnUntraced(function* (
  key: IntegrationKey,
  disconnectedBy: UserId = ann
) {
  const command: DisconnectIntegration = {
    ...key,
    userHash: hashOf(key.tenantId, disconnectedBy),
    publish: {
      id: yield* newEventId,
      event: "integration.disconnected",
      disconnectedBy,
      reason: "user"
    }
  }
  return command
})

export const newFlow = (tenantId: TenantId, overrides: Partial<NewFlow> = {}): NewFlow => ({
  tenantId,
  userId: ann,
  provider: github,
  ...tenantsDefault,
  binding: "cookie",
  redirectUrl: "https://app.example/settings?tab=a%20b#done",
  redirectUri: "https://api.example/v1/integrations/github/callback",
  server: {
    issuer: "https://github.com",
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
    clientId: "client-1"
  },
  scopes: ["read:user", "repo"],
  fields: {},
  reauthorizes: false,
  stateHash: freshHash(),
  browserHash: freshHash(),
  sealedSecrets: sealedBytes(),
  userHash: hashOf(tenantId, overrides.userId),
  ...overrides
})
