import { Context, Effect, Layer } from "effect"
import { type AccessToken, type IntegrationKey, keyText } from "../model/index.ts"
import { setBounded } from "../protocol/index.ts"
import { uptime } from "./uptime.ts"

/** What a refusal has to know of a token. */
type Refused = Pick<AccessToken, "grantId" | "generation" | "lifetime">

interface Entry {
  readonly grantId: AccessToken["grantId"]
  readonly generation: number
  /** `uptime` until which no newer generation is refreshed for a refusal either. */
  readonly until: number
}

/** Milliseconds. */
const betweenLooks = 15_000

/** Seconds for a token whose lifetime nobody knows. */
const unknownLifetime = 3600

/**
 * Tokens that exist because an API refused their predecessor. One that is refused as well is not refreshed again, or an API
 * that refuses all would burn a token with each call. Other processes' tokens are not told apart from those that came in
 * due time, so for half of a lifetime, in which none is due, newer ones are not refreshed either.
 */
export class RefusedTokens extends Context.Service<
  RefusedTokens,
  {
    /** Whether to refresh a token that the API refused. */
    readonly mayRefresh: (key: IntegrationKey, token: Refused) => Effect.Effect<boolean>
    /** Records the token that such a refresh returned. */
    readonly remember: (key: IntegrationKey, token: Refused) => Effect.Effect<void>
    /**
     * Whether the caller should check if a token that cannot be refreshed was withdrawn: true once in 15 seconds, however
     * many calls are refused.
     */
    readonly mayLook: (grantId: AccessToken["grantId"]) => Effect.Effect<boolean>
  }
>()("@hawser/core/RefusedTokens") {
  static readonly layer: Layer.Layer<RefusedTokens> = Layer.sync(RefusedTokens, () => {
    const entries = new Map<string, Entry>()
    const lookedAt = new Map<string, number>()

    return RefusedTokens.of({
      mayRefresh: (key, { generation, grantId }) =>
        Effect.map(uptime, (now) => {
          const entry = entries.get(keyText(key))
          if (entry?.grantId !== grantId) return true
          return generation > entry.generation && now >= entry.until
        }),
      remember: (key, { generation, grantId, lifetime = unknownLifetime }) =>
        Effect.map(uptime, (now) => {
          setBounded(entries, keyText(key), { grantId, generation, until: now + lifetime * 500 })
        }),
      mayLook: (grantId) =>
        Effect.map(uptime, (now) => {
          if (now - (lookedAt.get(grantId) ?? -Infinity) < betweenLooks) return false
          setBounded(lookedAt, grantId, now)
          return true
        })
    })
  })
}
