import { setTimeout as sleep } from "node:timers/promises"
import { providerId, startHost } from "../host.ts"
import type { StormReport, StormTask } from "./messages.ts"

/** One process of the storm: callers that ask for tokens of random tenants until they are told to stop. */

const over = new AbortController()

/** The instant at which the server lets a token end stands in the token. */
const endOf = (accessToken: string): number => Number(accessToken.split(".")[3])

const run = async (task: StormTask): Promise<StormReport> => {
  const hawser = await startHost(task)
  const times: Array<number> = []
  const errors: Record<string, number> = {}
  let expired = 0

  const call = async () => {
    while (!over.signal.aborted) {
      const tenantId = task.tenants[Math.floor(Math.random() * task.tenants.length)] ?? ""
      const began = performance.now()
      try {
        const { token: accessToken } = await hawser.tenant(tenantId).connection(providerId).token()
        if (endOf(accessToken) <= Date.now()) expired++
      } catch (error) {
        const code = String((error as { code?: unknown }).code ?? error)
        errors[code] = (errors[code] ?? 0) + 1
      }
      times.push(performance.now() - began)
      await sleep(Math.random() * 100)
    }
  }
  await Promise.all(Array.from({ length: task.callers }, call))
  await hawser.close()
  const sorted = times.toSorted((a, b) => a - b)
  return {
    reads: times.length,
    expired,
    errors,
    slowest: Math.round(sorted.at(-1) ?? 0),
    p99: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0)
  }
}

process.on("message", (message: StormTask | "stop") => {
  if (message === "stop") {
    over.abort()
    return
  }
  run(message).then(
    (report) => process.send?.(report, undefined, undefined, () => process.disconnect()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    }
  )
})
// The coordinator is gone: nobody would ever say stop.
process.on("disconnect", () => {
  over.abort()
})
