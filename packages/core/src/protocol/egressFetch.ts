import { Effect } from "effect"
import type { SecretUrl } from "../provider/index.ts"
import { Egress, type EgressError, type EgressRequest } from "../services/index.ts"
import { type PlainRequest, withoutLibrary } from "./vendorRequest.ts"

/** Remembers the egress's failure, because the library wraps the error that it catches. */
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

/** A `fetch` for `oauth4webapi` that goes through the egress, and only to this URL. */
export const egressFetch = (url: SecretUrl, limits?: Pick<EgressRequest, "maxBodyBytes">) =>
  fetchTo(() => new URL(url), limits)

/** The same for any URL at which the library looks for metadata: such a request holds no secret. */
export const metadataFetch = fetchTo((url) => new URL(url))
