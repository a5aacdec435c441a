/** A rotation of keys in a process of its own, so that a test can kill it: reports each batch, goes on when it is answered, and reports the end. */
import { Cipher, rotateKeys } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Effect } from "effect"
import { once } from "node:events"
import { cipherWith } from "./ciphers.ts"

const [, , url, primary, former] = process.argv
if (primary === undefined || former === undefined) throw new Error("Give two keys")

await Effect.gen(function* () {
  const end = yield* rotateKeys((progress) =>
    Effect.promise(() => {
      const answered = once(process, "message")
      process.send?.(progress)
      return answered
    })
  ).pipe(Effect.provideServiceEffect(Cipher, cipherWith(primary, former)))
  process.send?.({ end })
}).pipe(Effect.provide(postgres({ url, maxConnections: 4 }).layer), Effect.runPromise)
process.disconnect()
