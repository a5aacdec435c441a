import {
  type ClientCredentials,
  type OAuth2Definition,
  protocolParameters
} from "./ProviderDefinition.ts"

const proofs = ["client_secret", "client_assertion", "client_assertion_type"]

/** The protocol's parameters: a definition may neither replace them nor rename another parameter to one of them. */
const others = [
  ...proofs,
  "state",
  "nonce",
  "code_challenge",
  "code_challenge_method",
  "request",
  "request_uri",
  "dpop_jkt",
  "token",
  "token_type_hint"
]

const checkParameterNames = ({
  codeParameter,
  parameterNames = {}
}: OAuth2Definition): string | undefined => {
  if (codeParameter !== undefined && ["error", "iss", "state"].includes(codeParameter))
    return `codeParameter may not be ${codeParameter}`
  const names = protocolParameters.map((name) => parameterNames[name] ?? name)
  for (const name of protocolParameters) {
    const given = parameterNames[name]
    if (given === undefined) continue
    const isTaken =
      names.filter((one) => one === given).length > 1 || (given !== name && others.includes(given))
    if (isTaken) return `parameterNames.${name} may not be ${given}`
  }
  return undefined
}

type Parameters = Readonly<Record<string, string | true>>

/** Names that would replace a parameter of the protocol. */
const checkParameters = (definition: OAuth2Definition): string | undefined =>
  checkParameterNames(definition) ?? checkParameterValues(definition)

const checkParameterValues = (definition: OAuth2Definition): string | undefined => {
  const {
    authorizationParameters,
    reauthorization,
    refreshRequest,
    revocation,
    tokenRequest,
    userScopes
  } = definition
  const renamed = (name: keyof NonNullable<OAuth2Definition["parameterNames"]>) => [
    name,
    definition.parameterNames?.[name] ?? name
  ]
  const ofRevocation = revocation?.parameterNames ?? {}
  const secrets = [
    ...proofs,
    ...renamed("client_secret"),
    ...(ofRevocation.client_secret === undefined ? [] : [ofRevocation.client_secret])
  ]
  const id = [
    ...renamed("client_id"),
    ...(ofRevocation.client_id === undefined ? [] : [ofRevocation.client_id])
  ]
  const refused = (
    member: string,
    parameters: Parameters | undefined,
    own: ReadonlyArray<string>
  ) => {
    const found = Object.entries(parameters ?? {}).find(
      ([name, value]) =>
        own.includes(name) ||
        secrets.includes(name) ||
        (id.includes(name) && value !== "{client_id}")
    )
    return found === undefined ? undefined : `${member} may not set ${found[0]}`
  }
  const ofAuthorization = [
    ...others,
    ...id,
    ...renamed("response_type"),
    ...renamed("redirect_uri"),
    ...renamed("scope"),
    ...renamed("code"),
    ...renamed("code_verifier")
  ]
  const userScopeParameter = userScopes?.parameter
  return (
    refused("authorizationParameters", authorizationParameters, ofAuthorization) ??
    refused("reauthorization.parameters", reauthorization?.parameters, [
      ...ofAuthorization,
      ...Object.keys(authorizationParameters ?? {}),
      ...(userScopes === undefined ? [] : [userScopes.parameter])
    ]) ??
    (userScopeParameter !== undefined &&
    [...ofAuthorization, ...Object.keys(authorizationParameters ?? {})].includes(userScopeParameter)
      ? `userScopes.parameter may not be ${userScopeParameter}`
      : undefined) ??
    refused("tokenRequest.parameters", tokenRequest?.parameters, [
      ...renamed("grant_type"),
      ...renamed("code"),
      ...renamed("redirect_uri"),
      ...renamed("code_verifier"),
      ...renamed("refresh_token")
    ]) ??
    refused("refreshRequest.parameters", refreshRequest?.parameters, [
      ...renamed("grant_type"),
      ...renamed("refresh_token"),
      ...renamed("scope")
    ]) ??
    refused("revocation.parameters", revocation?.parameters, [
      "token",
      "token_type_hint",
      ...(revocation?.tokenParameter === undefined ? [] : [revocation.tokenParameter])
    ]) ??
    (Object.values(ofRevocation).some((name) => [...others, "token"].includes(name)) ||
    (ofRevocation.client_id !== undefined && ofRevocation.client_id === ofRevocation.client_secret)
      ? "revocation.parameterNames may not be a parameter of the standard, or twice the same"
      : undefined) ??
    (revocation?.tokenParameter !== undefined &&
    [...secrets, ...id, "token_type_hint"].includes(revocation.tokenParameter)
      ? `revocation.tokenParameter may not be ${revocation.tokenParameter}`
      : undefined)
  )
}

