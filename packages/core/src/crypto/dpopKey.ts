import { Effect, Redacted } from "effect"
import type { CryptoKeyPair } from "oauth4webapi"
import { Secret } from "../domain/Sealed.ts"

/** ES256: what every server with DPoP is likely to take (RFC 9449 §4.2 leaves the choice open). */
const algorithm = { name: "ECDSA", namedCurve: "P-256" }

/** A key pair for one flow and the tokens that come of it, as the JWK of its private key. */
export const freshDpopKey: Effect.Effect<Secret> = Effect.promise(async () => {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
  const { crv, d, kty, x, y } = await crypto.subtle.exportKey("jwk", privateKey)
  return Secret(JSON.stringify({ kty, crv, x, y, d }))
})

/** The pair again, of which only the public half can be exported. */
export const dpopKeyPair = async (key: Secret): Promise<CryptoKeyPair> => {
  const { d, ...publicJwk } = JSON.parse(Redacted.value(key)) as JsonWebKey
  const importKey = (jwk: JsonWebKey, extractable: boolean, usage: KeyUsage) =>
    crypto.subtle.importKey("jwk", jwk, algorithm, extractable, [usage])
  return {
    privateKey: await importKey({ ...publicJwk, d: d ?? "" }, false, "sign"),
    publicKey: await importKey(publicJwk, true, "verify")
  }
}
