import { type Sample, type SampleOptions, startSample } from "@hawser/cli/sample"
import { startAcmeProjects } from "./acme-projects.ts"
import { startBeacon } from "./beacon.ts"
import { bundlePage } from "./page.ts"

export type Demo = Sample

let script: Promise<string> | undefined

/**
 * Starts the sample host of `hawser dev`, with two providers that are not of the catalogue: a real authorization server, and a
 * service with API keys.
 */
export const startDemo = async (
  options: Pick<SampleOptions, "encryptionKey" | "port" | "store">
): Promise<Demo> => {
  script ??= bundlePage()
  const sample = await startSample({
    ...options,
    script: await script,
    simulated: ["datadog", "github", "google", "slack", "xero"],
    // Each person's own mailbox, and none of the company's.
    settings: { google: { ownedBy: ["user"] } },
    own: async (publicUrl) => {
      const acme = await startAcmeProjects(publicUrl)
      const beacon = await startBeacon()
      return {
        providers: [acme.provider, beacon.provider],
        revoke: { "acme-projects": acme.revoke },
        close: () => Promise.all([acme.close(), beacon.close()])
      }
    }
  })
  // Everybody here keeps the books of two organisations.
  sample.simulator.failNext("xero", "discovery", { kind: "several_accounts" }, Infinity)
  return sample
}
