import { Effect } from "effect"
import { Egress, type EgressError } from "../ports/Egress.ts"
import type { PlainRequest } from "./vendorRequest.ts"

/**
 * `fetch` for requests of `oauth4webapi`'s, through the egress and to no host but the URL's own. An answer that did not come
 * is remembered, because the library wraps what it caught.
 */
export const egressFetch = Effect.gen(function* () {
  const egress = yield* Egress
  const run = Effect.runPromiseWith(yield* Effect.context())
  let failure: EgressError | undefined
  return {
    fetch: async (url: string, { body, headers, method }: PlainRequest): Promise<Response> => {
      const endpoint = new URL(url)
      const answer = await run(
        Effect.result(
          egress.request({
            method,
            url: endpoint,
            headers,
            ...(body !== undefined && { body }),
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
