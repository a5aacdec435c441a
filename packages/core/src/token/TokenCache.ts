import { Context, Duration, Effect, Layer, Option } from "effect"
import {
  type AccessToken,
  type AccessTokenError,
  type AccessTokenOptions,
  type IntegrationKey,
  keyText
} from "../model/index.ts"
import { setBounded } from "../protocol/index.ts"
import type { ConnectionStore } from "../services/index.ts"
import { makeSharedWork } from "./sharedWork.ts"
import { uptime } from "./uptime.ts"

/** A token as it was read. */
export interface ReadToken {
  readonly token: AccessToken
  /** `uptime` just before the store was asked: the token's seconds count from no later. */
  readonly readAt: number
}

/** What the process remembers of a token, with the seconds that the store gave it, counted down. */
export interface CachedToken {
  readonly token: AccessToken
  readonly remaining: number | undefined
}

/** A read under way. */
interface Reading {
  readonly key: string
}

/** Milliseconds for which a transaction of the host's is taken to be open still. */
const longestTransaction = 60 * 60 * 1000

const rejectedKey = ({ rejected }: AccessTokenOptions): string =>
  rejected === undefined ? "" : `${rejected.grantId} ${rejected.generation}`

/**
 * Access tokens that this process read a moment ago, so that a host may ask for one on each of its own requests. Another
 * process may have disconnected meanwhile: an entry is believed for seconds only. Each is kept by its tenant.
 *
 * What this process has changed is never given out as it was before: a read that was under way is made again.
 */
export class TokenCache extends Context.Service<
  TokenCache,
  {
    readonly get: (key: IntegrationKey) => Effect.Effect<CachedToken | undefined>
    /** The same at an `uptime`, for those who have no fibre. */
    readonly getUnsafe: (key: IntegrationKey, now: number) => CachedToken | undefined
    /** Reads a token and keeps it, once for all who ask for it meanwhile with the same options. */
    readonly share: <R>(
      of: IntegrationKey,
      options: AccessTokenOptions,
      read: Effect.Effect<ReadToken, AccessTokenError, R>
    ) => Effect.Effect<AccessToken, AccessTokenError, R>
    /** Reads something of a connection, and again if this process has changed the connection meanwhile. */
    readonly current: <A, E, R>(
      of: IntegrationKey,
      read: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E, R>
    /** What this process has just changed must be read again. */
    readonly forget: (key: IntegrationKey) => Effect.Effect<void>
    /**
     * A transaction of the host's changes the connection, and when it commits nobody tells: for an hour, nothing that is
     * read of it is kept.
     */
    readonly doubt: (key: IntegrationKey) => Effect.Effect<void>
    /** Whether such a transaction may have ended since a read began. */
    readonly isInDoubt: (key: IntegrationKey) => Effect.Effect<boolean>
  }
>()("@hawser/core/TokenCache") {
  static readonly layer = (options: {
    /** How long an entry is believed; zero for not at all. */
    readonly timeToLive: Duration.Duration
  }): Layer.Layer<TokenCache> =>
    Layer.effect(
      TokenCache,
      Effect.gen(function* () {
        const reads = yield* makeSharedWork<AccessToken, AccessTokenError>()
        const entries = new Map<string, ReadToken>()
        /** Those of which this process has changed nothing since they began. */
        const readings = new Set<Reading>()
        const doubtfulUntil = new Map<string, number>()
        /** `uptime` until which every connection is in doubt, because some doubts were dropped. */
        let allDoubtfulUntil = 0
        const timeToLive = Duration.toMillis(options.timeToLive)

        const forget = (key: string) => {
          entries.delete(key)
          for (const reading of readings) if (reading.key === key) readings.delete(reading)
        }

        const begin = (key: string): Reading => {
          const reading = { key }
          readings.add(reading)
          return reading
        }

        const current = <A, E, R>(
          of: IntegrationKey,
          read: Effect.Effect<A, E, R>,
          keep: (key: string, value: A) => Effect.Effect<void> = () => Effect.void
        ): Effect.Effect<A, E, R> => {
          const key = keyText(of)
          const once = Effect.acquireUseRelease(
            Effect.sync(() => begin(key)),
            (reading) =>
              Effect.flatMap(Effect.exit(read), (exit) =>
                readings.has(reading)
                  ? Effect.flatMap(exit, (value) => Effect.as(keep(key, value), Option.some(value)))
                  : Effect.succeedNone
              ),
            (reading) => Effect.sync(() => readings.delete(reading))
          )
          return Effect.flatMap(
            once,
            Option.match({ onNone: () => current(of, read, keep), onSome: Effect.succeed })
          )
        }

        const isInDoubt = (key: string) =>
          Effect.map(uptime, (now) => now < allDoubtfulUntil || now < (doubtfulUntil.get(key) ?? 0))

        const cacheUnlessInDoubt = (key: string, read: ReadToken) =>
          Effect.map(isInDoubt(key), (doubtful) => {
            if (!doubtful) setBounded(entries, key, read)
          })

        const getUnsafe = (of: IntegrationKey, now: number): CachedToken | undefined => {
          const entry = entries.get(keyText(of))
          if (entry === undefined) return undefined
          const age = now - entry.readAt
          if (age >= timeToLive) return undefined
          const { remaining } = entry.token
          return {
            token: entry.token,
            remaining: remaining === undefined ? undefined : remaining - age / 1000
          }
        }

        return TokenCache.of({
          get: (of) => Effect.map(uptime, (now) => getUnsafe(of, now)),
          getUnsafe,
          share: (of, asked, read) =>
            reads.run(
              `${asked.validFor} ${rejectedKey(asked)} ${keyText(of)}`,
              Effect.map(current(of, read, cacheUnlessInDoubt), ({ token }) => token)
            ),
          current: (of, read) => current(of, read),
          forget: (of) => Effect.sync(() => forget(keyText(of))),
          doubt: (of) =>
            Effect.map(uptime, (now) => {
              const key = keyText(of)
              forget(key)
              const dropped = setBounded(doubtfulUntil, key, now + longestTransaction)
              if (dropped !== undefined) allDoubtfulUntil = Math.max(allDoubtfulUntil, dropped)
            }),
          isInDoubt: (of) => isInDoubt(keyText(of))
        })
      })
    )
}

/**
 * The same store, whose changes are seen at once by this process: `changed` is called after each of them, whatever came
 * of it.
 */
export const tellingChanges = (
  store: ConnectionStore["Service"],
  changed: (key: IntegrationKey) => Effect.Effect<void>
): ConnectionStore["Service"] => ({
  ...store,
  connect: (command) => Effect.ensuring(store.connect(command), changed(command)),
  swapCredential: (command) => Effect.ensuring(store.swapCredential(command), changed(command)),
  disconnect: (command) => Effect.ensuring(store.disconnect(command), changed(command))
})
