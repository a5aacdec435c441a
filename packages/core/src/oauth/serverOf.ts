import type { AuthorizationServerSnapshot } from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { renderUrl, type TemplateValues } from "../domain/template.ts"

/** The server as this tenant reaches it, with what the host wants of it. */
export const serverOf = (
  { client, definition, pushedAuthorizationRequests, resource }: OAuth2Provider,
  fields: TemplateValues
): AuthorizationServerSnapshot => {
  const authorizationEndpoint = renderUrl(definition.authorizationEndpoint, fields)
  return {
    issuer:
      definition.issuer === undefined
        ? new URL(authorizationEndpoint).origin
        : renderUrl(definition.issuer, fields),
    authorizationEndpoint,
    tokenEndpoint: renderUrl(definition.tokenEndpoint, fields),
    clientId: client.clientId,
    ...(definition.account?.from === "request" && {
      accountEndpoint: renderUrl(definition.account.url, fields)
    }),
    ...(definition.discovery !== undefined && {
      discoveryEndpoint: renderUrl(definition.discovery.url, fields)
    }),
    ...(definition.introspection !== undefined && {
      introspectionEndpoint: renderUrl(definition.introspection.endpoint, fields)
    }),
    ...(definition.tokenExchange !== undefined && {
      tokenExchangeEndpoint: renderUrl(definition.tokenExchange.endpoint, fields)
    }),
    ...(pushedAuthorizationRequests &&
      definition.pushedAuthorizationRequestEndpoint !== undefined && {
        pushedAuthorizationRequestEndpoint: renderUrl(
          definition.pushedAuthorizationRequestEndpoint,
          fields
        )
      }),
    ...(definition.responseMode !== undefined && { responseMode: definition.responseMode }),
    ...(resource.length > 0 && { resource })
  }
}
