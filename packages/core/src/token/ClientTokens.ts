import { Context, Effect, Layer } from "effect"
import { authKindOf } from "../auth/index.ts"
import {
  Misconfigured,
  ProviderUnavailable,
  ReconnectRequired,
  type Secret
} from "../model/index.ts"
import { type ClientToken, type ProviderTraffic, setBounded } from "../protocol/index.ts"
import { type ApiKeyProvider, type FieldValues, reportingEndpoints } from "../provider/index.ts"
import type { CredentialKey, Egress, SecurityLog } from "../services/index.ts"
import { refreshMargin } from "./lifetime.ts"
import { makeSharedWork } from "./sharedWork.ts"
import { uptime } from "./uptime.ts"

/** Why a stored key gives no token: it is no longer good, or its vendor does not answer; or it may be sent nowhere. */
export type ClientTokenError = ReconnectRequired | ProviderUnavailable | Misconfigured

/** A token that a stored key was exchanged for. */
export interface ClientAccessToken {
  readonly accessToken: Secret
  /** How many this process has made before it, and one. */
  readonly generation: number
  /** `uptime` at which it ends; undefined if nobody tells. */
  readonly endsAt: number | undefined
  /** Seconds that it lives; undefined if nobody tells. */
  readonly lifetime: number | undefined
}

interface Entry {
  readonly token: ClientAccessToken
  /** `uptime` until which it is used. */
  readonly until: number
}

/** How long a token is used whose lifetime nobody tells. */
const unknownLifetime = 600

/**
 * The tokens that client credentials of tenants were exchanged for. They are kept in this process alone: a new one costs
 * one request, and nothing is lost with it. Each is kept by its tenant and key.
 */
export class ClientTokens extends Context.Service<
  ClientTokens,
  {
    /**
     * A token for this key, whose fields are given; one request however many ask at once. It stays valid for `validFor`
     * seconds at least, and for half of its life where that is less.
     */
    readonly get: (
      provider: ApiKeyProvider,
      key: CredentialKey,
      fields: FieldValues,
      validFor?: number
    ) => Effect.Effect<ClientAccessToken, ClientTokenError>
    /** The API has refused the token of this generation: the next caller gets another. */
    readonly refused: (key: CredentialKey, generation: number) => Effect.Effect<void>
  }
>()("@hawser/core/ClientTokens") {
  static readonly layer: Layer.Layer<ClientTokens, never, Egress | ProviderTraffic | SecurityLog> =
    Layer.effect(
      ClientTokens,
      Effect.gen(function* () {
        const services = yield* Effect.context<Egress | ProviderTraffic | SecurityLog>()
        const requests = yield* makeSharedWork<ClientAccessToken, ClientTokenError>()
        const entries = new Map<string, Entry>()
        let made = 0
        const cacheKey = ({ id, owner, provider, tenantId }: CredentialKey) =>
          JSON.stringify([tenantId, owner, provider, id])

        const cacheToken = (name: string, { accessToken, expiresIn }: ClientToken, now: number) => {
          const token: ClientAccessToken = {
            accessToken,
            generation: ++made,
            endsAt: expiresIn === undefined ? undefined : now + expiresIn * 1000,
            lifetime: expiresIn
          }
          setBounded(entries, name, { token, until: usableUntil(expiresIn, now) })
          return token
        }

        const request = Effect.fnUntraced(function* (
          configured: ApiKeyProvider,
          { provider, ...key }: CredentialKey,
          fields: FieldValues
        ) {
          const { renew } = authKindOf(configured)
          if (renew === undefined) return yield* Effect.die("The auth kind exchanges no key.")
          const token = yield* renew(configured, key.tenantId, fields).pipe(
            reportingEndpoints(key),
            Effect.provide(services),
            Effect.mapError((error) => {
              if (error._tag === "EndpointNotAllowed")
                return new Misconfigured({ provider, reason: "endpoint_not_allowed" })
              return error._tag === "ClientTokenFailed" && error.isRejected
                ? new ReconnectRequired({ provider, reason: "credential_rejected" })
                : new ProviderUnavailable({ provider, retryAfter: error.retryAfter })
            })
          )
          return cacheToken(cacheKey({ provider, ...key }), token, yield* uptime)
        })

        return ClientTokens.of({
          get: Effect.fnUntraced(function* (provider, key, fields, validFor = 0) {
            const name = cacheKey(key)
            const entry = entries.get(name)
            const now = yield* uptime
            if (entry !== undefined && now < entry.until && isValidFor(entry.token, validFor, now))
              return entry.token
            return yield* requests.run(name, request(provider, key, fields))
          }),
          refused: (key, generation) =>
            Effect.sync(() => {
              const name = cacheKey(key)
              if (entries.get(name)?.token.generation === generation) entries.delete(name)
            })
        })
      })
    )
}

/** Until before its end by the margin that refreshing has, and by no more than half of its life. */
const usableUntil = (lifetime: number | undefined, now: number): number => {
  const seconds = lifetime ?? unknownLifetime
  return now + 1000 * Math.max(seconds - refreshMargin, seconds / 2)
}

const isValidFor = (
  { endsAt, lifetime = unknownLifetime }: ClientAccessToken,
  seconds: number,
  now: number
): boolean => endsAt === undefined || endsAt - now >= 1000 * Math.min(seconds, lifetime / 2)
