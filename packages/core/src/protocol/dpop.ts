import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { CryptoKeyPair } from "oauth4webapi"
import { Secret } from "../model/index.ts"

/** ES256, which every server with DPoP is likely to support (RFC 9449 §4.2 leaves the choice open). */
const algorithm = { name: "ECDSA", namedCurve: "P-256" }

/** A key pair for one flow and its tokens, as the JWK of the private key. */
export const freshDpopKey: Effect.Effect<Secret> = Effect.promise(async () => {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
  const { crv, d, kty, x, y } = await crypto.subtle.exportKey("jwk", privateKey)
  return Secret(JSON.stringify({ kty, crv, x, y, d }))
})

/** Imports the pair; only the public key can be exported. */
const dpopKeyPair = async (key: Secret): Promise<CryptoKeyPair> => {
  const { d, ...publicJwk } = JSON.parse(Redacted.value(key)) as JsonWebKey
  const importKey = (jwk: JsonWebKey, extractable: boolean, usage: KeyUsage) =>
    crypto.subtle.importKey("jwk", jwk, algorithm, extractable, [usage])
  return {
    privateKey: await importKey({ ...publicJwk, d: d ?? "" }, false, "sign"),
    publicKey: await importKey(publicJwk, true, "verify")
  }
}

/** Signs a proof for each request and remembers the servers' nonces; undefined if there is no key. */
export const dpopHandle = async (key: Secret | undefined): Promise<oauth.DPoPHandle | undefined> =>
  key === undefined ? undefined : oauth.DPoP({}, await dpopKeyPair(key))

/** RFC 9449 §8, §9: a server that wants its nonce in the proof has not refused the request. It is repeated once. */
export const withNonceRetry = async <A>(
  handle: oauth.DPoPHandle | undefined,
  attempt: () => Promise<A>
): Promise<A> => {
  try {
    return await attempt()
  } catch (error) {
    if (handle === undefined || !oauth.isDPoPNonceError(error)) throw error
    return await attempt()
  }
}
