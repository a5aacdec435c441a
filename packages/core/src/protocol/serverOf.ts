import { Effect } from "effect"
import type { AuthorizationServerSnapshot } from "../model/index.ts"
import {
  type CheckedServer,
  EndpointNotAllowed,
  type OAuth2Provider,
  secretUrl,
  templateOf,
  type TemplateValues
} from "../provider/index.ts"

/** The server as this tenant reaches it, with what the host wants of it. */
export const serverOf = Effect.fnUntraced(function* (
  { client, definition, pushedAuthorizationRequests, resource }: OAuth2Provider,
  fields: TemplateValues
): Effect.fn.Return<CheckedServer, EndpointNotAllowed> {
  const authorizationEndpoint = yield* secretUrl(definition, "authorizationEndpoint", fields)
  const account = definition.account?.from === "request" ? definition.account : undefined
  const pushed =
    pushedAuthorizationRequests && definition.pushedAuthorizationRequestEndpoint !== undefined
  return {
    issuer:
      definition.issuer === undefined
        ? new URL(authorizationEndpoint).origin
        : yield* secretUrl(definition, "issuer", fields),
    authorizationEndpoint,
    tokenEndpoint: yield* secretUrl(definition, "tokenEndpoint", fields),
    clientId: client.clientId,
    ...(account !== undefined && { accountEndpoint: account.url }),
    ...(definition.discovery !== undefined && { discoveryEndpoint: definition.discovery.url }),
    ...(definition.introspection !== undefined && {
      introspectionEndpoint: yield* secretUrl(definition, "introspection.endpoint", fields)
    }),
    ...(definition.tokenExchange !== undefined && {
      tokenExchangeEndpoint: yield* secretUrl(definition, "tokenExchange.endpoint", fields)
    }),
    ...(pushed && {
      pushedAuthorizationRequestEndpoint: yield* secretUrl(
        definition,
        "pushedAuthorizationRequestEndpoint",
        fields
      )
    }),
    ...(definition.responseMode !== undefined && { responseMode: definition.responseMode }),
    ...(resource.length > 0 && { resource })
  }
})

/** What a flow's server must have the same at its end, and the member of the definition that it comes from. */
const compared = {
  issuer: "issuer",
  authorizationEndpoint: "authorizationEndpoint",
  tokenEndpoint: "tokenEndpoint",
  accountEndpoint: "account.url",
  discoveryEndpoint: "discovery.url",
  introspectionEndpoint: "introspection.endpoint",
  tokenExchangeEndpoint: "tokenExchange.endpoint"
} as const

/**
 * The server that a flow began with, as the definition has it now. A flow of another process, or one that was begun before
 * a deploy, may have begun with another: it does not end there (RFC 9700 §4.4), nor at the one of now.
 */
export const serverOfFlow = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  {
    fields,
    server
  }: { readonly fields: TemplateValues; readonly server: AuthorizationServerSnapshot }
): Effect.fn.Return<CheckedServer, EndpointNotAllowed> {
  const current = yield* serverOf(provider, fields)
  for (const name of Object.keys(compared) as ReadonlyArray<keyof typeof compared>) {
    if (current[name] !== server[name])
      return yield* new EndpointNotAllowed({ provider: provider.id, member: compared[name] })
  }
  return asAskedFor(current, server)
})

/**
 * The same server in the region that the callback named: by the definition's template and choices, and within the lock,
 * like every other. Only what the definition enumerates comes here.
 */
export const serverInRegion = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: { readonly fields: TemplateValues; readonly server: AuthorizationServerSnapshot },
  fields: TemplateValues
): Effect.fn.Return<CheckedServer, EndpointNotAllowed> {
  const own = yield* serverOfFlow(provider, flow)
  return fields === flow.fields ? own : asAskedFor(yield* serverOf(provider, fields), flow.server)
})

const asAskedFor = (
  { resource: _resource, responseMode: _responseMode, ...own }: CheckedServer,
  server: AuthorizationServerSnapshot
): CheckedServer => ({
  ...own,
  // The response comes as the authorization request has asked for it.
  ...(server.responseMode !== undefined && { responseMode: server.responseMode }),
  // The tokens are for what it has named (RFC 8707 §2.2).
  ...(server.resource !== undefined && { resource: server.resource })
})

/** Where a grant is refreshed. */
export const refreshUrl = ({ definition }: OAuth2Provider, fields: TemplateValues) =>
  secretUrl(
    definition,
    templateOf(definition, "refreshEndpoint") === undefined ? "tokenEndpoint" : "refreshEndpoint",
    fields
  )
