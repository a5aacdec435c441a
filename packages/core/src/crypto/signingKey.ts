import { Effect } from "effect"
import type { CryptoKey } from "oauth4webapi"
import type { SigningAlgorithm } from "../domain/ClientAuthentication.ts"
import { pkcs8OfPkcs1 } from "./pkcs8.ts"

const parameters = {
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
} as const satisfies Record<SigningAlgorithm, object>

/**
 * The host's private key as WebCrypto has it, not extractable where it came as text. Fails with a sentence that holds
 * nothing of the key.
 */
export const signingKey = (
  given: CryptoKey | string,
  alg: SigningAlgorithm
): Effect.Effect<CryptoKey, string> => {
  if (!Object.hasOwn(parameters, alg))
    return Effect.fail(`alg must be one of ${Object.keys(parameters).join(", ")}.`)
  return Effect.tryPromise({
    // What WebCrypto says of a key that it cannot read is left out: it may quote the text.
    try: async () => (typeof given === "string" ? importKey(given, alg) : given),
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

const importKey = async (text: string, alg: SigningAlgorithm): Promise<CryptoKey> => {
  // Written into one line of an environment variable, PEM has its line ends as \n.
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
