import { Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"

/**
 * How the client proves itself to a server, the same for each of its endpoints. Exactly one method a request (S-32); Basic
 * form-encodes before it base64-encodes (RFC 6749 §2.3.1).
 */
export const clientAuthentication = (
  { client: { authentication }, definition }: OAuth2Provider,
  server: AuthorizationServerSnapshot
): oauth.ClientAuth => {
  switch (authentication.method) {
    case "client_secret_basic":
      return oauth.ClientSecretBasic(Redacted.value(authentication.clientSecret))
    case "client_secret_post":
      return oauth.ClientSecretPost(Redacted.value(authentication.clientSecret))
    case "private_key_jwt": {
      const { alg, key, kid } = authentication
      // One string that names this server alone, so that no other server can present the assertion as its own (S-24).
      const aud: string = definition.issuer === undefined ? server.tokenEndpoint : server.issuer
      return oauth.PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
        [oauth.modifyAssertion]: (header, claims) => {
          header["alg"] = alg
          claims["aud"] = aud
        }
      })
    }
    case "none":
      return oauth.None()
  }
}
