import { expect } from "@effect/vitest"
import { ConnectionStore, OAuthStateStore, ownedBy, UserId } from "@hawser/core"
import { Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  ann,
  bob,
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newFlow,
  newGrant,
  sealedBytes,
  secondOf,
  withGrant
} from "./fixtures.ts"
import { burnSome, flowLifetime, parkFlow, startFlow, wideLimits } from "./flows.ts"
import { times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const carol = UserId.make("carol")

export const flowStartSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "lets a flow begin while connected only where it is to reauthorize",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      yield* connections.connect(
        yield* connectCommand(keyOf(tenantId, github), withGrant(yield* newGrant()))
      )
      const options = { lifetime: flowLifetime, limits: wideLimits }
      const error = yield* Effect.flip(flows.start(newFlow(tenantId), options))
      expect(error._tag).toBe("AlreadyConnected")
      const flow = newFlow(tenantId, { reauthorizes: true, fields: { subdomain: "acme" } })
      yield* flows.start(flow, options)
      const burned = yield* burnSome(flow)
      expect([burned.reauthorizes, burned.fields]).toStrictEqual([true, { subdomain: "acme" }])
    }),
    timeout
  )

  it.effect(
    "S-11 lets a user have so many flows pending and no more, another user their own",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const options = { lifetime: flowLifetime, limits: { perUser: 3, perTenant: 100 } }
      yield* Effect.all(times(3, () => flows.start(newFlow(tenantId), options)))
      // Whatever the provider.
      const error = yield* Effect.flip(
        flows.start(newFlow(tenantId, { provider: datadog }), options)
      )
      expect(error._tag).toBe("TooManyPendingFlows")
      yield* flows.start(newFlow(tenantId, { userId: bob }), options)
      // A user's id means nothing outside its tenant.
      yield* flows.start(newFlow(yield* freshTenant, { userId: ann }), options)
    }),
    timeout
  )

  it.effect(
    "S-11 lets a tenant have so many flows pending and no more, another tenant its own",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const options = { lifetime: flowLifetime, limits: { perUser: 2, perTenant: 3 } }
      yield* flows.start(newFlow(tenantId), options)
      yield* flows.start(newFlow(tenantId), options)
      yield* flows.start(newFlow(tenantId, { userId: bob }), options)
      const error = yield* Effect.flip(flows.start(newFlow(tenantId, { userId: bob }), options))
      expect(error._tag).toBe("TooManyPendingFlows")
      yield* flows.start(newFlow(yield* freshTenant, { userId: bob }), options)
    }),
    timeout
  )

  it.effect(
    "S-11 counts a tenant's flows apart from those of its users' own connections, so that members keep no admin from connecting",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const options = { lifetime: flowLifetime, limits: { perUser: 2, perTenant: 2 } }
      const own = (userId: typeof ann) => newFlow(tenantId, { userId, owner: ownedBy(userId) })
      yield* flows.start(own(ann), options)
      yield* flows.start(own(bob), options)
      const error = yield* Effect.flip(flows.start(own(bob), options))
      expect(error._tag).toBe("TooManyPendingFlows")
      yield* flows.start(newFlow(tenantId, { userId: carol }), options)
      yield* flows.start(newFlow(tenantId, { userId: carol }), options)
      expect((yield* Effect.flip(flows.start(newFlow(tenantId), options)))._tag).toBe(
        "TooManyPendingFlows"
      )
      // A user's own count has both.
      const wide = { lifetime: flowLifetime, limits: { perUser: 2, perTenant: 100 } }
      yield* flows.start(newFlow(tenantId), wide)
      expect((yield* Effect.flip(flows.start(own(ann), wide)))._tag).toBe("TooManyPendingFlows")
    }),
    timeout
  )

  it.effect(
    "a flow that was refused is not stored",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const options = { lifetime: flowLifetime, limits: { perUser: 1, perTenant: 1 } }
      yield* flows.start(newFlow(tenantId), options)
      const refused = newFlow(tenantId)
      yield* Effect.flip(flows.start(refused, options))
      expect(yield* flows.explainMiss(refused.stateHash)).toBe("unknown")
    }),
    timeout
  )

  it.effect(
    "S-11 counts only flows that wait: not burned, not completed, not expired",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const options = { lifetime: flowLifetime, limits: { perUser: 1, perTenant: 1 } }
      const burning = yield* freshTenant
      yield* burnSome(yield* startFlow(newFlow(burning)))
      yield* flows.start(newFlow(burning), options)

      const completing = yield* freshTenant
      const { flowIdHash } = yield* parkFlow(newFlow(completing))
      yield* flows.takeParked(flowIdHash)
      yield* flows.start(newFlow(completing), options)

      const expiring = yield* freshTenant
      yield* flows.start(newFlow(expiring), options)
      yield* Effect.flip(flows.start(newFlow(expiring), options))
      yield* advance(Duration.seconds(601))
      yield* flows.start(newFlow(expiring), options)
    }),
    timeout
  )

  it.effect(
    "S-11 counts a flow that is parked in any state until what waits has expired, the user's and the tenant's",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      for (const [as, limits] of [
        ["parked", { perUser: 2, perTenant: 100 }],
        ["confirming", { perUser: 2, perTenant: 100 }],
        ["choosing", { perUser: 2, perTenant: 100 }],
        ["choosing", { perUser: 100, perTenant: 2 }]
      ] as const) {
        const tenantId = yield* freshTenant
        const options = { lifetime: flowLifetime, limits }
        yield* parkFlow(newFlow(tenantId), as)
        yield* flows.start(newFlow(tenantId), options)
        const error = yield* Effect.flip(flows.start(newFlow(tenantId), options))
        const retryAfter = error._tag === "TooManyPendingFlows" ? error.retryAfter : Number.NaN
        // The parked one's two minutes are over first; one of them is granted to a slow database.
        expect(retryAfter).toBeLessThanOrEqual(120)
        expect(retryAfter).toBeGreaterThan(60)
        yield* advance(Duration.seconds(121))
        yield* flows.start(newFlow(tenantId), options)
        yield* Effect.flip(flows.start(newFlow(tenantId), options))
      }
    }),
    timeout
  )

  it.effect(
    "tells in how many seconds a flow will have expired, the user's or the tenant's",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      for (const limits of [
        { perUser: 2, perTenant: 100 },
        { perUser: 100, perTenant: 2 }
      ]) {
        const tenantId = yield* freshTenant
        const options = { lifetime: flowLifetime, limits }
        yield* flows.start(newFlow(tenantId), options)
        yield* advance(Duration.minutes(4))
        yield* flows.start(newFlow(tenantId), options)
        const error = yield* Effect.flip(flows.start(newFlow(tenantId), options))
        const retryAfter = error._tag === "TooManyPendingFlows" ? error.retryAfter : Number.NaN
        expect(Number.isInteger(retryAfter)).toBe(true)
        // The first of the two has 6 minutes left; a minute is granted to a slow database.
        expect(retryAfter).toBeLessThanOrEqual(360)
        expect(retryAfter).toBeGreaterThan(300)
      }
    }),
    timeout
  )

  it.effect(
    "refuses to start where the tenant's integration is connected, and only there",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const options = { lifetime: flowLifetime, limits: wideLimits }
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      const refused = newFlow(key.tenantId)
      const error = yield* Effect.flip(flows.start(refused, options))
      expect(error).toMatchObject({ _tag: "AlreadyConnected", provider: github })
      expect(yield* flows.explainMiss(refused.stateHash)).toBe("unknown")
      yield* flows.start(newFlow(key.tenantId, { provider: datadog }), options)
      yield* flows.start(newFlow(key.tenantId, { name: secondOf(key).name }), options)
      yield* flows.start(newFlow(yield* freshTenant), options)
      yield* connections.disconnect(yield* disconnectCommand(key))
      yield* flows.start(newFlow(key.tenantId), options)
    }),
    timeout
  )

  it.effect(
    "never overwrites: a second flow under one state is refused and the first stays",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant)
      yield* startFlow(flow)
      const again = newFlow(yield* freshTenant, {
        stateHash: flow.stateHash,
        sealedSecrets: sealedBytes()
      })
      expect(Exit.isFailure(yield* Effect.exit(startFlow(again)))).toBe(true)
      expect(comparable(yield* burnSome(flow))).toStrictEqual(
        comparable({ ...flow, userHash: undefined, expired: false })
      )
      // Nor does a burned flow come back to life.
      expect(Exit.isFailure(yield* Effect.exit(startFlow(again)))).toBe(true)
      expect((yield* flows.burn(flow.stateHash))._tag).toBe("None")
    }),
    timeout
  )
}
