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

/** The server as this tenant reaches it, with the host's options. */
export const checkedServer = Effect.fnUntraced(function* (
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

/** The parts of a flow's server that must not change until its end, with their members of the definition. */
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
 * The server that a flow began with, if the definition still has it. A flow that began before a deploy, or in another
 * process, may have another server: it then ends neither there nor at the current one (RFC 9700 §4.4).
 */
export const serverOfFlow = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  {
    fields,
    server
  }: { readonly fields: TemplateValues; readonly server: AuthorizationServerSnapshot }
): Effect.fn.Return<CheckedServer, EndpointNotAllowed> {
  const current = yield* checkedServer(provider, fields)
  for (const name of Object.keys(compared) as ReadonlyArray<keyof typeof compared>) {
    if (current[name] !== server[name])
      return yield* new EndpointNotAllowed({ provider: provider.id, member: compared[name] })
  }
  return asAskedFor(current, server)
})

/**
 * The same server in the region that the callback named, checked against the definition and the lock like any other. Only
 * regions that the definition lists get here.
 */
export const serverInRegion = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: { readonly fields: TemplateValues; readonly server: AuthorizationServerSnapshot },
  fields: TemplateValues
): Effect.fn.Return<CheckedServer, EndpointNotAllowed> {
  const own = yield* serverOfFlow(provider, flow)
  return fields === flow.fields
    ? own
    : asAskedFor(yield* checkedServer(provider, fields), flow.server)
})

const asAskedFor = (
  { resource: _resource, responseMode: _responseMode, ...own }: CheckedServer,
  server: AuthorizationServerSnapshot
): CheckedServer => ({
  ...own,
  // The response arrives the way the authorization request asked for.
  ...(server.responseMode !== undefined && { responseMode: server.responseMode }),
  // The tokens are for the resources that it named (RFC 8707 §2.2).
  ...(server.resource !== undefined && { resource: server.resource })
})

/** The server at which a grant is refreshed. */
export const refreshUrl = ({ definition }: OAuth2Provider, fields: TemplateValues) =>
  secretUrl(
    definition,
    templateOf(definition, "refreshEndpoint") === undefined ? "tokenEndpoint" : "refreshEndpoint",
    fields
  )
