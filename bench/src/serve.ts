import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout } from "node:timers/promises"
import type { Contender, Settings } from "./settings.ts"

/** What the measuring process asks of a contender's process, and what it answers. */
export type Question = { readonly ask: "usage" | "collect" | "close" }
export interface Usage {
  /** Milliseconds of this process's CPU, in user and system mode, since it began. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  /** How often garbage was collected. */
  readonly collections: number
}

const start = async (settings: Settings): Promise<Contender> => {
  switch (settings.contender) {
    case "hawser":
      return (await import("./hawser.ts")).startHawser(settings)
    case "by-hand":
      return (await import("./by-hand/start.ts")).startByHand(settings)
    case "better-auth":
      return (await import("./better-auth.ts")).startBetterAuth(settings)
  }
}

const settings = JSON.parse(process.argv[2] ?? "") as Settings
const contender = await start(settings)
const server = createServer(contender.listener)
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))

let collections = 0
new PerformanceObserver((list) => void (collections += list.getEntries().length)).observe({
  entryTypes: ["gc"]
})

const usage = (): Usage => {
  const { system, user } = process.cpuUsage()
  const { heapUsed, rss } = process.memoryUsage()
  return { cpu: (user + system) / 1_000, rss, heapUsed, collections }
}

const answers = {
  usage: async () => usage(),
  collect: async () => {
    globalThis.gc?.()
    // The observer hears of this collection too, a little later.
    await setTimeout(20)
    return usage()
  },
  close: async () => {
    server.closeAllConnections()
    server.close()
    await contender.close()
    return {}
  }
}

const answer = async ({ ask }: Question): Promise<void> => {
  process.send?.(await answers[ask]())
  if (ask === "close") process.disconnect()
}

process.on("message", (question: Question) => void answer(question))
// Also where the measuring process has died.
process.on("disconnect", () => process.exit())
process.send?.({ port: (server.address() as AddressInfo).port })
