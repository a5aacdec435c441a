import type { DateTime } from "effect"
import type {
  DecryptionFailed,
  Misconfigured,
  NotConnected,
  OtherCredentialKind,
  ProviderNotFound,
  ProviderUnavailable,
  RateLimited,
  ReconnectRequired,
  StorageUnavailable
} from "./Errors.ts"
import type { StoredGrant } from "./Grant.ts"
import type { CredentialId, GrantId } from "./Ids.ts"
import type { TenantFields } from "./Integration.ts"
import type { Secret } from "./Sealed.ts"

export interface AccessToken {
  readonly accessToken: Secret
  /** The JWK of the key that the token is bound to; undefined for a bearer token. */
  readonly dpopKey: Secret | undefined
  /** As the token response says, lower-case: `bearer`, or `dpop` where the token is bound to a key. */
  readonly tokenType: string
  /** Undefined if the token does not expire as far as the provider tells. */
  readonly expiresAt: DateTime.Utc | undefined
  /** Seconds that it had left when it was read. */
  readonly remaining: number | undefined
  /** Seconds from its issue until its end. */
  readonly lifetime: number | undefined
  /** Whether its provider seems to have withdrawn it: the next success is to be told to the store. */
  readonly withdrawal: StoredGrant["withdrawal"]
  /** 1 as it was issued, and one more with each refresh; of client credentials, as this process has counted. */
  readonly generation: number
  /** Whose it is: for client credentials, the stored key that it was made with. */
  readonly grantId: GrantId | CredentialId
  readonly scopes: ReadonlyArray<string>
  /** Where the tenant lives at the provider, as it named it. */
  readonly fields: TenantFields
}

export interface AccessTokenOptions {
  /**
   * Seconds for which the token must stay valid, and never more than half of its lifetime. Default 10 where it can be
   * refreshed; what cannot be refreshed serves until its end.
   */
  readonly validFor?: number | undefined
  /** A token that the provider's API refused: while it is the current one it counts as ended, and is refreshed. */
  readonly rejected?: Pick<AccessToken, "grantId" | "generation"> | undefined
}

/** Why there is no token: nobody is connected, a person must reconnect, or it is worth trying again. */
export type AccessTokenError =
  | NotConnected
  | OtherCredentialKind
  | ReconnectRequired
  | ProviderUnavailable
  | RateLimited
  | Misconfigured
  | ProviderNotFound
  | DecryptionFailed
  | StorageUnavailable
