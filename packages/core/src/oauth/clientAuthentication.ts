import { Redacted } from "effect"
import { Base64 } from "effect/encoding"
import * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { ClientAuthenticationMethod } from "../domain/ProviderDefinition.ts"

/**
 * How the client proves itself to a server: by one method a request (S-32), the same for each of its endpoints unless the
 * definition names another for this one. Basic form-encodes before it base64-encodes (RFC 6749 §2.3.1).
 */
export const clientAuthentication = (
  { client: { authentication } }: OAuth2Provider,
  server: AuthorizationServerSnapshot,
  method: ClientAuthenticationMethod = authentication.method
): oauth.ClientAuth => {
  if (authentication.method === "private_key_jwt") {
    const { alg, audience, key, kid, typ } = authentication
    // One string that names this server alone, so that no other server can present the assertion as its own (S-24).
    const aud: string = audience === "issuer" ? server.issuer : server.tokenEndpoint
    return oauth.PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
      [oauth.modifyAssertion]: (header, claims) => {
        header["alg"] = alg
        if (typ !== undefined) header["typ"] = typ
        claims["aud"] = aud
      }
    })
  }
  if (authentication.clientSecret === undefined) return oauth.None()
  const secret = Redacted.value(authentication.clientSecret)
  switch (method) {
    case "client_secret_basic":
      return oauth.ClientSecretBasic(secret)
    case "client_secret_post":
      return oauth.ClientSecretPost(secret)
    case "secret_basic":
      return (_server, _client, _body, headers) => {
        headers.set("authorization", `Basic ${Base64.encode(`${secret}:`)}`)
      }
    case "none":
    case "private_key_jwt":
      return oauth.None()
  }
}
