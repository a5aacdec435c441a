import { Effect } from "effect"
import type { CryptoKey } from "oauth4webapi"
import type { SigningAlgorithm } from "./ClientAuthentication.ts"

/** Version 0 and the algorithm `rsaEncryption`, as RFC 5958 §2 has them before the key itself. */
const rsaHeader = [
  0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
  0x05, 0x00
]

/** Converts an RSA key from PKCS #1, the form in which GitHub issues app keys, to the form that WebCrypto reads. */
const pkcs8OfPkcs1 = (key: Uint8Array): Uint8Array<ArrayBuffer> =>
  tagged(0x30, Uint8Array.from([...rsaHeader, ...tagged(0x04, key)]))

/** DER: tag, length, value (ITU-T X.690 §8.1). A usable key is longer than 255 bytes and shorter than 65,536. */
const tagged = (tag: number, value: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([tag, 0x82, value.length >> 8, value.length & 0xff, ...value])

const parameters = {
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
} as const satisfies Record<SigningAlgorithm, object>

/**
 * Imports the host's private key, as not extractable if it came as text. Fails with a sentence that does not quote the key.
 */
export const signingKey = (
  given: CryptoKey | string,
  alg: SigningAlgorithm
): Effect.Effect<CryptoKey, string> => {
  if (!Object.hasOwn(parameters, alg))
    return Effect.fail(`alg must be one of ${Object.keys(parameters).join(", ")}.`)
  return Effect.tryPromise({
    // WebCrypto's message is left out, because it may quote the key.
    try: async () => (typeof given === "string" ? importPrivateKey(given, alg) : given),
    catch: () =>
      `privateKey must be PEM (PKCS #8, or PKCS #1 for RSA), or a JWK as JSON, of a private key for ${alg}.`
  }).pipe(
    Effect.filterOrFail(
      (key) => isFor(key, alg),
      () => `privateKey must be a private key for ${alg} that may sign; RSA needs 2048 bits.`
    )
  )
}

const pem =
  /^-----BEGIN (?<rsa>RSA )?PRIVATE KEY-----(?<body>[^-]+)-----END (?:RSA )?PRIVATE KEY-----$/

const importPrivateKey = async (text: string, alg: SigningAlgorithm): Promise<CryptoKey> => {
  // In an environment variable, PEM often has its line ends as \n.
  const { body, rsa } = pem.exec(text.replaceAll("\\n", "\n").trim())?.groups ?? {}
  if (body === undefined) {
    const jwk = JSON.parse(text) as JsonWebKey
    return crypto.subtle.importKey("jwk", jwk, parameters[alg], false, ["sign"])
  }
  const der = Uint8Array.from(atob(body.replaceAll(/\s/g, "")), (one) => one.charCodeAt(0))
  const pkcs8 = rsa === undefined ? der : pkcs8OfPkcs1(der)
  return crypto.subtle.importKey("pkcs8", pkcs8, parameters[alg], false, ["sign"])
}

const isFor = ({ algorithm, type, usages }: CryptoKey, alg: SigningAlgorithm): boolean => {
  const wanted: { readonly name: string; readonly namedCurve?: string; readonly hash?: string } =
    parameters[alg]
  const is = algorithm as {
    readonly name: string
    readonly namedCurve?: string
    readonly hash?: { readonly name: string }
    readonly modulusLength?: number
  }
  return (
    type === "private" &&
    usages.includes("sign") &&
    is.name === wanted.name &&
    is.namedCurve === wanted.namedCurve &&
    is.hash?.name === wanted.hash &&
    (is.modulusLength ?? 2048) >= 2048
  )
}
