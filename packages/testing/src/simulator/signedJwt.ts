import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
  constants
} from "node:crypto"
import { parseJson } from "./Received.ts"

type Claims = Readonly<Record<string, unknown>>

const isClaims = (value: unknown): value is Claims =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const parsed = (part: string | undefined): Claims | undefined => {
  const value = parseJson(Buffer.from(part ?? "", "base64url").toString("utf8"))
  return isClaims(value) ? value : undefined
}

/** The header and claims of a compact JWT, whoever made it; undefined for anything else. */
export const readJwt = (
  jwt: string
): { readonly header: Claims; readonly claims: Claims } | undefined => {
  const [header, claims, signature, ...more] = jwt.split(".")
  const read = { header: parsed(header), claims: parsed(claims) }
  return signature === undefined || more.length > 0 || !read.header || !read.claims
    ? undefined
    : { header: read.header, claims: read.claims }
}

/** Which key an algorithm belongs to: a signature says itself by which of them it is to be verified (RFC 8725 §3.1). */
const keyTypes: Readonly<Record<string, string>> = {
  RS256: "rsa",
  PS256: "rsa",
  ES256: "ec",
  EdDSA: "ed25519"
}

/** Whether a JWT was signed with the key that belongs to this public one. */
export const isSignedBy = (jwt: string, publicKey: JsonWebKey): boolean => {
  const algorithm = String(readJwt(jwt)?.header["alg"])
  const key = createPublicKey({ key: publicKey, format: "jwk" })
  if (keyTypes[algorithm] === undefined || keyTypes[algorithm] !== key.asymmetricKeyType)
    return false
  const end = jwt.lastIndexOf(".")
  return verify(
    algorithm === "EdDSA" ? null : "sha256",
    Buffer.from(jwt.slice(0, end)),
    {
      key,
      ...(algorithm === "ES256" && { dsaEncoding: "ieee-p1363" as const }),
      ...(algorithm === "PS256" && {
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: 32
      })
    },
    Buffer.from(jwt.slice(end + 1), "base64url")
  )
}

let issuerKey: KeyObject | undefined

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** An ID token, signed with RS256 by a key of this process: made when it is first needed, for it takes a while. */
export const signIdToken = (claims: Claims): string => {
  issuerKey ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`
  return `${text}.${sign("sha256", Buffer.from(text), issuerKey).toString("base64url")}`
}
