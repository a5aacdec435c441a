import { factsOf } from "@hawser/testing/facts"
import { startSimulator } from "@hawser/testing/simulator"
import { datadog, github, google, pagerduty, slack } from "hawser/providers"

const ids = ["datadog", "github", "google", "pagerduty", "slack"] as const

/** Real providers, played on this machine as their vendors' documentation says, with a page where a person consents. */
export const startSimulatedProviders = async (publicUrl: string) => {
  const simulator = await startSimulator({ providers: ids.map(factsOf), consent: "button" })
  const settings = { publicUrl }
  return {
    simulator,
    providers: [
      simulator.simulate(datadog, settings),
      simulator.simulate(github, settings),
      simulator.simulate(google, settings),
      simulator.simulate(pagerduty, settings),
      simulator.simulate(slack, settings)
    ],
    /** By provider: the values that its form takes, and no others. */
    samples: Object.fromEntries(ids.map((id) => [id, simulator.fields(id)]))
  }
}
