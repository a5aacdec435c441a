import type { CryptoKey } from "oauth4webapi"
import type { Secret } from "../model/index.ts"

/** The signature algorithms of client assertions (RFC 7518 §3.1, RFC 8037 §3.1). */
export type SigningAlgorithm = "ES256" | "EdDSA" | "PS256" | "RS256"

/**
 * The client signs an assertion for each request instead of sending a secret (RFC 7523 §2.2; OpenID Connect Core §9,
 * `private_key_jwt`). Register the public key with the provider. Use one key for each provider: an assertion that one
 * provider sees then never works at another.
 */
export interface PrivateKeyJwt {
  readonly method: "private_key_jwt"
  /**
   * A `CryptoKey` with the usage `sign`, or text: PEM (PKCS #8, or PKCS #1 for RSA), or a JWK as JSON. The start refuses
   * undefined, so you can pass an environment variable as it is.
   */
  readonly privateKey: CryptoKey | string | undefined
  readonly alg: SigningAlgorithm
  /** Names the key where the provider knows several (RFC 7515 §4.1.4). */
  readonly kid?: string
  /** For a server that wants the assertion's type in its header (RFC 10070). Older servers refuse an unknown type. */
  readonly typ?: "client-authentication+jwt"
  /**
   * Addresses the assertion to the token endpoint instead of the issuer, for a server that has no issuer or accepts no
   * other audience. Unsafe: another server that the client uses can name this endpoint as its own, and replay the assertion
   * there (RFC 10070, audience injection). Use the key with this provider only.
   */
  readonly unsafeAudience?: "token_endpoint"
}

/** How the client authenticates, checked: each method with what it needs, and no request with two of them. */
export type ClientAuthentication =
  | {
      readonly method:
        | "client_secret_basic"
        | "client_secret_basic_raw"
        | "client_secret_post"
        | "secret_basic"
        | "secret_client"
      readonly clientSecret: Secret
    }
  | {
      readonly method: "private_key_jwt"
      readonly key: CryptoKey
      readonly alg: SigningAlgorithm
      readonly kid: string | undefined
      readonly typ: PrivateKeyJwt["typ"]
      readonly audience: "issuer" | "token_endpoint"
    }
  | {
      readonly method: "none"
      /** For a request that authenticates by another method. */
      readonly clientSecret?: Secret
    }
