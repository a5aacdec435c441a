import { Clock, Context, Duration, Effect, Layer } from "effect"
import type { IntegrationStore } from "../ports/IntegrationStore.ts"
import { setBounded } from "./setBounded.ts"
import { makeSharedWork } from "./sharedWork.ts"
import type {
  AccessToken,
  AccessTokenError,
  AccessTokenOptions,
  TokenQuery
} from "../domain/AccessToken.ts"

interface Entry {
  readonly token: AccessToken
  /** Milliseconds of Effect's clock at which the store was read. */
  readonly readAt: number
}

/** What the process remembers of a token, with the seconds that the store gave it, counted down. */
export interface CachedToken {
  readonly token: AccessToken
  readonly remaining: number | undefined
}

const rejectedOf = ({ rejected }: AccessTokenOptions): string =>
  rejected === undefined ? "" : `${rejected.grantId} ${rejected.generation}`

/**
 * Access tokens that this process read a moment ago, so that a host may ask for one on each of its own requests. Another
 * process may have disconnected meanwhile: an entry is believed for seconds only. Each is kept by its tenant (S-60).
 */
export class TokenCache extends Context.Service<
  TokenCache,
  {
    readonly get: (query: TokenQuery) => Effect.Effect<CachedToken | undefined>
    readonly set: (query: TokenQuery, token: AccessToken) => Effect.Effect<void>
    /** Reads a token, once for all who ask for it meanwhile with the same options. */
    readonly share: <R>(
      query: TokenQuery,
      options: AccessTokenOptions,
      read: Effect.Effect<AccessToken, AccessTokenError, R>
    ) => Effect.Effect<AccessToken, AccessTokenError, R>
    /** What this process has just changed must be read anew. */
    readonly forget: (query: TokenQuery) => Effect.Effect<void>
  }
>()("@hawser/core/TokenCache") {
  static readonly layer = (options: {
    /** How long an entry is believed; zero for not at all. */
    readonly timeToLive: Duration.Duration
  }): Layer.Layer<TokenCache> =>
    Layer.effect(
      TokenCache,
      Effect.gen(function* () {
        const reads = makeSharedWork<AccessToken, AccessTokenError>(yield* Effect.scope)
        const entries = new Map<string, Entry>()
        const timeToLive = Duration.toMillis(options.timeToLive)
        const keyOf = ({ provider, tenantId }: TokenQuery) => `${provider} ${tenantId}`

        return TokenCache.of({
          get: (query) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              const key = keyOf(query)
              const entry = entries.get(key)
              if (entry === undefined) return undefined
              const age = now - entry.readAt
              if (age >= timeToLive) {
                entries.delete(key)
                return undefined
              }
              const { remaining } = entry.token
              return {
                token: entry.token,
                remaining: remaining === undefined ? undefined : remaining - age / 1000
              }
            }),
          set: (query, token) =>
            Effect.map(Clock.currentTimeMillis, (readAt) =>
              setBounded(entries, keyOf(query), { token, readAt })
            ),
          share: (query, options, read) =>
            reads.run(`${options.validFor} ${rejectedOf(options)} ${keyOf(query)}`, read),
          forget: (query) => Effect.sync(() => void entries.delete(keyOf(query)))
        })
      })
    )
}

/** The same store, whose changes are seen at once by this process: what was cached of an integration goes with it. */
export const forgettingTokens = (
  store: IntegrationStore["Service"],
  cache: TokenCache["Service"]
): IntegrationStore["Service"] => ({
  ...store,
  connect: (command) => Effect.tap(store.connect(command), () => cache.forget(command)),
  disconnect: (command) => Effect.ensuring(store.disconnect(command), cache.forget(command))
})
