import type { Role } from "@hawser/core"
import type { JSONWebKeySet } from "jose"

/** Where a claim stands: its name, or for a nested one the names on the way to it. */
export type ClaimPath = string | ReadonlyArray<string>

/** A host's issuer of access tokens. */
export interface JwtOptions {
  /** Compared with `iss`, character by character. */
  readonly issuer: string
  /** `aud` must contain this, or one of these. */
  readonly audience?: string | ReadonlyArray<string>
  /**
   * For issuers whose tokens carry `azp` and no `aud`: `azp` must be one of these. A token that carries `aud` all the same
   * needs `audience` as well (RFC 7519 §4.1.3).
   */
  readonly authorizedParties?: ReadonlyArray<string>
  /**
   * For issuers whose access tokens carry `client_id` and no `aud`, such as Amazon Cognito: `client_id` must be one of these.
   * A token that carries `aud` all the same needs `audience` as well.
   */
  readonly clientIds?: ReadonlyArray<string>
  /** Takes tokens that the issuer made for any other application; the start is refused without it where all of these are missing. */
  readonly unsafelyAcceptAnyAudience?: true
  /**
   * The issuer's key set, over https, or over http on this machine; or give `jwks`. It may be at a private address, as inside a
   * cluster: that opens this URL and nothing else.
   */
  readonly jwksUrl?: string
  /**
   * Loads the key set over plain http from anywhere. Unsafe, because an attacker on the network can replace the keys, and
   * sign tokens for every tenant.
   */
  readonly unsafelyLoadKeysOverHttp?: true
  /** The issuer's public keys themselves. */
  readonly jwks?: JSONWebKeySet
  /** Default RS256, ES256, EdDSA. Only signatures with public keys. */
  readonly algorithms?: ReadonlyArray<string>
  /** Seconds by which clocks may differ, at most 60. Default 5. */
  readonly clockTolerance?: number
  /** Seconds since `iat` after which a token is refused, whatever its `exp` says. Default none. */
  readonly maxTokenAge?: number
  /** The `typ` that a token must have: `at+jwt` for access tokens of RFC 9068, which no ID token has. Default any. */
  readonly typ?: string
  /** A token in which one of these claims has this value is refused: `{ token_use: "id" }` for the ID tokens of Cognito. */
  readonly refusedClaims?: Readonly<Record<string, string | number | boolean>>
  /** Where the caller stands in the token. Default `tenant_id`, `sub` and `roles`. */
  readonly claims?: {
    readonly tenantId?: ClaimPath
    readonly userId?: ClaimPath
    /** A list of strings, or one string. */
    readonly roles?: ClaimPath
    /** From the issuer's words to Hawser's roles. Default `admin` and `member`, as they are. */
    readonly roleMap?: Readonly<Record<string, Role>>
  }
  /**
   * The user whose connections are theirs alone, in words that stay the same for as long as the user does: where what the token
   * says changes, or where several issuers have users of one tenant. Default: what stands at `claims.userId`.
   */
  readonly userOf?: UserOf
}

/** What a verified token says, for the host that names its tenant or its user. */
export interface IssuedToken {
  /** The issuer whose key signed the token. */
  readonly issuer: string
  /** What stands at the issuer's own path `claims.tenantId`, if it is text. */
  readonly tenantId: string | undefined
  /** What stands at `claims.userId`, by default `sub`, if it is text. */
  readonly userId: string | undefined
  /** All claims of the token. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Which tenant a token of one of several issuers acts in; null for none, which is 403. What throws is 503. */
export type TenantOf = (token: IssuedToken) => string | null | Promise<string | null>

/** Which user a token stands for; null for nobody, which is 401. What throws is 503. */
export type UserOf = (token: IssuedToken) => string | null | Promise<string | null>

/** Several issuers, each with its own keys. */
export interface JwtIssuers {
  /** What `jwt` takes for one issuer, for each of them. */
  readonly issuers: readonly [JwtOptions, ...ReadonlyArray<JwtOptions>]
  /** Without it one issuer could name the tenants of another. */
  readonly tenantOf: TenantOf
}

/** A description of how callers are authenticated; `jwt` makes one. */
export interface JwtAuthentication {
  readonly _tag: "Jwt"
  readonly issuers: ReadonlyArray<JwtOptions>
  readonly tenantOf?: TenantOf
}

/**
 * Callers are authenticated by JWTs of the host's issuer, or of several (RFC 7519, RFC 8725).
 *
 * A token without `exp`, from another issuer, for another audience or signed by a key that is not in the set of its issuer
 * is refused with 401; a valid user without tenant or role with 403; while the keys cannot be loaded, the answer is 503.
 *
 * @example
 * import { jwt } from "@hawser/http"
 *
 * const authentication = jwt({
 *   issuer: "https://login.example.com/",
 *   audience: "https://app.example.com/api",
 *   jwksUrl: "https://login.example.com/.well-known/jwks.json",
 *   claims: { tenantId: ["org", "id"] }
 * })
 */
export const jwt = (options: JwtOptions | JwtIssuers): JwtAuthentication =>
  // What is not an object is refused when it is looked at.
  typeof options === "object" && "issuers" in options
    ? { ...options, _tag: "Jwt" }
    : { _tag: "Jwt", issuers: [options] }
