import type { JsonWebKey } from "node:crypto"

/** A client as it is registered at a vendor. */
export interface Registration {
  readonly clientId: string
  readonly clientSecret?: string | undefined
  /** The public key of a client that signs assertions (RFC 7523, GitHub Apps). Without one, no signature is verified. */
  readonly publicKey?: JsonWebKey | undefined
  /** Compared character by character. */
  readonly redirectUris: ReadonlyArray<string>
}

/** What a client is given when it is registered. */
export interface Registered extends Registration {
  /** The key of an app that the vendor makes keys for: PKCS #8 in PEM. */
  readonly privateKey?: string
}
