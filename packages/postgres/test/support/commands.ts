import {
  type ConnectIntegration,
  ConnectionStore,
  CredentialStore,
  CryptoLive,
  tenantsDefault,
  type DisconnectIntegration,
  newCredentialId,
  newEventId,
  type NewFlow,
  newGrantId,
  newIntegrationId,
  ProviderId,
  type Sealed,
  type SecretHash,
  type StorageUnavailable,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { Effect } from "effect"

const github = ProviderId.make("github")
const ann = UserId.make("user-ann")

export const freshTenant = (): TenantId => TenantId.make(`tenant-${crypto.randomUUID()}`)

const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
export const sealed = (): Sealed => randomBytes(64) as Sealed
export const hash = (): SecretHash => randomBytes(32) as SecretHash

const hashOf = (tenantId: TenantId): Uint8Array =>
  new TextEncoder().encode(JSON.stringify([tenantId, ann]))

export const keyOf = (tenantId: TenantId) => ({
  tenantId,
  provider: github,
  ...tenantsDefault
})

/** With the integration's own id, if the tenant has had it before. */
export const connectCommand = (
  tenantId: TenantId
): Effect.Effect<ConnectIntegration, StorageUnavailable, ConnectionStore> =>
  Effect.gen(function* () {
    const connections = yield* ConnectionStore
    const newId = yield* connections.find(keyOf(tenantId)).pipe(
      Effect.map(({ id }) => id),
      Effect.catchTag("IntegrationNotFound", () => newIntegrationId)
    )
    return {
      ...keyOf(tenantId),
      newId,
      connectedBy: ann,
      userHash: hashOf(tenantId),
      with: {
        _tag: "Grant",
        grant: {
          id: yield* newGrantId,
          accessToken: sealed(),
          refreshToken: sealed(),
          dpopKey: sealed(),
          tokenType: "bearer",
          expiresIn: 3600,
          dueIn: 3300,
          clientFingerprint: "ab".repeat(32)
        },
        scopes: ["repo"],
        fields: {},
        account: undefined,
        reauthorizes: false
      },
      publish: { id: yield* newEventId, event: "integration.connected", connectedBy: ann }
    } satisfies ConnectIntegration
  }).pipe(Effect.provide(CryptoLive))

export const disconnectCommand = (tenantId: TenantId): Effect.Effect<DisconnectIntegration> =>
  Effect.gen(function* () {
    return {
      ...keyOf(tenantId),
      userHash: hashOf(tenantId),
      publish: {
        id: yield* newEventId,
        event: "integration.disconnected",
        disconnectedBy: ann,
        reason: "user"
      }
    } satisfies DisconnectIntegration
  }).pipe(Effect.provide(CryptoLive))

/** Connects a tenant and answers the event's id. */
export const connect = Effect.fnUntraced(function* (tenantId: TenantId) {
  const command = yield* connectCommand(tenantId)
  yield* (yield* ConnectionStore).connect(command)
  return command.publish.id
})

export const disconnect = Effect.fnUntraced(function* (tenantId: TenantId) {
  const command = yield* disconnectCommand(tenantId)
  yield* (yield* ConnectionStore).disconnect(command)
  return command.publish.id
})

/** Stores an API key and answers a command that connects with it. */
export const connectWithCredential = Effect.fnUntraced(function* (tenantId: TenantId) {
  const command = yield* connectCommand(tenantId)
  const id = yield* newCredentialId.pipe(Effect.provide(CryptoLive))
  yield* (yield* CredentialStore).insert({
    id,
    tenantId,
    owner: tenantsOwn,
    provider: github,
    label: undefined,
    status: "validated",
    createdBy: ann,
    userHash: hashOf(tenantId),
    sealedFields: sealed()
  })
  return { ...command, with: { _tag: "Credential", credentialId: id } } satisfies ConnectIntegration
})

export const newFlow = (tenantId: TenantId): NewFlow => ({
  ...keyOf(tenantId),
  owner: tenantsOwn,
  userId: ann,
  userHash: hashOf(tenantId),
  binding: "cookie",
  redirectUrl: "https://app.example/settings",
  redirectUri: "https://api.example/v1/integrations/github/callback",
  server: {
    issuer: "https://github.com",
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
    clientId: "client-1"
  },
  scopes: ["repo"],
  fields: {},
  reauthorizes: false,
  stateHash: hash(),
  browserHash: hash(),
  sealedSecrets: sealed()
})