/** They authenticate, or belong to the connection. */
const reservedHeaders = new Set([
  "authorization",
  "connection",
  "content-length",
  "cookie",
  "dpop",
  "host",
  "proxy-authorization",
  "transfer-encoding"
])

/** The name of a header that a definition may not set; `also` is the one that carries the credential. */
const reservedHeader = (
  headers: Readonly<Record<string, string>> | undefined,
  also?: string
): string | undefined =>
  Object.keys(headers ?? {}).find(
    (name) => reservedHeaders.has(name.toLowerCase()) || name.toLowerCase() === also
  )

/** The header that the member `encoding` decides. */
const contentTypeIn = (headers: Readonly<Record<string, string>> | undefined): string | undefined =>
  Object.keys(headers ?? {}).find((name) => name.toLowerCase() === "content-type")

/** Headers of a definition that would authenticate, or replace one of the connection. */
const checkHeaders = (definition: OAuth2Definition): string | undefined => {
  const { account, check, discovery, refreshRequest, revocation, tokenHeader, tokenRequest } =
    definition
  const own = tokenHeader?.name.toLowerCase()
  const places = {
    "tokenRequest.headers": tokenRequest?.headers,
    "refreshRequest.headers": refreshRequest?.headers,
    "revocation.headers": revocation?.headers,
    "check.headers": check?.headers,
    "account.headers": account?.from === "request" ? account.headers : undefined,
    "discovery.headers": discovery?.headers
  }
  for (const [member, headers] of Object.entries(places)) {
    const found = reservedHeader(headers, own)
    if (found !== undefined) return `${member} may not set ${found}`
  }
  const written = { tokenRequest, refreshRequest, revocation }
  for (const [member, request] of Object.entries(written)) {
    const found = contentTypeIn(request?.headers)
    if (found !== undefined)
      return `${member}.headers may not set ${found}: ${member}.encoding does`
  }
  return undefined
}

const own = ["client_id", "client_secret", "grant_type", "scope"] as const

/** What would be sent in place of the exchange's own, or as a second client authentication. */
export const checkClientCredentials = ({
  headers,
  parameterNames = {},
  parameters = {}
}: ClientCredentials): string | undefined => {
  const taken = ["client_assertion", "client_assertion_type"]
  for (const name of own) taken.push(name, parameterNames[name] ?? name)
  const parameter = Object.keys(parameters).find((name) => taken.includes(name))
  if (parameter !== undefined) return `clientCredentials.parameters may not set ${parameter}`
  const header = reservedHeader(headers)
  if (header !== undefined) return `clientCredentials.headers may not set ${header}`
  const type = contentTypeIn(headers)
  return type === undefined
    ? undefined
    : `clientCredentials.headers may not set ${type}: clientCredentials.encoding does`
}

/** What a definition would send in place of the protocol's own, or as a second client authentication. */
export const checkRequests = (definition: OAuth2Definition): string | undefined =>
  checkParameters(definition) ??
  checkHeaders(definition) ??
  checkClientAuthentication(definition) ??
  checkSecretsInUrl(definition)

/** A single request may send the same secret by another method; a key applies to all requests. */
const checkClientAuthentication = (definition: OAuth2Definition): string | undefined => {
  const { refreshRequest, revocation, tokenRequest } = definition
  const members = { tokenRequest, refreshRequest, revocation }
  const [found] =
    Object.entries(members).find(
      ([, request]) =>
        request?.clientAuthentication === "private_key_jwt" &&
        definition.clientAuthentication !== "private_key_jwt"
    ) ?? []
  return found === undefined
    ? undefined
    : `${found}.clientAuthentication: private_key_jwt must be the definition's own method`
}

/** A GET has no body that could be JSON. */
const checkSecretsInUrl = (definition: OAuth2Definition): string | undefined => {
  for (const member of ["tokenRequest", "refreshRequest"] as const) {
    const request = definition[member]
    if (request?.unsafelySendsSecretsInUrl === true && request.encoding !== undefined)
      return `${member}.encoding stands beside unsafelySendsSecretsInUrl`
  }
  return undefined
}
