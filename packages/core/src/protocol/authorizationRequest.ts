import type { AuthorizationServerSnapshot } from "../model/index.ts"
import { type OAuth2Provider, renderTemplate, type TemplateValues } from "../provider/index.ts"
import type { AuthorizationUrlOptions } from "./AuthorizationServerClient.ts"
import { userAgentHeader } from "./apiCredential.ts"
import { vendorParameters, type VendorRequestFormat } from "./vendorRequest.ts"

/** The parts of an authorization request that come from the protocol. */
export interface AuthorizationRequest {
  readonly server: AuthorizationServerSnapshot
  readonly redirectUri: string
  readonly scopes: ReadonlyArray<string>
  readonly reauthorizes?: AuthorizationUrlOptions["reauthorizes"]
  readonly fields: TemplateValues
  readonly state: string
  /** Nonce, PKCE challenge and DPoP thumbprint, if used. */
  readonly proofs: Readonly<Record<string, string>>
}

/** What the vendor wants of a request of a connected account. */
const ofReauthorization = (
  { definition: { reauthorization }, scopes: configured }: OAuth2Provider,
  { reauthorizes, scopes }: Pick<AuthorizationRequest, "reauthorizes" | "scopes">
): Readonly<Record<string, string>> => {
  if (reauthorization === undefined || reauthorizes === undefined) return {}
  const bringsBack =
    reauthorization.addsGranted === true &&
    (reauthorizes === "replacing" || !configured.every((scope) => scopes.includes(scope)))
  return bringsBack ? {} : reauthorization.parameters
}

/** The parameters of an authorization request (RFC 6749 §4.1.1), under the standards' names. */
export const authorizationParameters = (
  provider: OAuth2Provider,
  { fields, proofs, reauthorizes, redirectUri, scopes, server, state }: AuthorizationRequest
): URLSearchParams => {
  const { definition, userScopes } = provider
  const separator = definition.scopeSeparator ?? " "
  const own = new Map<string, string>()
  for (const [name, template] of Object.entries(definition.authorizationParameters ?? {}))
    own.set(name, renderTemplate(template, fields))
  for (const [name, value] of Object.entries(ofReauthorization(provider, { reauthorizes, scopes })))
    own.set(name, value)
  if (definition.userScopes !== undefined && userScopes.length > 0)
    own.set(definition.userScopes.parameter, userScopes.join(separator))

  const standard = new URLSearchParams({
    response_type: definition.responseType ?? "code",
    client_id: server.clientId,
    redirect_uri: redirectUri,
    ...(scopes.length > 0 && { scope: scopes.join(separator) }),
    state,
    ...(definition.responseMode !== undefined && { response_mode: definition.responseMode }),
    ...proofs
  })
  for (const uri of server.resource ?? []) standard.append("resource", uri)

  if (own.size === 0) return standard
  // A definition's parameter never replaces one of the protocol's. The start refuses those under the vendor's names.
  for (const name of new Set(standard.keys())) own.delete(name)
  return new URLSearchParams([...own, ...standard])
}

/** How the vendor's authorization requests differ from the standard, in the browser and pushed. */
export const authorizationWishes = (
  { definition }: OAuth2Provider,
  values: TemplateValues
): VendorRequestFormat => ({
  headers: userAgentHeader(definition, values),
  names: definition.parameterNames,
  omits: definition.authorizationOmits
})

const replacing = (search: string, parameters: URLSearchParams): URLSearchParams => {
  const all = new URLSearchParams(search)
  for (const name of new Set(parameters.keys())) all.delete(name)
  for (const [name, value] of parameters) all.append(name, value)
  return all
}

/** The URL for the browser with these parameters. */
export const authorizationUrlWith = (
  provider: OAuth2Provider,
  { authorizationEndpoint }: AuthorizationServerSnapshot,
  standard: URLSearchParams
): string => {
  const { definition } = provider
  const parameters = vendorParameters(authorizationWishes(provider, {}), standard)
  const url = new URL(authorizationEndpoint)
  const isFragment = definition.authorizationParametersIn === "fragment"
  const there = isFragment ? "" : url.search
  const text = (there === "" ? parameters : replacing(there, parameters)).toString()
  const written = definition.authorizationSpace === "%20" ? text.replaceAll("+", "%20") : text
  if (isFragment) url.hash = written
  else url.search = written
  return url.href
}
