import { median, type Round } from "./scenarios.ts"
import type { ContenderName } from "./settings.ts"

/**
 * The most CPU a request may take, in that of the code by hand in the same round: at most a quarter above what was measured
 * last (docs/benchmarks.md). CPU, because a rate says as much about what else the machine does. `nightly` fails above it.
 */
const most: Readonly<Record<string, number>> = {
  "connect-start": 1.95,
  callback: 2.05,
  "API-key connect": 1.8,
  list: 1.75,
  catalog: 1.45
}

/** A sentence for each scenario that takes more. */
export const missedFloors = (
  roundsOf: (scenario: string, contender: ContenderName) => ReadonlyArray<Round>
): ReadonlyArray<string> =>
  Object.entries(most).flatMap(([scenario, limit]) => {
    const byHand = roundsOf(scenario, "by-hand")
    const ratios = roundsOf(scenario, "hawser").map(
      ({ cpu }, at) => cpu / (byHand[at]?.cpu ?? Number.NaN)
    )
    const ratio = median(ratios)
    // A ratio that is none is missed too.
    return ratio <= limit
      ? []
      : [`${scenario} takes ${ratio.toFixed(2)} of the CPU by hand, and may take ${limit}.`]
  })
