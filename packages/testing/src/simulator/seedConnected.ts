import type { PortableConnection } from "@hawser/core"
import type { IssuedGrant } from "./issueGrant.ts"
import type { Simulator } from "./makeSimulator.ts"
import type { RemoteSimulator } from "./simulatorAt.ts"

/** As much of a Hawser as takes over connections. */
export interface ImportsConnections {
  readonly admin: {
    readonly import: (items: Iterable<PortableConnection>) => Promise<{
      readonly refused: ReadonlyArray<{ readonly code: string; readonly message: string }>
    }>
  }
}

type Issues = Pick<Simulator | RemoteSimulator, "authType" | "fields" | "issue" | "now">

export interface SeedOptions {
  /** The tenant that gets the connection. */
  readonly tenantId: string
  /** The provider's id. The host must have configured it. */
  readonly provider: string
  /** Who counts as having connected it. */
  readonly userId: string
}

/**
 * Gives a tenant a connection that works, without a browser: with a grant that the simulator has issued, or with the sample
 * key of the provider's facts. Answers the grant. Rejects where the connection was refused.
 *
 * @example
 * import { type RunningSimulator, seedConnected } from "@hawser/testing/simulator"
 * import type { Hawser } from "hawser"
 *
 * declare const hawser: Hawser
 * declare const simulator: RunningSimulator
 *
 * await seedConnected(hawser, simulator, { tenantId: "acme", provider: "github", userId: "ann" })
 */
export const seedConnected = async (
  hawser: ImportsConnections,
  simulator: Issues,
  { provider, tenantId, userId }: SeedOptions
): Promise<IssuedGrant | undefined> => {
  const about = { tenantId, provider, connectedBy: userId }
  const fields = await simulator.fields(provider)
  const isOAuth2 = (await simulator.authType(provider)) === "oauth2"
  const grant = isOAuth2 ? await simulator.issue(provider) : undefined
  const { refused } = await hawser.admin.import([
    grant === undefined
      ? { ...about, credentials: fields }
      : {
          ...about,
          ...imported(grant, await simulator.now()),
          fields: { ...fields, ...grant.captures }
        }
  ])
  const [problem] = refused
  if (problem !== undefined)
    throw new Error(`${provider} could not be seeded (${problem.code}): ${problem.message}`)
  return grant
}

const imported = (
  { accessToken, account, expiresIn, refreshToken, scopes }: IssuedGrant,
  now: number
) => ({
  accessToken,
  scopes,
  ...(refreshToken !== undefined && { refreshToken }),
  ...(expiresIn !== undefined && { expiresAt: new Date(now + expiresIn * 1000) }),
  ...(account !== undefined && { account })
})
