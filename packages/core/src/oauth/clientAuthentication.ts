import { Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { OAuth2Provider } from "../domain/Provider.ts"

/** Exactly one method a request (S-32); Basic form-encodes before it base64-encodes (RFC 6749 §2.3.1). */
export const clientAuthentication = ({ client, definition }: OAuth2Provider): oauth.ClientAuth => {
  const secret = client.clientSecret === undefined ? "" : Redacted.value(client.clientSecret)
  switch (definition.clientAuthentication) {
    case "client_secret_basic":
      return oauth.ClientSecretBasic(secret)
    case "client_secret_post":
      return oauth.ClientSecretPost(secret)
    case "none":
      return oauth.None()
  }
}
