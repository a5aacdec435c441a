import { github, lazyHawser, type ProviderConfig, postgres, session } from "hawser"
import { signedIn } from "./session.ts"

/** GitHub itself, or in tests the one of `hawser-simulator`. */
const githubAt = async (publicUrl: string): Promise<ProviderConfig> => {
  const { GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, SIMULATOR_URL } = process.env
  if (SIMULATOR_URL === undefined)
    return github({ clientId: GITHUB_CLIENT_ID, clientSecret: GITHUB_CLIENT_SECRET })
  const { simulatorAt } = await import("@hawser/testing/simulator")
  return simulatorAt(SIMULATOR_URL).simulate(github, { publicUrl })
}

export const hawser = lazyHawser(
  "app",
  async () => {
    const { DATABASE_URL, HAWSER_ENCRYPTION_KEY, PUBLIC_URL = "", SIMULATOR_URL } = process.env
    return {
      publicUrl: PUBLIC_URL,
      allowedRedirectUrls: [{ url: `${PUBLIC_URL}/`, binding: "session" }],
      resolveSession: signedIn,
      authenticate: session({
        resolve: signedIn
      }),
      providers: [await githubAt(PUBLIC_URL)],
      store: postgres({ url: DATABASE_URL }),
      encryptionKey: HAWSER_ENCRYPTION_KEY,
      unsafelyAllowLoopback: SIMULATOR_URL !== undefined
    }
  },
  async ({ on }) => {
    await on("integration.connected", { as: "log" }, ({ event }) =>
      console.log(`${event.tenantId} has connected ${event.data.provider}.`)
    )
    console.log("Hawser has started.")
  }
)
