import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Caller } from "./callers.ts"
import { startHawser } from "./hawser.ts"
import type { Settings } from "./settings.ts"

/** A start of a host on Express whose tables are there already, as each start but the first is. */
export interface ColdStart {
  /** Milliseconds from the start of the process to its first answer, a tenant's list of connections. */
  readonly answeredAfter: number
  /** Milliseconds of its CPU until then. */
  readonly cpu: number
  /** Bytes, after that answer. */
  readonly rss: number
}

const file = fileURLToPath(new URL("./start-host.js", import.meta.url))

const startOnce = async (settings: Settings, { token }: Caller): Promise<ColdStart> => {
  const began = performance.now()
  const child = fork(file, [JSON.stringify(settings)], {
    execArgv: [],
    env: { ...process.env, NODE_ENV: "production" }
  })
  const told = async <A>(): Promise<A> => {
    const [message] = (await once(child, "message", { signal: AbortSignal.timeout(60_000) })) as [A]
    return message
  }
  const { port } = await told<{ readonly port: number }>()
  const response = await fetch(`http://127.0.0.1:${port}/v1/integrations`, {
    headers: { authorization: `Bearer ${token}` }
  })
  await response.text()
  if (!response.ok) throw new Error(`The first request was answered with ${response.status}.`)
  const answeredAfter = performance.now() - began
  const usage = told<Pick<ColdStart, "cpu" | "rss">>()
  child.send({})
  const { cpu, rss } = await usage
  const exit = once(child, "exit")
  child.disconnect()
  await exit
  return { answeredAfter, cpu, rss }
}

export const measureStarts = async (
  settings: Settings,
  caller: Caller,
  count: number
): Promise<ReadonlyArray<ColdStart>> => {
  // Makes the tables.
  await (await startHawser(settings)).close()
  const starts: Array<ColdStart> = []
  for (let index = 0; index < count; index++) starts.push(await startOnce(settings, caller))
  return starts
}
