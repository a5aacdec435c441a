import { readdirSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import type { Hawser } from "hawser"
import type { Pool } from "pg"
import { statOf } from "../../test-support/process-stat.ts"
import { startContender } from "./ContenderProcess.ts"
import { importGrants, tenantsOf } from "./grants.ts"
import { makeHawser } from "./hawser.ts"
import type { Settings } from "./settings.ts"

/** How one process refreshes grants that are all due at once, each of another tenant. */
export interface KeeperTimes {
  readonly grants: number
  /** Milliseconds that the token endpoint takes. */
  readonly latency: number
  /** Called by the host again and again until nothing is due; milliseconds of each call. */
  readonly ticks: ReadonlyArray<number>
  /** Milliseconds of this process's CPU for each refresh by `tick()`. */
  readonly cpu: number
  /** The same of PostgreSQL's processes; none where `/proc` does not tell. */
  readonly databaseCpu: number | undefined
  /** Bytes of write-ahead log for each, with the images of pages after a checkpoint. */
  readonly wal: number
  /** Milliseconds until Hawser's own workers had refreshed all. */
  readonly inProcess: number
  /** The same of the workers of two processes on one database. */
  readonly inTwo: number
  /** Grants that the two have refreshed more than once. */
  readonly doubled: number
}

const timeUntil = async (isDone: () => Promise<boolean>): Promise<number> => {
  const began = performance.now()
  while (!(await isDone())) {
    if (performance.now() - began > 120_000) throw new Error("The keeper does not come to an end.")
    await setTimeout(20)
  }
  return performance.now() - began
}

/** Milliseconds of CPU of the server's processes, those that have ended among them. */
const databaseCpu = async (database: Pool): Promise<number | undefined> => {
  const { rows } = await database.query<{ readonly pid: number }>("SELECT pg_backend_pid() AS pid")
  try {
    const server = statOf(rows[0]?.pid ?? Number.NaN).parent
    let ticks = statOf(server).ticks + statOf(server).ended
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue
      try {
        const stat = statOf(Number(name))
        if (stat.parent === server) ticks += stat.ticks
      } catch {
        // It has ended.
      }
    }
    return ticks * 10
  } catch {
    return undefined
  }
}

const walOf = async (database: Pool): Promise<number> => {
  const { rows } = await database.query<{ readonly bytes: string }>(
    "SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS bytes"
  )
  return Number(rows[0]?.bytes)
}

/** What this process and its database have used up to now. */
const used = async (database: Pool) => {
  const { system, user } = process.cpuUsage()
  return {
    cpu: (user + system) / 1_000,
    database: await databaseCpu(database),
    wal: await walOf(database)
  }
}

export const measureKeeper = async (
  settings: Settings,
  database: Pool,
  { grants, latency }: Pick<KeeperTimes, "grants" | "latency">
): Promise<KeeperTimes> => {
  const { schema } = settings
  const allAreDue = () =>
    database.query(
      `UPDATE ${schema}.oauth_grant SET refresh_due_at = statement_timestamp() - interval '1 second'`
    )
  const countOf = async (which: "<" | ">", generation: number): Promise<number | undefined> => {
    const { rows } = await database.query<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM ${schema}.oauth_grant WHERE generation ${which} $1`,
      [generation]
    )
    return rows[0]?.count
  }
  const areRefreshed = async (generation: number) => (await countOf("<", generation)) === 0
  const during = async <A>(
    workers: "in-process" | "off",
    use: (hawser: Hawser) => Promise<A>
  ): Promise<A> => {
    const hawser = await makeHawser(settings, workers)
    try {
      return await use(hawser)
    } finally {
      await hawser.close()
    }
  }

  const ticks: Array<number> = []
  const { before, after } = await during("off", async (hawser) => {
    await importGrants(hawser, tenantsOf(grants))
    await allAreDue()
    const before = await used(database)
    await timeUntil(async () => {
      const began = performance.now()
      await hawser.tick()
      ticks.push(performance.now() - began)
      return areRefreshed(2)
    })
    return { before, after: await used(database) }
  })
  const each = (from: number, to: number) => (to - from) / grants
  const inProcess = await during("in-process", async () => {
    await allAreDue()
    return timeUntil(() => areRefreshed(3))
  })
  const two = await Promise.all([startContender(settings), startContender(settings)])
  await allAreDue()
  const inTwo = await timeUntil(() => areRefreshed(4))
  for (const one of two) await one.close()
  const doubled = (await countOf(">", 4)) ?? Number.NaN
  return {
    grants,
    latency,
    ticks,
    cpu: each(before.cpu, after.cpu),
    databaseCpu:
      before.database === undefined || after.database === undefined
        ? undefined
        : each(before.database, after.database),
    wal: each(before.wal, after.wal),
    inProcess,
    inTwo,
    doubled
  }
}
