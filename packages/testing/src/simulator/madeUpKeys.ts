import type { PrivateKeyJwt } from "@hawser/core"
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject
} from "node:crypto"

const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString()

/** A key for a client that has none of its own, of a server that may have no issuer. */
export const madeUpAssertion = (issuer: string | undefined): PrivateKeyJwt => ({
  method: "private_key_jwt",
  ...(issuer === undefined && { unsafeAudience: "token_endpoint" }),
  alg: "ES256",
  privateKey: pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)
})

let appKey: string | undefined

/** The key of an app, as GitHub makes them: one for all of this process, for it takes a while. */
export const madeUpAppKey = (): string =>
  (appKey ??= pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey))

/** What is registered of a private key. A `CryptoKey` does not tell its public half: then no signature is verified. */
export const publicKeyOf = (
  privateKey: PrivateKeyJwt["privateKey"]
): { readonly publicKey?: JsonWebKey | undefined } => {
  if (privateKey === undefined) return {}
  if (typeof privateKey !== "string") return { publicKey: undefined }
  const text = privateKey.replaceAll("\\n", "\n").trim()
  const key = text.startsWith("{")
    ? createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: "jwk" })
    : createPrivateKey(text)
  return { publicKey: createPublicKey(key).export({ format: "jwk" }) }
}
