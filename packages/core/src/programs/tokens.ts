import { type DateTime, Effect, Redacted } from "effect"
import {
  type DecryptionFailed,
  NotConnected,
  ReconnectRequired,
  type StorageUnavailable
} from "../domain/Errors.ts"
import { defaultConnection, type ProviderId, type TenantId } from "../domain/Ids.ts"
import type { Secret } from "../domain/Sealed.ts"
import type { Cipher } from "../ports/Cipher.ts"
import { CredentialStore } from "../ports/CredentialStore.ts"
import { IntegrationStore } from "../ports/IntegrationStore.ts"
import { openAccessToken } from "./grantTokens.ts"
import { openCredential } from "./sealedCredential.ts"

/** Whose token is wanted. The tenant is named by the host's own code, never by a request. */
export interface TokenQuery {
  readonly tenantId: TenantId
  readonly provider: ProviderId
}

export interface AccessToken {
  readonly accessToken: Secret
  /** As the token response says, lower-case: nearly always `bearer`. */
  readonly tokenType: string
  /** Undefined where the token does not expire as far as the provider tells. */
  readonly expiresAt: DateTime.Utc | undefined
  readonly scopes: ReadonlyArray<string>
}

/**
 * The stored access token of a tenant.
 *
 * Fails with `NotConnected`; with `ReconnectRequired` where the token has expired.
 */
export const accessToken = Effect.fn("Hawser.accessToken")(function* (
  query: TokenQuery
): Effect.fn.Return<
  AccessToken,
  NotConnected | ReconnectRequired | DecryptionFailed | StorageUnavailable,
  Cipher | IntegrationStore
> {
  const integrations = yield* IntegrationStore
  const grant = yield* integrations.grant({ ...query, connection: defaultConnection })
  if (grant.expired)
    return yield* new ReconnectRequired({ provider: query.provider, reason: "token_expired" })
  return {
    accessToken: yield* openAccessToken(query, grant.id, grant.accessToken),
    tokenType: grant.tokenType,
    expiresAt: grant.expiresAt,
    scopes: grant.scopes
  }
})

/** The fields of the API key that a tenant is connected with. Fails with `NotConnected`. */
export const apiKey = Effect.fn("Hawser.apiKey")(function* (
  query: TokenQuery
): Effect.fn.Return<
  Readonly<Record<string, Secret>>,
  NotConnected | DecryptionFailed | StorageUnavailable,
  Cipher | CredentialStore | IntegrationStore
> {
  const notConnected = () => new NotConnected({ provider: query.provider })
  const integrations = yield* IntegrationStore
  const integration = yield* Effect.catchTag(
    integrations.find({ ...query, connection: defaultConnection }),
    "IntegrationNotFound",
    notConnected
  )
  const id = integration.credentialId
  if (id === undefined || integration.status !== "connected") return yield* notConnected()
  const credentials = yield* CredentialStore
  // Disconnected between the two reads.
  const credential = yield* Effect.catchTag(
    credentials.find({ ...query, id }),
    "CredentialNotFound",
    notConnected
  )
  const fields = yield* openCredential({ ...query, id }, credential)
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Redacted.make(value)])
  )
})
