import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  type Cipher,
  ConnectionStore,
  StorageUnavailable,
  tenantsDefault
} from "@hawser/core"
import { connectForge, makeHost, tokenResponse, ofForge } from "./support/host.ts"

const token = Effect.map(accessToken(ofForge), ({ accessToken }) => Redacted.value(accessToken))

/** A provider that rotates, and a key management that a test may take away. */
const rotating = (cipher: (own: Cipher["Service"]) => Cipher["Service"]) => {
  let issued = 0
  const presented: Array<string> = []
  const host = makeHost({
    cipher,
    answer: ({ body = "" }) => {
      const refreshToken = new URLSearchParams(body).get("refresh_token")
      if (refreshToken !== null) presented.push(refreshToken)
      issued++
      return tokenResponse({
        access_token: `access-${issued}`,
        refresh_token: `refresh-${issued}`,
        expires_in: 3600
      })
    }
  })
  return { ...host, presented }
}

const away = Effect.fail(new StorageUnavailable({ cause: "the key management does not answer" }))

describe("While the key management is away", () => {
  it.effect(
    "S-35 what a provider just issued is not lost: it is sealed once the keys are back",
    () => {
      let failures = 0
      const refused = Deferred.makeUnsafe<void>()
      const { layer, presented } = rotating((own) => ({
        ...own,
        seal: (...value) =>
          Effect.suspend(() => {
            if (failures-- <= 0) return own.seal(...value)
            Deferred.doneUnsafe(refused, Effect.void)
            return away
          })
      }))
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        failures = 3
        const asking = yield* Effect.forkChild(token, { startImmediately: true })
        yield* Deferred.await(refused)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* Fiber.join(asking), "access-2")
        assert.deepStrictEqual(presented, ["refresh-1"])
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("a stored token cannot be read for now, and neither ends nor is reported", () => {
    let isAway = false
    const { layer, presented, securityEvents } = rotating((own) => ({
      ...own,
      open: (...value) => Effect.suspend(() => (isAway ? away : own.open(...value)))
    }))
    return Effect.gen(function* () {
      yield* connectForge()
      const reported = securityEvents.length
      isAway = true
      for (const _ of ["fresh", "expired"]) {
        const error = yield* Effect.flip(token)
        assert(error._tag === "StorageUnavailable" && error.retryable)
        yield* TestClock.adjust("2 hours")
      }
      const connections = yield* ConnectionStore
      const found = yield* connections.find({ ...ofForge, ...tenantsDefault })
      assert.strictEqual(found.status, "connected")
      assert.strictEqual(securityEvents.length, reported)
      assert.deepStrictEqual(presented, [])
      isAway = false
      assert.strictEqual(yield* token, "access-2")
    }).pipe(Effect.provide(layer))
  })
})
