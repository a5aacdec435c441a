import { type OAuth2Definition, protocolParameters } from "./ProviderDefinition.ts"

const proofs = ["client_secret", "client_assertion", "client_assertion_type"]

/** Parameters that no vendor's own may replace, and no other may be called by. */
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

const nameContradiction = ({
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

/** Names under which something else than the protocol's own would be sent. */
export const parameterContradiction = (definition: OAuth2Definition): string | undefined =>
  nameContradiction(definition) ?? valueContradiction(definition)

const valueContradiction = (definition: OAuth2Definition): string | undefined => {
  const { authorizationParameters, refreshRequest, revocation, tokenRequest, userScopes } =
    definition
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
