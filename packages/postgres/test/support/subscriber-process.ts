/** A subscriber in a process of its own, so that a test can kill it: reports each event that it hands to its handler. */
import { EventBus } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Duration, Effect, Option } from "effect"
import { allDelivered } from "./subscriber.ts"

const [, , url, subscriber] = process.argv
if (subscriber === undefined) throw new Error("Give the database's URL and the subscriber's name")

const report = (id: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.send?.(id, undefined, {}, () => resume(Effect.void))
  })

await Effect.gen(function* () {
  const bus = yield* EventBus
  for (;;) {
    const claimed = yield* bus.claim(subscriber, { limit: 25, lease: Duration.millis(500) })
    if (Option.isNone(claimed)) {
      yield* Effect.sleep("10 millis")
      continue
    }
    for (const { event } of claimed.value.deliveries) yield* report(event.id)
    yield* bus.settle(claimed.value, allDelivered(claimed.value))
  }
}).pipe(Effect.provide(postgres({ url, maxConnections: 1 }).layer), Effect.runPromise)
