import type * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../model/index.ts"
import type { OAuth2Provider } from "../provider/index.ts"

/**
 * The issuer that a response may name (RFC 9207 §2.4): the definition's, character by character. If it has none, the one
 * that is named, if it is of the origin of an endpoint of this server; the redirect URI is this provider's alone, so that a
 * response of another server does not come here.
 */
const expectedIssuer = (
  { definition }: OAuth2Provider,
  server: AuthorizationServerSnapshot,
  iss: string | undefined
): string => {
  const named = iss === undefined || definition.issuer !== undefined ? null : URL.parse(iss)
  const origins = [server.authorizationEndpoint, server.tokenEndpoint].map(
    (endpoint) => new URL(endpoint).origin
  )
  return iss !== undefined && named !== null && isPlain(named) && origins.includes(named.origin)
    ? iss
    : server.issuer
}

/** RFC 8414 §2: an issuer has no query and no fragment. */
const isPlain = ({ hash, password, search, username }: URL): boolean =>
  hash === "" && password === "" && search === "" && username === ""

/** The server as `oauth4webapi` wants it described: as it was when the flow began. */
export const serverMetadata = (
  provider: OAuth2Provider,
  server: AuthorizationServerSnapshot,
  iss?: string
): oauth.AuthorizationServer => ({
  issuer: expectedIssuer(provider, server, iss),
  authorization_endpoint: server.authorizationEndpoint,
  token_endpoint: server.tokenEndpoint,
  ...(server.pushedAuthorizationRequestEndpoint !== undefined && {
    pushed_authorization_request_endpoint: server.pushedAuthorizationRequestEndpoint
  }),
  ...(provider.definition.issParameterSupported === true && {
    authorization_response_iss_parameter_supported: true
  })
})

export const clientMetadata = ({ clientId }: AuthorizationServerSnapshot): oauth.Client => ({
  client_id: clientId
})
