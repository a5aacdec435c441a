import { Effect } from "effect"
import type { HawserClient } from "./client.ts"
import type { Returned } from "./createClient.ts"
import { takeReturn } from "./returned.ts"

/**
 * For the page that flows come back to: reads what the callback put into the address, takes it out of the address bar,
 * completes the flow where that is asked for, and says how it ended.
 *
 * It fails only if no answer of the contract came.
 */
export const completeIfReturned = (api: HawserClient) =>
  Effect.suspend(() => {
    const returned = takeReturn()
    if (returned.status !== "pending") return Effect.succeed<Returned>(returned)
    const { flowId, provider } = returned
    return api.complete({ params: { provider }, payload: { flowId } }).pipe(
      Effect.map(({ integrationId }): Returned => ({
        status: "connected",
        provider,
        integrationId
      })),
      Effect.catchIf(
        (problem) => "error" in problem,
        (problem) => {
          const { error, message } = problem
          const word = "reason" in problem ? (problem.reason ?? error) : error
          return Effect.succeed<Returned>({ status: "error", provider, error: word, message })
        }
      )
    )
  })
