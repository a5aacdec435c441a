import { Egress } from "@hawser/core"
import { Clock, Data, Effect } from "effect"
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose"

/** All in milliseconds. */
const timeoutDuration = 5000
const cooldownDuration = 30_000
const cacheMaxAge = 600_000
const leastBetweenFetches = 5000

/** The key set was asked for moments ago and could not be used. */
class AskedMomentsAgo extends Data.TaggedError("AskedMomentsAgo") {
  override readonly message = "The key set could not be had moments ago."
}

/**
 * The key set of an issuer, through the egress: kept for ten minutes, fetched again at most once in 30 seconds for a key
 * id that is not in it, so keys rotate without a restart and strangers' tokens cause no storm (S-53).
 */
export const remoteKeys = Effect.fnUntraced(function* (
  url: URL
): Effect.fn.Return<JWTVerifyGetKey, never, Egress> {
  const egress = yield* Egress
  const run = Effect.runPromiseWith(yield* Effect.context())
  let lastFetch = Number.NEGATIVE_INFINITY

  const fetchKeys = Effect.fnUntraced(function* (headers: Headers) {
    const now = yield* Clock.currentTimeMillis
    // jose's own cooldown begins with a success, so an issuer that is down would be asked for every call.
    if (now < lastFetch + leastBetweenFetches) return yield* new AskedMomentsAgo()
    lastFetch = now
    return yield* egress.request({
      method: "GET",
      url,
      headers: Object.fromEntries(headers),
      hosts: [url.host]
    })
  })

  return createRemoteJWKSet(url, {
    timeoutDuration,
    cooldownDuration,
    cacheMaxAge,
    [customFetch]: (_, { headers, signal }) => run(fetchKeys(headers), { signal })
  })
})
