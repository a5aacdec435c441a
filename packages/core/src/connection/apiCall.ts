import { Effect } from "effect"
import {
  type Misconfigured,
  type ProviderId,
  ProviderUnavailable,
  UrlNotAllowed
} from "../model/index.ts"
import { type ApiCredential, openWithProof, withQuery } from "../protocol/index.ts"
import type { UncarriedRequest } from "../provider/index.ts"
import { Egress, type EgressError, type EgressStreamRequest } from "../services/index.ts"
import type { ApiRequest } from "./apiRequest.ts"
import { type ApiOrigins, takesCredential } from "./apiTarget.ts"

/** One request to a provider's API, with what it carries. */
export interface ApiCall extends ApiRequest {
  readonly provider: ProviderId
  readonly url: URL
  readonly allowed: ApiOrigins
  /** What a request carries, asked for each. */
  readonly carry: (request: UncarriedRequest) => Effect.Effect<ApiCredential, Misconfigured>
  /** Sent with each request, in lower case. */
  readonly apiHeaders: Readonly<Record<string, string>>
  /** Those of them that name the connection's own account or place, in lower case: a caller's do not replace them. */
  readonly ownHeaders: ReadonlySet<string>
  readonly headersTimeoutMs: number | undefined
}

export interface ApiAnswer {
  readonly response: Response
  /** Whether the request that this answers had the credential. */
  readonly carried: boolean
}

const mostRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])

/** Never a caller's: they name a host, speak for somebody, or are for a proxy. */
const isReserved = (name: string): boolean =>
  name === "host" || name === "authorization" || name === "cookie" || name.startsWith("proxy-")

/** What a host that is not the provider's gets to see of a caller's headers: nothing that could be a secret. */
const harmless = new Set([
  "accept",
  "accept-language",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "range",
  "user-agent"
])

const callHeaders = ({ apiHeaders, headers, ownHeaders }: ApiCall, carries: boolean) => {
  const callers = [...headers].filter(([name]) =>
    carries ? !isReserved(name) && !ownHeaders.has(name) : harmless.has(name)
  )
  return { ...(carries && apiHeaders), ...Object.fromEntries(callers) }
}

/** An API may repeat the key of a URL in its redirect. */
const withoutKey = (url: URL, { query }: ApiCredential): URL => {
  const stripped = new URL(url)
  for (const [name, value] of Object.entries(query)) stripped.searchParams.delete(name, value)
  return stripped
}

/** Neither a URL nor a body of the call is in it. */
const apiCallError = (provider: ProviderId, error: EgressError) => {
  switch (error.reason) {
    case "address_blocked":
      return new UrlNotAllowed({ provider, reason: "address" })
    case "host_not_allowed":
    case "insecure_protocol":
      return new UrlNotAllowed({ provider, reason: "host" })
    case "connection_failed":
    case "redirect_refused":
    case "response_too_large":
    case "timeout":
    case "too_late":
      return new ProviderUnavailable({ provider, retryAfter: 1, cause: error })
  }
}

/** Lets the connection of an answer go that nobody will read. */
export const discard = ({ body }: Response): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(async () => body?.cancel()))

/** Where a redirect leads; undefined if nothing may follow it. */
const redirectTarget = (
  location: string,
  at: URL,
  { base, origins }: ApiOrigins
): URL | undefined => {
  const next = URL.parse(location, at)
  if (next === null || next.username !== "" || next.password !== "") return undefined
  return origins.has(next.origin) || next.protocol === "https:" || next.protocol === base.protocol
    ? next
    : undefined
}

/**
 * Sends a request with its credential and follows redirects of GET and HEAD. The credential goes to the API's own origins
 * only, and there not to another account; once it was left out it stays out, because whoever was asked in between chose the URL.
 */
export const apiCall = Effect.fnUntraced(function* (
  call: ApiCall
): Effect.fn.Return<ApiAnswer, Misconfigured | UrlNotAllowed | ProviderUnavailable, Egress> {
  const egress = yield* Egress
  const { allowed, body, headersTimeoutMs, method, provider, redirect, signal } = call
  const refused = () => new UrlNotAllowed({ provider, reason: "redirect" })
  const hosts = [...allowed.origins].map((origin) => new URL(origin).host)
  let carried = true
  let credential: ApiCredential = { headers: {}, query: {} }
  let url = call.url
  for (let followed = 0; ; followed++) {
    const headers = callHeaders(call, carried)
    if (carried) {
      credential = yield* call.carry({
        method,
        url: url.href,
        headers,
        body: body instanceof ReadableStream ? "stream" : body
      })
    }
    const request: EgressStreamRequest = {
      method,
      url: carried ? withQuery(url, credential) : withoutKey(url, credential),
      headers: carried ? { ...headers, ...credential.headers } : headers,
      body,
      hosts: carried ? hosts : [url.host],
      signal,
      ...(headersTimeoutMs !== undefined && { headersTimeoutMs })
    }
    const response = yield* Effect.mapError(
      carried && credential.bound !== undefined
        ? openWithProof(request, credential.bound)
        : egress.open(request),
      (error) => apiCallError(provider, error)
    )
    const location = redirects.has(response.status) ? response.headers.get("location") : null
    if (location === null || redirect === "manual") return { response, carried }
    if (redirect === "follow" && method !== "GET" && method !== "HEAD") return { response, carried }
    yield* discard(response)
    const next = redirectTarget(location, url, allowed)
    if (redirect === "error" || followed === mostRedirects || next === undefined)
      return yield* refused()
    carried = carried && takesCredential(allowed, next)
    url = next
  }
})
