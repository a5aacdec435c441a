import { expect } from "@effect/vitest"
import {
  hashKeyContext,
  Maintenance,
  type Sealed,
  type SealedAddress,
  type StoredSealed
} from "@hawser/core"
import { Effect } from "effect"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** An envelope under a key that no other test names. */
const envelope = (): Sealed =>
  Uint8Array.from([1, 36, ...new TextEncoder().encode(crypto.randomUUID()), 7]) as Sealed

/** What `Maintenance` promises of the key of keyed hashes. A database may hold a key of another test. */
export const hashKeySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-104 keeps the first key of all that are offered, and answers everybody that one",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const answers = yield* inParallel(times(20, () => maintenance.keepHashKey(envelope())))
      const kept = yield* maintenance.findHashKey
      expect(new Set(answers.succeeded.map((one) => [...one].join()))).toStrictEqual(
        new Set([[...(kept ?? expect.fail())].join()])
      )
    }),
    timeout
  )

  it.effect(
    "S-45 the key of keyed hashes is among the sealed values, and is replaced as they are",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const kept = yield* maintenance.keepHashKey(envelope())
      const exceptKeyId = crypto.randomUUID()
      let after: SealedAddress | undefined
      let stored: StoredSealed | undefined
      while (stored === undefined) {
        const batch = yield* maintenance.sealedValues({ exceptKeyId, limit: 1_000, after })
        after = batch.at(-1)?.address ?? expect.fail()
        stored = batch.find(({ recordId }) => recordId === hashKeyContext.recordId)
      }
      expect(stored).toMatchObject(hashKeyContext)
      expect([...stored.sealed]).toStrictEqual([...kept])
      const by = envelope()
      expect(yield* maintenance.replaceSealed(stored, by)).toBe(true)
      expect([...((yield* maintenance.findHashKey) ?? [])]).toStrictEqual([...by])
    }),
    timeout
  )
}
