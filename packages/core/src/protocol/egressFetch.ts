import { Effect } from "effect"
import type { SecretUrl } from "../provider/index.ts"
import { Egress, type EgressError, type EgressRequest } from "../services/index.ts"
import { type PlainRequest, withoutLibrary } from "./vendorRequest.ts"

/** An answer that did not come is remembered, because the library wraps what it caught. */
const fetchTo = (
  targetOf: (url: string) => URL,
  limits: Pick<EgressRequest, "maxBodyBytes"> = {}
) =>
  Effect.gen(function* () {
    const egress = yield* Egress
    const run = Effect.runPromiseWith(yield* Effect.context())
    let failure: EgressError | undefined
    return {
      fetch: async (url: string, { body, headers, method }: PlainRequest): Promise<Response> => {
        const endpoint = targetOf(url)
        const answer = await run(
          Effect.result(
            egress.request({
              method,
              url: endpoint,
              headers: withoutLibrary(headers),
              ...(body !== undefined && { body }),
              hosts: [endpoint.host],
              ...limits
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

/** `fetch` for requests of `oauth4webapi`'s, through the egress and to this URL alone. */
export const egressFetch = (url: SecretUrl, limits?: Pick<EgressRequest, "maxBodyBytes">) =>
  fetchTo(() => new URL(url), limits)

/** The same to wherever the library finds an issuer's metadata: there is no secret in such a request. */
export const metadataFetch = fetchTo((url) => new URL(url))
