import { startContender } from "./ContenderProcess.ts"
import { runRound, type Scenario, type World } from "./scenarios.ts"
import type { Settings } from "./settings.ts"
import { startWire, type WireCounts } from "./wire.ts"

/** What one request costs, apart from time. */
export interface PerRequest extends Omit<WireCounts, "buffers"> {
  /** Bytes allocated on the heap of V8; undefined if garbage was collected meanwhile. */
  readonly allocated: number | undefined
}

// Large enough that what a hundred requests allocate stays where it is until it has been counted.
const youngHeap = ["--max-semi-space-size=256", "--min-semi-space-size=256"]

/** Counts in a process of its own, one request after the other, every byte to PostgreSQL through the counting wire. */
export const countPerRequest = async (
  settings: Settings,
  scenarios: ReadonlyArray<Scenario>,
  world: World,
  count: number
): Promise<ReadonlyMap<string, PerRequest>> => {
  const wire = await startWire(settings.databaseUrl)
  const contender = await startContender({ ...settings, databaseUrl: wire.url }, youngHeap)
  const results = new Map<string, PerRequest>()
  for (const { contenders, name } of scenarios) {
    const operation = contenders[settings.contender]
    if (operation === undefined) continue
    await runRound(name, operation, world, contender, { concurrency: 1, count })
    let before: WireCounts = wire.counts()
    let heapBefore = 0
    let collections = 0
    const counted = {
      ...operation,
      prepare: async (...given: Parameters<typeof operation.prepare>) => {
        const requests = await operation.prepare(...given)
        const collected = await contender.collected()
        heapBefore = collected.heapUsed
        collections = collected.collections
        before = wire.counts()
        return requests
      }
    }
    await runRound(name, counted, world, contender, { concurrency: 1, count })
    const after = wire.counts()
    const usage = await contender.usage()
    results.set(name, {
      statements: (after.statements - before.statements) / count,
      transactions: (after.transactions - before.transactions) / count,
      roundTrips: (after.roundTrips - before.roundTrips) / count,
      allocated:
        usage.collections === collections ? (usage.heapUsed - heapBefore) / count : undefined
    })
  }
  await contender.close()
  await wire.close()
  return results
}
