import type { ProviderConfig } from "@hawser/core"
import { Effect } from "effect"
import type { Simulator } from "../simulator/index.ts"
import { unmet } from "./Expectation.ts"
import { type HostServices, providerHost } from "./providerHost.ts"

/**
 * Runs one scene in a host of its own, whose requests the simulated vendor answers. What the vendor found wrong is the
 * problem, even where all went well: it is nearest to the cause.
 */
export const playScene = <A, E extends Error>(
  simulator: Simulator,
  config: ProviderConfig,
  run: Effect.Effect<A, E, HostServices>
) => {
  const complaint = () => {
    const [violation] = simulator.violations
    return violation && `${violation.request}: ${violation.problem}`
  }
  return run.pipe(
    Effect.provide(providerHost(config, (request) => simulator.handle(request))),
    Effect.catch((error) => unmet(complaint() ?? error.message)),
    Effect.tap(() => {
      const problem = complaint()
      return problem === undefined ? Effect.void : unmet(problem)
    })
  )
}
