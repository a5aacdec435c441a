import { factsOf } from "@hawser/testing/facts"
import { startSimulator } from "@hawser/testing/simulator"
import { datadog, github, google, slack, xero } from "hawser/providers"

const ids = ["datadog", "github", "google", "slack", "xero"] as const

/** A client at a provider: in production the one that you have registered there. */
const registration = { clientId: "hawser-demo", clientSecret: "hawser-demo-secret" }

/** Real providers, played on this machine as their vendors' documentation says, with a page where a person consents. */
export const startSimulatedProviders = async (publicUrl: string) => {
  const simulator = await startSimulator({ providers: ids.map(factsOf), consent: "button" })
  // Everybody here keeps the books of two organisations.
  simulator.failNext("xero", "discovery", { kind: "several_accounts" }, Infinity)
  const settings = { publicUrl }
  return {
    simulator,
    providers: [
      simulator.simulate(datadog, settings),
      simulator.simulate(github(registration), settings),
      // Each person's own mailbox, and none of the company's.
      simulator.simulate(google({ ...registration, ownedBy: ["user"] }), settings),
      simulator.simulate(slack(registration), settings),
      simulator.simulate(xero(registration), settings)
    ],
    /** By provider: the values that its form takes, and no others. */
    samples: Object.fromEntries(ids.map((id) => [id, simulator.fields(id)]))
  }
}
