import {
  type Acquisition,
  ConnectionStore,
  CryptoLive,
  type EndGrant,
  newEventId,
  type RefreshLease,
  type TenantId,
  UserId
} from "@hawser/core"
import { Duration, Effect } from "effect"
import { keyOf, sealed } from "./commands.ts"

const leaseTime = Duration.seconds(30)

const eventId = newEventId.pipe(Effect.provide(CryptoLive))

/** Asks for the right to refresh what a tenant has. */
export const acquire = Effect.fnUntraced(function* (tenantId: TenantId) {
  const connections = yield* ConnectionStore
  const key = keyOf(tenantId)
  const { generation, id: grantId } = yield* connections.grant(key)
  return yield* connections.acquireLease({
    ...key,
    grantId,
    generation,
    holder: "worker",
    clientVersion: "client",
    lease: leaseTime
  })
})

/** The lease that must be granted. */
export const granted = (acquisition: Acquisition): Effect.Effect<RefreshLease> =>
  acquisition._tag === "Acquired"
    ? Effect.succeed(acquisition.lease)
    : Effect.die(`not acquired: ${acquisition._tag}`)

export const leaseOf = (tenantId: TenantId) => Effect.flatMap(acquire(tenantId), granted)

export const renewCommand = Effect.map(eventId, (id) => ({
  tokens: {
    accessToken: sealed(),
    refreshToken: sealed(),
    tokenType: "bearer",
    expiresIn: 3600,
    dueIn: 3300
  },
  scopes: ["repo", "gist"],
  publish: { id, event: "integration.recovered" as const }
}))

export const deferCommand = Effect.map(eventId, (id) => ({
  retryIn: Duration.zero,
  problem: "provider_unavailable" as const,
  ambiguous: false,
  publish: { id, event: "integration.error" as const, error: "provider_unavailable" as const }
}))

export const endCommand = Effect.map(
  eventId,
  (id) =>
    ({
      reason: "refresh_failed",
      quarantine: Duration.days(7),
      publish: {
        id,
        event: "integration.disconnected",
        disconnectedBy: UserId.make("system"),
        reason: "refresh_failed"
      }
    }) satisfies EndGrant
)

export const revokedCommand = Effect.map(endCommand, ({ publish, quarantine }) => ({
  quarantine,
  publish: { ...publish, reason: "revoked" as const }
}))

export const restored = Effect.map(eventId, (id) => ({
  id,
  event: "integration.connected" as const
}))

export const expiring = Effect.map(eventId, (id) => ({
  id,
  event: "integration.expiring" as const
}))
