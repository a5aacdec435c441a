import { endIfRunning } from "./running.ts"

// Asked before anything else is loaded, so that the answer is there at once.
await endIfRunning()
await import("./serve.ts")
