import { Clock, Effect } from "effect"
import type * as oauth from "oauth4webapi"
import { isLoopback, type SecretUrl } from "../provider/index.ts"
import type { Egress, EgressError, EgressRequest } from "../services/index.ts"
import { AuthorizationFailed } from "./AuthorizationServerClient.ts"
import {
  type NormalizedTokenResponse,
  normalizeTokenResponse,
  type Reading
} from "./normalizeTokenResponse.ts"
import { vendorRequest, type VendorRequestFormat } from "./vendorRequest.ts"

/** The longest `Retry-After` that counts. */
const longest = 900

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Seconds of a `Retry-After` header (RFC 9110 §10.2.3), from 0 to 900; undefined if it is missing or in neither form. */
const parseRetryAfter = (header: string | null, nowMs: number): number | undefined => {
  const text = header?.trim() ?? ""
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : httpDate.test(text)
      ? Math.ceil((Date.parse(text) - nowMs) / 1_000)
      : Number.NaN
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), longest)
}

/** The outcome of a request, before its response was parsed. */
export interface Exchanged {
  readonly egressError: EgressError | undefined
  /** Undefined until a response has come. */
  readonly status: number | undefined
  /** Seconds that the provider asked to wait. */
  readonly retryAfter: number | undefined
}

/** Converts a vendor's response for `oauth4webapi`; `nowMs` is Effect's clock. */
export type ReadAnswer = (answer: Response, nowMs: number) => Promise<Response>

/** Reads token responses and keeps the last one. */
export const tokenReader = (reading: Reading) => {
  let last: NormalizedTokenResponse | undefined
  const read: ReadAnswer = async (answer, nowMs) => {
    last = await normalizeTokenResponse(reading, answer, nowMs)
    return last.response
  }
  return {
    read,
    last: (): Omit<NormalizedTokenResponse, "response"> =>
      last ?? {
        body: undefined,
        lifetimeUnread: false,
        refreshExpiresIn: undefined,
        issued: undefined
      }
  }
}

/** A `fetch` for one request of `oauth4webapi` to this URL in the vendor's form, with its outcome. */
export const fetchOnce = Effect.fnUntraced(function* (
  egress: Egress["Service"],
  url: SecretUrl,
  read: ReadAnswer,
  wishes: VendorRequestFormat = {},
  limits: Pick<EgressRequest, "sendBefore"> = {}
) {
  const context = yield* Effect.context()
  const clock = yield* Clock.Clock
  let exchanged: Exchanged = { egressError: undefined, status: undefined, retryAfter: undefined }
  return {
    exchanged: () => exchanged,
    fetch: async (_: string, standard: oauth.CustomFetchOptions<"POST", URLSearchParams>) => {
      const endpoint = new URL(url)
      const { query, ...wished } = vendorRequest(wishes, standard)
      for (const [name, value] of query ?? []) endpoint.searchParams.append(name, value)
      const request: EgressRequest = {
        ...wished,
        url: endpoint,
        hosts: [endpoint.host],
        ...limits
      }
      const result = await Effect.runPromiseWith(context)(Effect.result(egress.request(request)), {
        signal: standard.signal
      })
      if (result._tag === "Failure") {
        exchanged = { ...exchanged, egressError: result.failure }
        throw result.failure
      }
      const { headers, status } = result.success
      const now = clock.currentTimeMillisUnsafe()
      exchanged = {
        ...exchanged,
        status,
        retryAfter: parseRetryAfter(headers.get("retry-after"), now)
      }
      return read(result.success, now)
    }
  }
})

/** The egress decides whether plain http is allowed; `oauth4webapi` would refuse it with another error. */
export const allowsPlainHttp = (endpoint: string): boolean => isLoopback(new URL(endpoint).hostname)

/**
 * Without a DPoP key, a bound token (RFC 9449) could never be used. With one, an unbound token is less than the host asked
 * for.
 */
export const recognizedTokenTypes = (isBound: boolean): oauth.RecognizedTokenTypes => ({
  [isBound ? "bearer" : "dpop"]: refuseTokenType
})

const refuseTokenType = () => {
  throw new AuthorizationFailed({ reason: "invalid_response" })
}
