import { expect } from "@effect/vitest"
import {
  type AcquireLease,
  type Acquisition,
  ConnectionStore,
  type DueGrant,
  type EndGrant,
  type EndReason,
  type IntegrationKey,
  Maintenance,
  newEventId,
  type RefreshLease,
  type RefreshProblem,
  type SealedGrant,
  type SealedTokens,
  type StoredGrant,
  UserId
} from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import {
  connectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  sealedBytes,
  withGrant
} from "./fixtures.ts"

export const leaseTime = Duration.seconds(30)
export const system = UserId.make("system")

/** A client that no other test knows, so that nothing else counts for its brake. Its version is the same text. */
export const freshFingerprint = (): string => crypto.randomUUID()

/** An integration of a tenant of its own, connected with a grant that lives for an hour. */
export const connectedGrant = Effect.fnUntraced(function* (
  overrides: Partial<SealedGrant> = {},
  more: Parameters<typeof withGrant>[2] = {}
) {
  const connections = yield* ConnectionStore
  const key = keyOf(yield* freshTenant, github)
  const grant = yield* newGrant({ clientFingerprint: freshFingerprint(), ...overrides })
  const integration = yield* connections.connect(
    yield* connectCommand(key, withGrant(grant, undefined, more))
  )
  return { key, grant, integration }
})

/** Asks for the right to refresh what is stored now. */
export const acquireStored = Effect.fnUntraced(function* (
  key: IntegrationKey,
  overrides: Partial<AcquireLease> = {}
) {
  const connections = yield* ConnectionStore
  const { clientFingerprint, generation, id: grantId } = yield* connections.grant(key)
  return yield* connections.acquireLease({
    ...key,
    grantId,
    generation,
    holder: "worker",
    clientVersion: clientFingerprint,
    lease: leaseTime,
    ...overrides
  })
})

/** The lease that must be granted. */
export const granted = (acquisition: Acquisition): RefreshLease => {
  if (acquisition._tag !== "Acquired") return expect.fail(`not acquired: ${acquisition._tag}`)
  return acquisition.lease
}

export const leaseOf = (key: IntegrationKey, overrides: Partial<AcquireLease> = {}) =>
  Effect.map(acquireStored(key, overrides), granted)

export const newTokens = (overrides: Partial<SealedTokens> = {}): SealedTokens => ({
  accessToken: sealedBytes(),
  refreshToken: sealedBytes(),
  tokenType: "bearer",
  expiresIn: 3600,
  dueIn: undefined,
  ...overrides
})

export const renewCommand = Effect.fnUntraced(function* (
  tokens: SealedTokens = newTokens(),
  scopes: ReadonlyArray<string> = ["read:user", "repo"]
) {
  return {
    tokens,
    scopes,
    publish: { id: yield* newEventId, event: "integration.recovered" as const }
  }
})

export const deferCommand = Effect.fnUntraced(function* (
  options: {
    readonly retryIn?: Duration.Duration
    readonly problem?: RefreshProblem
    readonly ambiguous?: boolean
  } = {}
) {
  const {
    ambiguous = false,
    problem = "provider_unavailable",
    retryIn = Duration.seconds(10)
  } = options
  return {
    retryIn,
    problem,
    ambiguous,
    publish: {
      id: yield* newEventId,
      event: "integration.error" as const,
      error: "provider_unavailable" as const
    }
  }
})

export const endCommand = Effect.fnUntraced(function* (reason: EndReason = "refresh_failed") {
  return {
    reason,
    quarantine: Duration.days(7),
    publish: {
      id: yield* newEventId,
      event: "integration.disconnected" as const,
      disconnectedBy: system,
      reason: "refresh_failed" as const
    }
  } satisfies EndGrant
})

/** Ends the integration as its provider would by refusing the refresh token. */
export const endStored = Effect.fnUntraced(function* (
  key: IntegrationKey,
  reason?: EndReason,
  overrides: Partial<AcquireLease> = {}
) {
  const connections = yield* ConnectionStore
  return yield* connections.endGrant(yield* leaseOf(key, overrides), yield* endCommand(reason))
})

/** The access token's end comes while the provider cannot be reached: the integration stands at `error`. */
export const failingGrant = Effect.fnUntraced(function* (
  key: IntegrationKey,
  problem?: RefreshProblem
) {
  const connections = yield* ConnectionStore
  yield* advance(Duration.hours(1))
  const command = yield* deferCommand(problem === undefined ? {} : { problem })
  yield* connections.deferRefresh(yield* leaseOf(key), command)
  yield* advance(Duration.seconds(10))
  return command.publish.id
})

/** Claims all that is due now, of whatever test, and answers what of it is this integration's. */
export const claimDueOf = Effect.fnUntraced(function* (
  key: IntegrationKey,
  hold: Duration.Duration = Duration.seconds(30)
) {
  const maintenance = yield* Maintenance
  const due = yield* maintenance.claimDueGrants({ limit: 1_000_000, hold })
  return due.filter(({ tenantId }) => tenantId === key.tenantId)
})

/** The one due grant of this integration, which must be there. */
export const claimOneDue = Effect.fnUntraced(function* (key: IntegrationKey) {
  const [due, ...others] = yield* claimDueOf(key)
  expect(others).toStrictEqual([])
  return due ?? expect.fail("nothing is due")
})

/** What a claim would have given for a grant that was read. */
export const dueOf = (key: IntegrationKey, grant: StoredGrant): DueGrant => ({
  ...key,
  integrationId: grant.integrationId,
  grant,
  expiryTold: false,
  refreshEndsSoon: false
})
