import * as fc from "fast-check"

/** Seeds of past runs, run each time. One that made `pnpm fuzz` fail is added here, with what mends it. */
const keptSeeds = [1, 20_260_301, -1_374_918_221]

/** `pnpm fuzz` gives a time, or one seed to run again, or both: then it begins with that seed. */
const milliseconds = Number(process.env["HAWSER_FUZZ_MINUTES"] ?? 0) * 60_000
const seed = process.env["HAWSER_FUZZ_SEED"]

/** The seeds that tests begin with. */
export const firstSeeds =
  seed !== undefined ? [Number(seed)] : milliseconds > 0 ? [Date.now() | 0] : keptSeeds

/** Milliseconds for a test: shrinking a failure takes a while too. */
export const fuzzTimeout = milliseconds + 120_000

/**
 * Runs the first seed, and those after it while there is time. A long run is many short ones, so that what fails in it
 * fails again when its seed alone is run; the error says which one that is.
 */
export const runSeeds = async (
  first: number,
  runOne: (seed: number) => Promise<void>
): Promise<void> => {
  const end = performance.now() + milliseconds
  let next = first
  do {
    await runOne(next)
    next = (next + 1) | 0
  } while (performance.now() < end)
  if (milliseconds > 0) console.log(`the seeds from ${first} up to ${next} passed`)
}

/** Holds for so many of the values that the seed makes. */
export const holdsFor = async <T>(
  seedOfRun: number,
  numRuns: number,
  values: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>
): Promise<void> => {
  try {
    await fc.assert(fc.asyncProperty(values, check), { seed: seedOfRun, numRuns })
  } catch (error) {
    throw new Error(`To run this again: pnpm fuzz --seed=${seedOfRun}`, { cause: error })
  }
}
