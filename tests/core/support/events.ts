import { Effect, Layer } from "effect"
import { MemoryStores } from "@hawser/memory"
import {
  AuthorizationServerClient,
  Cipher,
  ConnectionStore,
  tenantsDefault,
  type IntegrationEvent,
  Keeper,
  newEventId,
  newGrantId,
  newIntegrationId,
  ProviderId,
  ProviderRegistry,
  ProviderTraffic,
  type Sealed,
  SecurityLog,
  type Subscription,
  TenantId,
  UserId
} from "@hawser/core"
import { NodeCrypto } from "@hawser/egress"

/** Stores, randomness, and for the keeper and revocations nothing to do: all that recording and delivering events need. */
export const eventStores = () =>
  Layer.mergeAll(
    Layer.fresh(MemoryStores.layer),
    NodeCrypto.layer,
    Layer.succeed(Keeper, {
      begin: Effect.succeed(false),
      drain: Effect.void,
      awaitIdle: Effect.void
    }),
    // A provider that is not configured is never asked.
    Layer.succeed(ProviderRegistry, ProviderRegistry.make([])),
    Layer.mock(AuthorizationServerClient, {}),
    Layer.mock(Cipher, { primaryKeyId: "none" }),
    ProviderTraffic.layer(),
    Layer.succeed(SecurityLog, { report: () => Effect.void })
  )

const userId = UserId.make("ann")
const keyOf = (tenantId: string, provider = "forge") => ({
  tenantId: TenantId.make(tenantId),
  provider: ProviderId.make(provider),
  ...tenantsDefault
})

/** Records `integration.connected` of this tenant's integration with the provider. */
export const recordConnected = Effect.fnUntraced(function* (tenantId: string, provider?: string) {
  const connections = yield* ConnectionStore
  const newId = yield* connections.find(keyOf(tenantId, provider)).pipe(
    Effect.map(({ id }) => id),
    Effect.catchTag("IntegrationNotFound", () => newIntegrationId)
  )
  yield* connections.connect({
    ...keyOf(tenantId, provider),
    newId,
    connectedBy: userId,
    userHash: new Uint8Array(32),
    with: {
      _tag: "Grant",
      grant: {
        id: yield* newGrantId,
        accessToken: new Uint8Array() as Sealed,
        refreshToken: undefined,
        dpopKey: undefined,
        tokenType: "bearer",
        expiresIn: undefined,
        dueIn: undefined,
        clientFingerprint: ""
      },
      scopes: [],
      fields: {},
      account: undefined,
      reauthorizes: false
    },
    publish: { id: yield* newEventId, event: "integration.connected", connectedBy: userId }
  })
})

/** Records `integration.disconnected` of this tenant's one integration. */
export const recordDisconnected = Effect.fnUntraced(function* (tenantId: string) {
  const connections = yield* ConnectionStore
  yield* connections.disconnect({
    ...keyOf(tenantId),
    userHash: undefined,
    publish: {
      id: yield* newEventId,
      event: "integration.disconnected",
      disconnectedBy: userId,
      reason: "user"
    }
  })
})

/** Records the two in turn, `count` events together. */
export const recordChanges = Effect.fnUntraced(function* (tenantId: string, count: number) {
  for (let i = 0; i < count; i++) {
    yield* i % 2 === 0 ? recordConnected(tenantId) : recordDisconnected(tenantId)
  }
})

/** How an event is written in a test: tenant and what happened. */
export const named = ({ event, tenantId }: IntegrationEvent): string =>
  `${tenantId} ${event.replace("integration.", "")}`

/** A subscriber to everything from the beginning, for tests to change members of. */
export const subscription = <E = never, R = never>(
  handle: (event: IntegrationEvent) => Effect.Effect<void, E, R>,
  changes: Partial<Subscription<E, R>> = {}
): Subscription<E, R> => ({
  name: "test",
  events: new Set(["integration.connected", "integration.disconnected"]),
  from: "beginning",
  handle: ({ event }) => handle(event),
  ...changes
})
