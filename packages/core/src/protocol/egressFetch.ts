import { Effect } from "effect"
import type { SecretUrl } from "../provider/index.ts"
import { Egress, type EgressError } from "../services/index.ts"
import { type PlainRequest, withoutLibrary } from "./vendorRequest.ts"

/**
 * Runs requests for `oauth4webapi`, which awaits promises: each until its signal aborts. It remembers why one failed, because
 * the library wraps the error that it catches.
 */
export const awaitedRequests = Effect.gen(function* () {
  const run = Effect.runPromiseWith(yield* Effect.context<Egress>())
  let failure: EgressError | undefined
  return {
    failure: () => failure,
    send: async (
      request: Effect.Effect<Response, EgressError, Egress>,
      signal: AbortSignal | undefined
    ): Promise<Response> => {
      const answer = await run(Effect.result(request), { signal })
      if (answer._tag === "Success") return answer.success
      failure = answer.failure
      throw answer.failure
    }
  }
})

const fetchTo = (targetOf: (url: string) => URL) =>
  Effect.map(awaitedRequests, ({ failure, send }) => ({
    failure,
    fetch: async (
      url: string,
      { body, headers, method }: PlainRequest,
      signal: AbortSignal | undefined
    ): Promise<Response> => {
      const endpoint = targetOf(url)
      return send(
        Effect.flatMap(Egress, (egress) =>
          egress.request({
            method,
            url: endpoint,
            headers: withoutLibrary(headers),
            ...(body !== undefined && { body }),
            hosts: [endpoint.host]
          })
        ),
        signal
      )
    }
  }))

/** A `fetch` for `oauth4webapi` that goes through the egress, and only to this URL. */
export const egressFetch = (url: SecretUrl) => fetchTo(() => new URL(url))

/** The same for any URL at which the library looks for metadata: such a request holds no secret. */
export const metadataFetch = fetchTo((url) => new URL(url))
