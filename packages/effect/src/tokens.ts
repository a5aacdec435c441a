import {
  beginsByConsent,
  accessToken,
  apiKey,
  authorizedFetch,
  markRevoked,
  ProviderNotFound,
  requestInit,
  restore
} from "@hawser/core"
import { Effect } from "effect"
import { checkTenantId, type ConnectionOptions, findConnection, providerById } from "./commands.ts"
import type { JobServices } from "./HawserLive.ts"
import { StoredAccessToken, StoredApiKey } from "./results.ts"

/** The connection to call with, and the timeout. */
export type AuthorizedFetchTarget = ConnectionOptions & {
  /** Milliseconds to wait for the headers of the response. Default 30,000. */
  readonly headersTimeoutMs?: number
}

/** The use of a connection. None of it has an HTTP route. */
export interface HawserTokens {
  /**
   * A working access token. If it expires soon, it is refreshed first.
   *
   * Fails with `NotConnected`; with `OtherCredentialKind` if the tenant is connected by an API key; with
   * `ReconnectRequired`, whose `reason` says why, if only a person can help; with `ProviderUnavailable` and `RateLimited`,
   * whose `retryAfter` is in seconds, and with `Misconfigured`, if the connection stays and a retry will help.
   */
  readonly accessToken: (
    options: ConnectionOptions & {
      /** Seconds for which the token must stay valid, and never more than half of its lifetime. Default 10. */
      readonly validFor?: number
    }
  ) => Promise<StoredAccessToken>
  /**
   * A fetch that calls the provider's API for a tenant, for SDKs that take one too. It takes a path below the definition's base
   * URL, an absolute URL of the API, or a `Request`; adds the token or key as the definition says, and sends it to the API's own hosts only. A token that
   * the API refuses is refreshed once and the request repeated, unless its body is a stream.
   *
   * `method`, `headers`, `body`, `redirect` and `signal` are those of fetch, and it resolves with any response, whatever
   * its status. Rejects as `accessToken` does; with `UrlNotAllowed`; with `ProviderUnavailable` if no response came; and
   * with the signal's reason.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * export const openIssues = async (hawser: Hawser, tenantId: string): Promise<unknown> => {
   *   const github = hawser.authorizedFetch({ tenantId, provider: "github" })
   *   const response = await github("/issues?state=open")
   *   return response.json()
   * }
   */
  readonly authorizedFetch: (
    options: AuthorizedFetchTarget
  ) => (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /**
   * The fields of the API key that the tenant is connected with. Fails with `NotConnected`, and with `OtherCredentialKind`
   * if the tenant is connected by OAuth2.
   */
  readonly apiKey: (options: ConnectionOptions) => Promise<StoredApiKey>
  /**
   * Ends the integration, with its event, because the provider reported that the access was withdrawn, for example by a
   * webhook. Returns false if it was not connected.
   */
  readonly markRevoked: (options: ConnectionOptions) => Promise<boolean>
  /**
   * Restores connections that the provider ended within the last seven days, of one tenant or of all, for a host that had
   * configured a wrong client. Returns the number that came back.
   */
  readonly restore: (options: {
    readonly provider: string
    readonly tenantId?: string
  }) => Promise<number>
}

export const tokens = (
  run: <A, E>(effect: Effect.Effect<A, E, JobServices>) => Promise<A>
): HawserTokens => ({
  accessToken: (options) =>
    run(
      Effect.gen(function* () {
        const { validFor } = options
        return new StoredAccessToken(
          yield* accessToken(yield* findConnection(options), { validFor })
        )
      })
    ),

  authorizedFetch: (options) => async (input, init) => {
    const { headersTimeoutMs } = options
    try {
      return await run(
        Effect.flatMap(findConnection(options), (query) =>
          authorizedFetch(query, input, init, { headersTimeoutMs })
        )
      )
    } catch (error) {
      // An interruption is not an error that a host could recognise.
      const { signal } = requestInit(input, init ?? {})
      signal?.throwIfAborted()
      throw error
    }
  },

  apiKey: (options) =>
    run(
      Effect.gen(function* () {
        return new StoredApiKey(yield* apiKey(yield* findConnection(options)))
      })
    ),

  markRevoked: (options) => run(Effect.flatMap(findConnection(options), markRevoked)),

  restore: ({ provider, tenantId }) =>
    run(
      Effect.gen(function* () {
        const restored = yield* restore(
          yield* findOAuth2Provider(provider),
          tenantId === undefined ? undefined : yield* checkTenantId(tenantId)
        )
        return restored.length
      })
    )
})

/** An API key has no grant to restore. */
const findOAuth2Provider = Effect.fnUntraced(function* (id: string) {
  const provider = yield* providerById(id)
  if (!beginsByConsent(provider)) return yield* new ProviderNotFound()
  return provider
})
