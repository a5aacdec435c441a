import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import { parseScopes, Secret, type TenantFields } from "../model/index.ts"
import type { CheckedServer, OAuth2Definition, OAuth2Provider } from "../provider/index.ts"
import type { Egress } from "../services/index.ts"
import type { IssuedTokens } from "./AuthorizationServerClient.ts"
import { introspectedLifetime } from "./introspectedLifetime.ts"
import type { NormalizedTokenResponse } from "./normalizeTokenResponse.ts"

type Naming = Pick<OAuth2Definition, "grantedScopePrefix" | "scopeAliases">

/** One name for all names of a scope. */
const canonical = (
  { grantedScopePrefix = "", scopeAliases = {} }: Naming,
  scope: string
): string => {
  const named = Object.entries(scopeAliases).find(([, others]) => others.includes(scope))?.[0]
  return (
    named ?? (scope.startsWith(grantedScopePrefix) ? scope.slice(grantedScopePrefix.length) : scope)
  )
}

/** All names that a vendor has for a scope, its own among them. */
const namesOfScope = (naming: Naming, scope: string): ReadonlyArray<string> => {
  const { grantedScopePrefix = "", scopeAliases = {} } = naming
  const name = canonical(naming, scope)
  const others = Object.hasOwn(scopeAliases, name) ? (scopeAliases[name] ?? []) : []
  const all = [name, `${grantedScopePrefix}${name}`, ...others]
  return [...new Set([scope, ...all.filter((one) => canonical(naming, one) === name)])]
}

/** All names of which one among the granted scopes says that a scope is granted: its own, and those of what includes it. */
export const namesGranting = (
  definition: Naming & Pick<OAuth2Definition, "includedScopes">,
  scope: string
): ReadonlyArray<string> => {
  const own = namesOfScope(definition, scope)
  const wider = Object.entries(definition.includedScopes ?? {})
    .filter(([, included]) => included.some((one) => own.includes(one)))
    .flatMap(([one]) => namesOfScope(definition, one))
  return [...new Set([...own, ...wider])]
}

/**
 * The granted scopes under the requested names. Some vendors grant a scope under another name, and a required scope would
 * then seem missing.
 */
export const namedAsAsked = (
  naming: Naming,
  asked: ReadonlyArray<string>,
  granted: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const names = new Map(asked.map((scope) => [canonical(naming, scope), scope]))
  return [
    ...new Set(
      granted.map((scope) =>
        asked.includes(scope) ? scope : (names.get(canonical(naming, scope)) ?? scope)
      )
    )
  ]
}

/** A token response that `oauth4webapi` accepted, and the vendor's extra values. */
export interface AcceptedResponse {
  readonly tokens: oauth.TokenEndpointResponse
  readonly read: Pick<NormalizedTokenResponse, "body" | "lifetimeUnread" | "refreshExpiresIn">
}

/** Tokens whose lifetime is not known yet. */
export interface AcceptedTokens extends IssuedTokens {
  readonly lifetimeUnread: boolean
}

export const acceptedTokens = (
  definition: OAuth2Definition,
  askedFor: ReadonlyArray<string>,
  { read, tokens }: AcceptedResponse
): AcceptedTokens => ({
  accessToken: Secret(tokens.access_token),
  refreshToken: tokens.refresh_token === undefined ? undefined : Secret(tokens.refresh_token),
  tokenType: tokens.token_type,
  expiresIn: tokens.expires_in,
  refreshExpiresIn: read.refreshExpiresIn,
  // A response without scopes means that all requested ones are granted (RFC 6749 §5.1).
  scopes:
    tokens.scope === undefined
      ? askedFor
      : namedAsAsked(definition, askedFor, parseScopes(tokens.scope)),
  response: Redacted.make(read.body),
  idTokenClaims: Redacted.make(oauth.getValidatedIdTokenClaims(tokens)),
  lifetimeUnread: read.lifetimeUnread
})

/** Seconds after which a token is refreshed if its expiry could not be determined. */
export const unknownLifetime = 3600

/**
 * The tokens with their lifetime, from the response, from introspection or from the definition. If the lifetime is
 * unreadable, or introspection fails, the token is refreshed after an hour rather than never. A refresh without a new
 * refresh token keeps the `former` one.
 */
export const withLifetime = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  server: CheckedServer,
  { lifetimeUnread, ...issued }: AcceptedTokens,
  { fields, former }: { readonly fields: TenantFields; readonly former?: Secret }
): Effect.fn.Return<IssuedTokens, never, Egress> {
  const { definition } = provider
  // In this case the access token itself is exchanged for the next one.
  const refreshToken =
    definition.refreshRequest?.uses === "access_token" ? issued.accessToken : issued.refreshToken
  const lifetime =
    issued.expiresIn ??
    (yield* introspectedLifetime(provider, server, issued.accessToken, fields)) ??
    definition.defaultTokenLifetime
  const isUnknown =
    lifetime === undefined && (lifetimeUnread || server.introspectionEndpoint !== undefined)
  if (isUnknown) {
    yield* Effect.logWarning("The lifetime of an access token could not be determined.", {
      provider: provider.id
    })
  }
  return {
    ...issued,
    refreshToken,
    expiresIn: isUnknown && (refreshToken ?? former) !== undefined ? unknownLifetime : lifetime
  }
})
