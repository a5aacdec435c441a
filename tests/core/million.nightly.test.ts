import { assert, it } from "@effect/vitest"
import { CryptoLive } from "@hawser/core"
import { Effect, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { freshSecret } from "../../packages/core/src/vault/secrets.ts"

const count = 1_000_000
/** This is work, not waiting: seconds on a core of its own, and as much longer as others use that core. */
const timeout = 600_000

/** Of a million random ones, the first 8 bytes of two are the same with a probability below 10^-7. */
const areAllDifferent = (drawn: BigUint64Array): boolean => {
  const ordered = drawn.toSorted()
  return !ordered.some((value, index) => value === ordered[index - 1])
}

it.effect(
  "S-01 a secret of a flow comes once in a million, in at least 43 characters of base64url",
  Effect.fnUntraced(function* () {
    const drawn = new BigUint64Array(count)
    for (let i = 0; i < count; i++) {
      const secret = Redacted.value(yield* freshSecret)
      if (!/^[A-Za-z0-9_-]{43,}$/.test(secret)) assert.fail(secret)
      drawn[i] = Buffer.from(secret, "base64url").readBigUInt64BE()
    }
    assert.isTrue(areAllDifferent(drawn))
  }, Effect.provide(CryptoLive)),
  timeout
)

it.effect(
  "S-43 the source that nonces are drawn from gives a million different ones",
  Effect.fnUntraced(function* () {
    const random = yield* SecureRandom.SecureRandom
    const drawn = new BigUint64Array(count)
    for (let i = 0; i < count; i++) {
      const nonce = yield* random.randomBytes(12)
      drawn[i] = new DataView(nonce.buffer, nonce.byteOffset).getBigUint64(0)
    }
    assert.isTrue(areAllDifferent(drawn))
  }, Effect.provide(CryptoLive)),
  timeout
)
