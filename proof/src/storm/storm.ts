import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { startRotatingServer } from "../../../test-support/rotating-server.ts"
import { connectTenant, type HostSettings, newEncryptionKey, startHost } from "../host.ts"
import type { StormReport, StormTask } from "./messages.ts"

export interface StormOptions {
  /** An empty database that is as durable as a host's: `fsync` and `synchronous_commit` on. */
  readonly databaseUrl: string
  readonly processes: number
  /** Callers in each process. */
  readonly callers: number
  /** Tenants that are connected, one grant each. */
  readonly grants: number
  /** Ends of access tokens after which the storm is over. */
  readonly expiries: number
  readonly onProgress?: (expiries: number) => void
}

export interface StormResult {
  readonly seconds: number
  readonly reads: number
  readonly refreshes: number
  /** Requests that reached the token endpoint beyond one for each refresh and each connect. */
  readonly needless: number
  readonly reuses: number
  readonly expired: number
  readonly errors: Readonly<Record<string, number>>
  readonly p99: number
  readonly slowest: number
}

const callersFile = fileURLToPath(new URL("callers.ts", import.meta.url))

/** Seconds that an access token lives: each is refreshed when half of it is over. */
const lifetime = 12

/**
 * Many callers in several processes ask for tokens that end all the time, of an authorization server that rotates refresh
 * tokens and ends a grant whose old one comes back.
 */
export const storm = async (options: StormOptions): Promise<StormResult> => {
  const server = await startRotatingServer({ lifetime, latencyMs: 20 })
  const settings: HostSettings = {
    databaseUrl: options.databaseUrl,
    encryptionKey: newEncryptionKey(),
    server: {
      origin: server.origin,
      clientId: server.clientId,
      clientSecret: server.clientSecret
    }
  }
  const children: Array<ChildProcess> = []
  try {
    const tenants = Array.from({ length: options.grants }, (_, index) => `tenant-${index}`)
    const hawser = await startHost(settings, { workers: "off" })
    for (const tenant of tenants) await connectTenant(hawser, tenant)
    await hawser.close()

    const began = performance.now()
    const task: StormTask = { ...settings, callers: options.callers, tenants }
    for (let index = 0; index < options.processes; index++) {
      const child = fork(callersFile, { execArgv: ["--conditions=@hawser/source"] })
      children.push(child)
      child.send(task)
    }
    const reports = children.map(reportOf)
    while (server.refreshes() < options.expiries && children.every(isRunning)) {
      await sleep(250)
      options.onProgress?.(server.refreshes())
    }
    for (const child of children) if (child.connected) child.send("stop")
    const seen = await Promise.all(reports)
    const seconds = Math.round((performance.now() - began) / 1000)
    return {
      seconds,
      reads: sum(seen.map(({ reads }) => reads)),
      refreshes: server.refreshes(),
      needless: server.tokenRequests() - server.refreshes() - options.grants,
      reuses: server.reuses(),
      expired: sum(seen.map(({ expired }) => expired)),
      errors: joined(seen.map(({ errors }) => errors)),
      p99: Math.max(...seen.map(({ p99 }) => p99)),
      slowest: Math.max(...seen.map(({ slowest }) => slowest))
    }
  } finally {
    for (const child of children) child.kill("SIGKILL")
    await server.close()
  }
}

const isRunning = (child: ChildProcess): boolean =>
  child.exitCode === null && child.signalCode === null

const reportOf = async (child: ChildProcess): Promise<StormReport> => {
  const report = once(child, "message").then(([message]) => message as StormReport)
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`a process of callers ended with ${String(code)} before its report`)
  })
  return Promise.race([report, ended])
}

const sum = (numbers: ReadonlyArray<number>): number =>
  numbers.reduce((total, number) => total + number, 0)

const joined = (all: ReadonlyArray<Readonly<Record<string, number>>>): Record<string, number> => {
  const total: Record<string, number> = {}
  for (const [code, count] of all.flatMap(Object.entries<number>))
    total[code] = (total[code] ?? 0) + count
  return total
}
