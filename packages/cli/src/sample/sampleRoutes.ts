import type { RunningSimulator } from "@hawser/testing/simulator"
import { type Hawser, isHawserError } from "hawser"
import { runningAnswer, runningPath } from "./running.ts"
import { type DemoUser, isDemoUser, tenantId } from "./users.ts"

interface Surroundings {
  readonly origin: string
  readonly hawser: Hawser
  readonly simulator: RunningSimulator
  readonly tokenFor: (user: DemoUser) => Promise<string>
  /** By provider: ends all that it has granted. */
  readonly revoke: Readonly<Record<string, () => unknown>>
}

/**
 * Only a sample serves these: the choice of a user, what the host does with connections, and what happens at the providers. A
 * route answers with what is to be sent, or with a status.
 */
export const makeSampleRoutes = ({ hawser, origin, revoke, simulator, tokenFor }: Surroundings) => {
  /** The host uses what is connected at a provider, as a job of its own would. */
  const callApi = async (user: DemoUser, provider: string): Promise<ReadonlyArray<object>> => {
    const acme = hawser.tenant(tenantId, { user })
    const { items } = await acme.connections({ provider, status: "connected" })
    return Promise.all(
      items
        .filter(({ owner, userId }) => owner === "tenant" || userId === user)
        .map(async ({ integrationId: id, name, owner }) => {
          try {
            const response = await acme.connection({ id }).fetch("/me")
            await response.body?.cancel()
            return { name, owner, status: response.status }
          } catch (error) {
            if (!isHawserError(error)) throw error
            return { name, owner, error: error.code }
          }
        })
    )
  }

  return async (
    method: string,
    { pathname, searchParams }: URL,
    from: string | undefined
  ): Promise<object | number> => {
    // Only the sample's own page changes anything.
    if (method === "POST" && from !== origin) return 403
    const user = searchParams.get("user")
    const provider = searchParams.get("provider") ?? ""
    switch (`${method} ${pathname}`) {
      case `GET ${runningPath}`:
        return runningAnswer
      case "GET /demo/inspector":
        return inspected(simulator)
      case "GET /demo/token":
        // A real host would look at its session here. The sample lets the person choose who to be.
        return isDemoUser(user) ? { token: await tokenFor(user) } : 400
      case "POST /demo/call":
        return isDemoUser(user) ? callApi(user, provider) : 400
      case "POST /demo/revoke":
        if (!Object.hasOwn(revoke, provider)) return 404
        await revoke[provider]?.()
        return {}
      default:
        return 404
    }
  }
}

/** The last requests that the vendors got, the newest first, and what they objected to. What stands in a query stays out. */
const inspected = ({ requests, violations }: RunningSimulator) => ({
  requests: requests
    .slice(-50)
    .toReversed()
    .map(({ kinds, method, provider, status, url }) => ({
      provider,
      kinds,
      method,
      url: url.split("?")[0],
      status
    })),
  violations: violations.slice(-50)
})
