/**
 * A subscriber in a process of its own, so that a test can kill it: its handler reports each event and is done when the
 * test answers.
 */
import { EventBus } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Duration, Effect, Option } from "effect"
import { once } from "node:events"
import { allDelivered } from "./subscriber.ts"

const [, , url, subscriber] = process.argv
if (subscriber === undefined) throw new Error("Give the database's URL and the subscriber's name")

const handle = (id: string): Effect.Effect<unknown> =>
  Effect.promise(() => {
    const answered = once(process, "message")
    process.send?.(id)
    return answered
  })

await Effect.gen(function* () {
  const bus = yield* EventBus
  for (;;) {
    const claimed = yield* bus.claim(subscriber, { limit: 25, lease: Duration.millis(500) })
    if (Option.isNone(claimed)) {
      yield* Effect.sleep("10 millis")
      continue
    }
    for (const { event } of claimed.value.deliveries) yield* handle(event.id)
    yield* bus.settle(claimed.value, allDelivered(claimed.value))
  }
}).pipe(Effect.provide(postgres({ url, maxConnections: 1 }).layer), Effect.runPromise)
