import { Redacted } from "effect"
import { Base64 } from "effect/encoding"
import * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../model/index.ts"
import type {
  ClientAuthenticationMethod,
  ClientCredentials,
  OAuth2Provider
} from "../provider/index.ts"

/**
 * How the client authenticates to a server: one method for each request, and the same for all endpoints unless the
 * definition names another.
 */
export const clientAuthentication = (
  { client: { authentication } }: OAuth2Provider,
  server: AuthorizationServerSnapshot,
  method: ClientAuthenticationMethod = authentication.method
): oauth.ClientAuth => {
  if (authentication.method === "private_key_jwt") {
    const { alg, audience, key, kid, typ } = authentication
    // One string that identifies only this server, so that another server cannot replay the assertion here.
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
    case "client_secret_basic_raw":
    case "client_secret_post":
      return secretAuthentication(method, server.clientId, secret)
    case "secret_basic":
      return basic(secret, "")
    case "secret_client":
      return (_server, client, body, headers) => {
        body.set("client_id", client.client_id)
        headers.set("authorization", `Client ${secret}`)
      }
    case "none":
    case "private_key_jwt":
      return oauth.None()
  }
}

/** How a client with a secret authenticates, be it the host's or a tenant's. */
export const secretAuthentication = (
  method: ClientCredentials["clientAuthentication"],
  id: string,
  secret: string
): oauth.ClientAuth => {
  switch (method) {
    case "client_secret_basic":
      return basic(formEncoded(id), formEncoded(secret))
    case "client_secret_basic_raw":
      return basic(id, secret)
    case "client_secret_post":
      return oauth.ClientSecretPost(secret)
  }
}

/** `Authorization: Basic` (RFC 7617 §2) with these two. */
const basic =
  (username: string, password: string): oauth.ClientAuth =>
  (_server, _client, _body, headers) => {
    headers.set("authorization", `Basic ${Base64.encode(`${username}:${password}`)}`)
  }

/**
 * RFC 6749 §2.3.1, with the URL Standard's form encoding: `*-._` stay as they are, because many servers do not decode the
 * value.
 */
const formEncoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)
