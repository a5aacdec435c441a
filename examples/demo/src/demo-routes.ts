import type { IncomingMessage, ServerResponse } from "node:http"
import { type DemoUser, isDemoUser, tenantId } from "@hawser/cli/sample"
import { runningAnswer, runningPath } from "@hawser/cli/sample/running"
import { type Hawser, isHawserError } from "hawser"

export interface DemoRoutes {
  readonly origin: string
  readonly hawser: Hawser
  readonly tokenFor: (user: DemoUser) => Promise<string>
  /** By simulated provider: what its form takes. */
  readonly samples: object
  /** By provider: what ends all that it has granted. */
  readonly revoke: ReadonlyMap<string, () => unknown>
}

/** What only a demo serves: who to be, what the host does with a connection, and what happens at the providers. */
export const makeDemoRoutes = ({ hawser, origin, revoke, samples, tokenFor }: DemoRoutes) => {
  /** The host uses a connection, as a job of its own would. */
  const callApi = async (user: DemoUser, id: string): Promise<object> => {
    try {
      const response = await hawser.tenant(tenantId, { user }).connection({ id }).fetch("/me")
      await response.body?.cancel()
      return { status: response.status }
    } catch (error) {
      if (!isHawserError(error)) throw error
      return { error: error.code }
    }
  }

  const answer = async (method: string, url: URL): Promise<object | undefined> => {
    const user = url.searchParams.get("user")
    switch (`${method} ${url.pathname}`) {
      case `GET ${runningPath}`:
        return runningAnswer
      case "GET /demo/simulated":
        return samples
      case "GET /demo/token":
        // A real host would look at its session here. The demo lets the person choose who to be.
        return isDemoUser(user) ? { token: await tokenFor(user) } : undefined
      case "POST /demo/call":
        return isDemoUser(user)
          ? callApi(user, url.searchParams.get("integration") ?? "")
          : undefined
      case "POST /demo/revoke": {
        const provider = url.searchParams.get("provider") ?? ""
        await revoke.get(provider)?.()
        return revoke.has(provider) ? {} : undefined
      }
      default:
        return undefined
    }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Only the demo's own page changes anything.
    if (request.method === "POST" && request.headers.origin !== origin)
      return void response.writeHead(403).end()
    const body = await answer(request.method ?? "", new URL(request.url ?? "/", origin))
    if (body === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
  }
}
