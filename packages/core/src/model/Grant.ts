import type { Brand, DateTime } from "effect"
import type { GrantId, IntegrationId, TenantId } from "./Ids.ts"
import type { Account, TenantFields } from "./Integration.ts"
import type { Sealed } from "./Sealed.ts"

/** One answer of a token endpoint, sealed. */
export interface SealedTokens {
  readonly accessToken: Sealed
  readonly refreshToken: Sealed | undefined
  readonly tokenType: string
  /** Seconds from the moment of storing after which the access token is dead; undefined if the provider tells none. */
  readonly expiresIn: number | undefined
  /** Seconds from the moment of storing after which the keeper looks at the grant; undefined for never. */
  readonly dueIn: number | undefined
  /** Seconds from the moment of storing after which the refresh token is dead; undefined if this answer tells none. */
  readonly refreshExpiresIn?: number | undefined
  /** Seconds from the moment of storing after which the host is told of that end; with `refreshExpiresIn`. */
  readonly refreshNoticeIn?: number | undefined
}

/** The OAuth2 tokens of an integration, sealed, as they are stored. */
export interface SealedGrant extends SealedTokens {
  readonly id: GrantId
  /** The JWK of the private key that the tokens are bound to; undefined unless they are of the type `dpop` (RFC 9449). */
  readonly dpopKey: Sealed | undefined
  /** SHA-256 of the client the tokens were issued to: another client cannot refresh them. */
  readonly clientFingerprint: string
  /**
   * Whose consent it is, with the server that says so; undefined if it is not known. Revoking one token may end all that this
   * person gave the client.
   */
  readonly grantSubject?: string | undefined
}

/** A grant as it is read back: lifetimes are judged by the store's clock. */
export interface StoredGrant extends Omit<
  SealedGrant,
  "expiresIn" | "dueIn" | "refreshExpiresIn" | "refreshNoticeIn"
> {
  readonly integrationId: IntegrationId
  readonly scopes: ReadonlyArray<string>
  readonly fields: TenantFields
  /** The account at the provider, without its label; undefined if nobody told it. */
  readonly account: Pick<Account, "id" | "issuer"> | undefined
  /** 1 as it was issued, and one more with each refresh. */
  readonly generation: number
  readonly expiresAt: DateTime.Utc | undefined
  readonly expired: boolean
  /** Seconds until the access token is dead, none once it is; undefined if it does not expire. */
  readonly remaining: number | undefined
  /** Seconds from its issue until its end. */
  readonly lifetime: number | undefined
  /**
   * Without a refresh token: whether its provider seems to have withdrawn it. `suspected` after one challenge of its API,
   * `told` once the integration stands at `error` for it; undefined after a success.
   */
  readonly withdrawal: "suspected" | "told" | undefined
  /** Seconds until the refresh token is dead, as it was told last; undefined if nobody told it. */
  readonly refreshRemaining: number | undefined
}

/**
 * The right to ask the provider once for new tokens of this grant, committed before the request. Only a `ConnectionStore`
 * makes one, so no refresh can be sent without.
 */
export interface RefreshLease extends Brand.Brand<"RefreshLease"> {
  readonly tenantId: TenantId
  readonly grant: StoredGrant & { readonly refreshToken: Sealed }
  /** Grows with each lease of the grant. What writes under an old one writes nothing. */
  readonly fence: bigint
  /** An earlier request with this very refresh token may have reached the provider, and its answer was lost. */
  readonly interrupted: boolean
  /** The client that asks, with its secret. */
  readonly clientVersion: string
  /** How many attempts have failed since the last success. */
  readonly failures: number
}
