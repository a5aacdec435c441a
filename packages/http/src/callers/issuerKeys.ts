import { isLoopback, shownUrl } from "@hawser/core"
import { Effect } from "effect"
import { createLocalJWKSet, type JWTVerifyGetKey } from "jose"
import type { JwtOptions } from "../jwt.ts"
import { lacksKey, remoteKeys } from "../remoteKeys.ts"
import type { Refuse } from "./optionChecks.ts"

/** Marks that the keys could not be loaded: not the token's fault. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable"
}

/** A token that brings or names its own key. */
export class KeyInHeader extends Error {
  override readonly name = "KeyInHeader"
}

/** The keys of one issuer, from the configured set alone. */
export const issuerKeys = Effect.fnUntraced(function* (options: JwtOptions, refuse: Refuse) {
  return refuseKeysInHeader(yield* configuredKeys(options, refuse))
})

const configuredKeys = Effect.fnUntraced(function* (
  { jwks, jwksUrl, unsafelyLoadKeysOverHttp }: JwtOptions,
  refuse: Refuse
) {
  if (jwks !== undefined) {
    return yield* Effect.try({
      try: (): JWTVerifyGetKey => createLocalJWKSet(jwks),
      catch: () => refuse("jwks", "It is not a JSON Web Key Set.")
    })
  }
  const url = URL.parse(jwksUrl ?? "")
  if (url === null) return yield* refuse("jwksUrl", "Set the https URL of your issuer's key set.")
  if (url.username !== "" || url.password !== "")
    return yield* refuse("jwksUrl", "It must have no user name and no password.")
  const overHttp = unsafelyLoadKeysOverHttp === true
  const mayBeHttp = overHttp || isLoopback(url.hostname)
  if (url.protocol !== "https:" && !(url.protocol === "http:" && mayBeHttp)) {
    return yield* refuse(
      "jwksUrl",
      `"${shownUrl(url.href)}" must be https. Only this machine may be asked over http.`
    )
  }
  return yield* remoteKeys(url, overHttp ? "unsafe_http" : "https")
})

/** Header parameters by which a token brings a key or names where one is (RFC 7515 §4.1). */
const keyParameters = ["jku", "x5u", "jwk", "x5c"]

const refuseKeysInHeader =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    if (keyParameters.some((name) => Object.hasOwn(header, name))) throw new KeyInHeader()
    try {
      return await keys(header, token)
    } catch (cause) {
      if (lacksKey(cause)) throw cause
      throw new KeysUnavailable("The key set cannot be used.", { cause })
    }
  }
