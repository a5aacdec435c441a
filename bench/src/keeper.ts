import { setTimeout } from "node:timers/promises"
import type { Hawser } from "hawser"
import type { Pool } from "pg"
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
  /** Milliseconds until Hawser's own workers had refreshed all. */
  readonly inProcess: number
}

const timeUntil = async (isDone: () => Promise<boolean>): Promise<number> => {
  const began = performance.now()
  while (!(await isDone())) {
    if (performance.now() - began > 120_000) throw new Error("The keeper does not come to an end.")
    await setTimeout(20)
  }
  return performance.now() - began
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
  const areRefreshed = async (generation: number): Promise<boolean> => {
    const { rows } = await database.query<{ readonly left: number }>(
      `SELECT count(*)::int AS left FROM ${schema}.oauth_grant WHERE generation < $1`,
      [generation]
    )
    return rows[0]?.left === 0
  }
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
  await during("off", async (hawser) => {
    await importGrants(hawser, tenantsOf(grants))
    await allAreDue()
    await timeUntil(async () => {
      const began = performance.now()
      await hawser.tick()
      ticks.push(performance.now() - began)
      return areRefreshed(2)
    })
  })
  const inProcess = await during("in-process", async () => {
    await allAreDue()
    return timeUntil(() => areRefreshed(3))
  })
  return { grants, latency, ticks, inProcess }
}
