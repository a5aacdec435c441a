import { Effect } from "effect"
import type * as oauth from "oauth4webapi"
import { Egress, type EgressError } from "../ports/Egress.ts"

type FetchOptions = oauth.CustomFetchOptions<"GET" | "POST", URLSearchParams | undefined>

/**
 * `fetch` as `oauth4webapi` calls it, through the egress and to no host but the URL's own. An answer that did not come is
 * remembered, because the library wraps what it caught.
 */
export const egressFetch = Effect.gen(function* () {
  const egress = yield* Egress
  const run = Effect.runPromiseWith(yield* Effect.context())
  let failure: EgressError | undefined
  return {
    fetch: async (url: string, { body, headers, method }: FetchOptions): Promise<Response> => {
      const endpoint = new URL(url)
      const answer = await run(
        Effect.result(
          egress.request({
            method,
            url: endpoint,
            headers,
            ...(body !== undefined && { body: body.toString() }),
            hosts: [endpoint.host]
          })
        )
      )
      if (answer._tag === "Success") return answer.success
      failure = answer.failure
      throw answer.failure
    },
    failure: () => failure
  }
})
