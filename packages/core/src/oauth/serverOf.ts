import type { AuthorizationServerSnapshot } from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { type FieldValues, renderTemplate } from "../programs/fields.ts"

/** The server as this tenant reaches it, with what the host wants of it. */
export const serverOf = (
  { client, definition, pushedAuthorizationRequests, resource }: OAuth2Provider,
  fields: FieldValues
): AuthorizationServerSnapshot => {
  const authorizationEndpoint = renderTemplate(definition.authorizationEndpoint, fields)
  return {
    issuer:
      definition.issuer === undefined
        ? new URL(authorizationEndpoint).origin
        : renderTemplate(definition.issuer, fields),
    authorizationEndpoint,
    tokenEndpoint: renderTemplate(definition.tokenEndpoint, fields),
    clientId: client.clientId,
    ...(definition.account?.from === "request" && {
      accountEndpoint: renderTemplate(definition.account.url, fields)
    }),
    ...(pushedAuthorizationRequests &&
      definition.pushedAuthorizationRequestEndpoint !== undefined && {
        pushedAuthorizationRequestEndpoint: renderTemplate(
          definition.pushedAuthorizationRequestEndpoint,
          fields
        )
      }),
    ...(resource.length > 0 && { resource })
  }
}
