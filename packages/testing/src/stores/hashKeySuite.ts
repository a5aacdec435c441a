import { expect } from "@effect/vitest"
import {
  hashKeyContext,
  HashKeyStore,
  type Sealed,
  type SealedAddress,
  SealedValues,
  type StoredSealed
} from "@hawser/core"
import { Effect } from "effect"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** An envelope under a key that no other test names. */
const envelope = (): Sealed =>
  Uint8Array.from([1, 36, ...new TextEncoder().encode(crypto.randomUUID()), 7]) as Sealed

/** The promises of `HashKeyStore`. A database may hold a key of another test. */
export const hashKeySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-104 keeps the first key of all that are offered, and answers everybody that one",
    Effect.fnUntraced(function* () {
      const store = yield* HashKeyStore
      const answers = yield* inParallel(times(20, () => store.keep(envelope())))
      const kept = yield* store.find
      expect(new Set(answers.succeeded.map((one) => [...one].join()))).toStrictEqual(
        new Set([[...(kept ?? expect.fail())].join()])
      )
    }),
    timeout
  )

  it.effect(
    "S-45 the key of keyed hashes is among the sealed values, and is replaced as they are",
    Effect.fnUntraced(function* () {
      const store = yield* HashKeyStore
      const values = yield* SealedValues
      const kept = yield* store.keep(envelope())
      const exceptKeyId = crypto.randomUUID()
      let after: SealedAddress | undefined
      let stored: StoredSealed | undefined
      while (stored === undefined) {
        const batch = yield* values.batch({ exceptKeyId, limit: 1_000, after })
        after = batch.at(-1)?.address ?? expect.fail()
        stored = batch.find(({ recordId }) => recordId === hashKeyContext.recordId)
      }
      expect(stored).toMatchObject(hashKeyContext)
      expect([...stored.sealed]).toStrictEqual([...kept])
      const by = envelope()
      expect(yield* values.replace(stored, by)).toBe(true)
      expect([...((yield* store.find) ?? [])]).toStrictEqual([...by])
    }),
    timeout
  )
}
