import type * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"

/** The server as `oauth4webapi` wants it described: as it was when the flow began (S-22). */
export const serverMetadata = (
  { definition }: OAuth2Provider,
  server: AuthorizationServerSnapshot
): oauth.AuthorizationServer => ({
  issuer: server.issuer,
  authorization_endpoint: server.authorizationEndpoint,
  token_endpoint: server.tokenEndpoint,
  ...(server.pushedAuthorizationRequestEndpoint !== undefined && {
    pushed_authorization_request_endpoint: server.pushedAuthorizationRequestEndpoint
  }),
  ...(definition.issParameterSupported === true && {
    authorization_response_iss_parameter_supported: true
  })
})

export const clientMetadata = ({ clientId }: AuthorizationServerSnapshot): oauth.Client => ({
  client_id: clientId
})
