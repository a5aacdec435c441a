import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { GrantId, ProviderId, RefusedTokens, TenantId, tenantsDefault } from "@hawser/core"

const query = {
  tenantId: TenantId.make("acme"),
  ...tenantsDefault,
  provider: ProviderId.make("forge")
}
const grantId = GrantId.make(`gnt_${"0".repeat(26)}`)
const token = (generation: number) => ({ grantId, generation, lifetime: 3600 })

/** Generation 2 came of the refusal of generation 1. */
const refusedOnce = Effect.tap(RefusedTokens, (refused) => refused.remember(query, token(2)))

describe("S-40 a token that came of a refusal and is refused as well", () => {
  it.effect("is not refreshed again, and one of another grant is", () =>
    Effect.gen(function* () {
      const refused = yield* refusedOnce
      assert.isFalse(yield* refused.mayRefresh(query, token(2)))
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* refused.mayRefresh(query, token(2)))
      const another = { ...token(2), grantId: GrantId.make(`gnt_${"1".repeat(26)}`) }
      assert.isTrue(yield* refused.mayRefresh(query, another))
    }).pipe(Effect.provide(RefusedTokens.layer))
  )

  it.effect("holds newer ones back for half of its lifetime, in which none comes in due time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      const refused = yield* refusedOnce
      yield* TestClock.adjust("1799 seconds")
      assert.isFalse(yield* refused.mayRefresh(query, token(3)))
      yield* TestClock.adjust("1 second")
      // The clock on the wall steps back.
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      assert.isTrue(yield* refused.mayRefresh(query, token(3)))
    }).pipe(Effect.provide(RefusedTokens.layer))
  )
})
