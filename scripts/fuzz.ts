import { parseArgs } from "node:util"
import { main, step } from "./steps.ts"

const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } })
const minutes = Number(values.minutes ?? (values.seed === undefined ? 10 : 0))
if (!(minutes >= 0 && minutes <= 24 * 60)) throw new Error("--minutes: from a fraction to 1440")
if (values.seed !== undefined && !/^-?\d+$/.test(values.seed))
  throw new Error("--seed: the whole number that a failure named")

/**
 * Requests of every kind to every route, and callbacks of every kind: `pnpm fuzz --minutes=30`. A failure names its
 * seed, and `pnpm fuzz --seed=1` runs that one again.
 */
await main(async () => {
  await step("fuzz", "vitest", ["run", "packages/hawser/test/fuzz-"], {
    env: { HAWSER_FUZZ_MINUTES: String(minutes), HAWSER_FUZZ_SEED: values.seed },
    // The time given, and what starting, shrinking a failure and stopping may take.
    timeoutMs: minutes * 60_000 + 300_000
  })
})
