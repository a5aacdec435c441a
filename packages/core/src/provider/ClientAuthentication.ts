import type { CryptoKey } from "oauth4webapi"
import type { Secret } from "../model/index.ts"

/** The signature algorithms of client assertions (RFC 7518 §3.1, RFC 8037 §3.1). */
export type SigningAlgorithm = "ES256" | "EdDSA" | "PS256" | "RS256"

/**
 * The client signs an assertion for each request instead of sending a secret (RFC 7523 §2.2; OpenID Connect Core §9,
 * `private_key_jwt`). Register the public key with the provider. A key for each provider is best: then what one of them
 * sees is of no use with another.
 */
export interface PrivateKeyJwt {
  readonly method: "private_key_jwt"
  /**
   * A `CryptoKey` with the usage `sign`, or text: PEM (PKCS #8, or PKCS #1 for RSA), or a JWK as JSON. The start refuses
   * what is undefined, so that an environment variable may be written here as it is.
   */
  readonly privateKey: CryptoKey | string | undefined
  readonly alg: SigningAlgorithm
  /** Names the key where the provider knows several (RFC 7515 §4.1.4). */
  readonly kid?: string
  /** For a server that wants the assertion's type in its header (RFC 10070). Older ones refuse what they do not know. */
  readonly typ?: "client-authentication+jwt"
  /**
   * The assertion is for the token endpoint instead of the issuer: for a server that has no issuer, or that takes no other
   * audience. Unsafe, because a server that the client also uses may name this endpoint as its own, and present there what it
   * was sent (RFC 10070, audience injection). Use the key with this provider alone.
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
      /** For a request whose method is another. */
      readonly clientSecret?: Secret
    }
