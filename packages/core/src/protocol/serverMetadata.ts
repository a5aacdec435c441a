import type * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../model/index.ts"
import type { OAuth2Provider } from "../provider/index.ts"

/**
 * The issuer that a response may name (RFC 9207 §2.4): the definition's, character by character. If the definition has
 * none, the response's issuer is accepted if its origin is that of an endpoint of this server. Each provider has its own
 * redirect URI, so a response of another server does not arrive here.
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

/** The server in the form of `oauth4webapi`, as it was when the flow began. */
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
