import { Egress, type EgressRequest, TaggedError } from "@hawser/core"
import { Clock, Effect } from "effect"
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type ExportedJWKSCache,
  type JWKSCacheInput,
  jwksCache,
  type JWTVerifyGetKey
} from "jose"

/** All in milliseconds. */
const timeoutDuration = 5000
const cooldownDuration = 30_000
const cacheMaxAge = 600_000
const leastBetweenFetches = 5000
const staleMaxAge = 3_600_000

/** The key set was asked for moments ago and could not be used. */
class AskedMomentsAgo extends TaggedError("AskedMomentsAgo") {
  override readonly message = "The key set could not be loaded moments ago."
}

/**
 * The key set of an issuer, through the egress: kept for ten minutes, fetched again at most once in 30 seconds for a key
 * id that is not in it, so keys rotate without a restart and strangers' tokens cause no storm.
 *
 * While it cannot be loaded, the last one serves until it is an hour old.
 */
export const remoteKeys = Effect.fnUntraced(function* (
  url: URL,
  privateNetwork: NonNullable<EgressRequest["privateNetwork"]>
): Effect.fn.Return<JWTVerifyGetKey, never, Egress> {
  const egress = yield* Egress
  const clock = yield* Clock.Clock
  const run = Effect.runPromiseWith(yield* Effect.context())
  let askedAt = Number.NEGATIVE_INFINITY

  const wait = Effect.map(Clock.currentTimeMillis, (now) => {
    askedAt = now
  })

  const fetchKeys = Effect.fnUntraced(function* (headers: Headers) {
    // jose's own cooldown begins with a success, so an issuer that is down would be asked for every call.
    if (isWithin(leastBetweenFetches, askedAt, yield* Clock.currentTimeMillis))
      return yield* new AskedMomentsAgo()
    yield* wait
    // Counted from the end: an issuer that lets its callers wait would else be asked again at once.
    return yield* Effect.ensuring(
      egress.request({
        method: "GET",
        url,
        headers: Object.fromEntries(headers),
        hosts: [url.host],
        privateNetwork
      }),
      wait
    )
  })

  const lastSet: Partial<ExportedJWKSCache> = {}
  const lastKeys = remember(createLocalJWKSet)
  const currentKeys = createRemoteJWKSet(url, {
    timeoutDuration,
    cooldownDuration,
    cacheMaxAge,
    [jwksCache]: lastSet as JWKSCacheInput,
    [customFetch]: (_, { headers, signal }) => run(fetchKeys(headers), { signal })
  })

  return async (header, token) => {
    try {
      // Loaded before the clock was set back: jose would take it for young until its time comes again.
      if ((lastSet.uat ?? 0) > clock.currentTimeMillisUnsafe()) await currentKeys.reload()
      return await currentKeys(header, token)
    } catch (cause) {
      const { jwks, uat } = lastSet
      if (lacksKey(cause) || jwks === undefined || uat === undefined) throw cause
      if (!isWithin(staleMaxAge, uat, await run(Clock.currentTimeMillis))) throw cause
      return lastKeys(jwks)(header, token).catch(() => {
        // The missing key may be in the set that cannot be loaded.
        throw cause
      })
    }
  }
})

/** A clock that was set back makes nothing young again: what lies ahead of now is of an age that nobody knows. */
const isWithin = (milliseconds: number, since: number, now: number): boolean =>
  since <= now && now - since < milliseconds

/** Whether a key set was there and did not have the key. */
export const lacksKey = (cause: unknown): boolean =>
  cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys

/** Makes of the same input the same output, so that keys are imported once. */
const remember = <Input, Output>(make: (input: Input) => Output) => {
  let last: { readonly input: Input; readonly output: Output } | undefined
  return (input: Input): Output => {
    if (last?.input !== input) last = { input, output: make(input) }
    return last.output
  }
}
