/** A host's start and end in a process of its own, when the test says so. */
import { postgres } from "@hawser/postgres"
import { Effect, Layer } from "effect"
import { once } from "node:events"

const [, , url] = process.argv

process.send?.("ready")
await once(process, "message")
await Effect.runPromise(Effect.scoped(Layer.build(postgres({ url, maxConnections: 1 }).layer)))
process.disconnect()
