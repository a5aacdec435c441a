import { Effect, type Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "./Api.ts"
import type { CompletedOwner, Returned } from "./createClient.ts"
import { takeReturn } from "./returned.ts"

/** Where the API is, and who calls it. */
export interface ClientOptions {
  /** The URL under which the host mounts Hawser, without `/v1/integrations`. */
  readonly baseUrl: string | URL
  /** The access token to send; the catalogue needs none. */
  readonly token?: Redacted.Redacted<string>
}

/**
 * A typed client of the contract: one function for each operation, errors as classes with the contract's `error` codes.
 *
 * @example
 * import { client } from "@hawser/http"
 * import { Effect, Redacted } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const connected = Effect.gen(function* () {
 *   const api = yield* client({ baseUrl: "https://app.example.com/api", token: Redacted.make("…") })
 *   return yield* api.list({ query: { status: "connected" } })
 * }).pipe(Effect.provide(FetchHttpClient.layer))
 */
export const client = ({
  baseUrl,
  token
}: ClientOptions): Effect.Effect<HawserClient, never, HttpClient.HttpClient> =>
  HttpApiClient.make(Api, {
    baseUrl,
    transformClient: (http) =>
      token === undefined ? http : HttpClient.mapRequest(http, HttpClientRequest.bearerToken(token))
  })

/** The typed client of the contract. */
export interface HawserClient extends HttpApiClient.ForApi<typeof Api> {}

/**
 * For the page that flows come back to: reads what the callback put into the address, takes it out of the address bar,
 * completes the flow where that is asked for, and says how it ended. A flow of the user's own is completed with
 * `{ owner: "user" }`.
 *
 * It fails only if no answer of the contract came.
 */
export const completeIfReturned = (api: HawserClient, of: CompletedOwner = {}) =>
  Effect.suspend(() => {
    const returned = takeReturn()
    if (returned.status !== "pending" && returned.status !== "choose")
      return Effect.succeed<Returned>(returned)
    const { flowId, provider } = returned
    return api.complete({ params: { provider }, query: of, payload: { flowId } }).pipe(
      Effect.map(({ integrationId }): Returned => ({
        status: "connected",
        provider,
        integrationId
      })),
      Effect.catchIf(
        (problem) => "error" in problem,
        (problem) => {
          if (problem.error === "account_choice_required") {
            const { choices, flowId } = problem
            return Effect.succeed<Returned>({ status: "choose", provider, choices, flowId })
          }
          const { error, message } = problem
          const word = "reason" in problem ? (problem.reason ?? error) : error
          return Effect.succeed<Returned>({ status: "error", provider, error: word, message })
        }
      )
    )
  })
