import { Clock, Context, Effect, Layer } from "effect"
import { ProviderUnavailable, ReconnectRequired } from "../domain/Errors.ts"
import type { ClientCredentials } from "../domain/ProviderDefinition.ts"
import type { Secret } from "../domain/Sealed.ts"
import { type ClientToken, requestClientToken } from "../oauth/clientCredentials.ts"
import type { CredentialKey } from "../ports/CredentialStore.ts"
import { Egress } from "../ports/Egress.ts"
import type { FieldValues } from "./fields.ts"
import { refreshMargin } from "./lifetime.ts"
import { makeSharedWork } from "./sharedWork.ts"

/** Why a stored key gives no token: it is no longer good, or its vendor does not answer. */
export type ClientTokenError = ReconnectRequired | ProviderUnavailable

interface Entry {
  readonly token: Secret
  /** Milliseconds of Effect's clock until which it is used. */
  readonly until: number
}

/** More keys than this and the tokens made longest ago are forgotten. */
const capacity = 10_000

/** How long a token is used whose lifetime nobody tells. */
const unknownLifetime = 600

/**
 * The tokens that client credentials of tenants were exchanged for. They are kept in this process alone: a new one costs
 * one request, and nothing is lost with it. Each is kept by its tenant and key (S-60).
 */
export class ClientTokens extends Context.Service<
  ClientTokens,
  {
    /** A token for this key, whose fields are given; one request however many ask at once. */
    readonly get: (
      definition: ClientCredentials,
      key: CredentialKey,
      fields: FieldValues
    ) => Effect.Effect<Secret, ClientTokenError>
    /** The API has refused this token: the next caller gets another. */
    readonly refused: (key: CredentialKey, token: Secret) => Effect.Effect<void>
  }
>()("@hawser/core/ClientTokens") {
  static readonly layer: Layer.Layer<ClientTokens, never, Egress> = Layer.effect(
    ClientTokens,
    Effect.gen(function* () {
      const egress = yield* Egress
      const requests = makeSharedWork<Secret, ClientTokenError>(yield* Effect.scope)
      const entries = new Map<string, Entry>()
      const nameOf = ({ id, provider, tenantId }: CredentialKey) =>
        JSON.stringify([tenantId, provider, id])

      const keep = (name: string, token: ClientToken, now: number) => {
        entries.delete(name)
        entries.set(name, { token: token.accessToken, until: usableUntil(token, now) })
        for (const oldest of entries.keys()) {
          if (entries.size <= capacity) return
          entries.delete(oldest)
        }
      }

      const request = Effect.fnUntraced(function* (
        definition: ClientCredentials,
        { provider, ...key }: CredentialKey,
        fields: FieldValues
      ) {
        const token = yield* requestClientToken(definition, fields).pipe(
          Effect.provideService(Egress, egress),
          Effect.mapError(({ isRejected, retryAfter }) =>
            isRejected
              ? new ReconnectRequired({ provider, reason: "credential_rejected" })
              : new ProviderUnavailable({ provider, retryAfter })
          )
        )
        keep(nameOf({ provider, ...key }), token, yield* Clock.currentTimeMillis)
        return token.accessToken
      })

      return ClientTokens.of({
        get: Effect.fnUntraced(function* (definition, key, fields) {
          const name = nameOf(key)
          const entry = entries.get(name)
          if (entry !== undefined && entry.until > (yield* Clock.currentTimeMillis))
            return entry.token
          return yield* requests.run(name, request(definition, key, fields))
        }),
        refused: (key, token) =>
          Effect.sync(() => {
            const name = nameOf(key)
            if (entries.get(name)?.token === token) entries.delete(name)
          })
      })
    })
  )
}

/** Before its end by the margin that refreshing has, and by no more than half of its life. */
const usableUntil = ({ expiresIn = unknownLifetime }: ClientToken, now: number): number =>
  now + 1000 * Math.max(expiresIn - refreshMargin, expiresIn / 2)
