import type { OAuth2Facts } from "../facts/index.ts"
import type { AuthorizationRequest } from "./AuthorizationRequest.ts"
import type { Parameters } from "./Received.ts"
import type { Visit } from "./Simulation.ts"
import { render } from "./templates.ts"
import type { Registration } from "./Registration.ts"
import { nameAt, type OAuth2Vendor } from "./Vendor.ts"

/** What clients may send to any server: it is theirs to ask for. */
const alwaysTaken = ["state", "nonce", "resource", "dpop_jkt"]

/** Reads a request as strictly as the facts say: it is good in every respect, or it is none. */
export const readAuthorizationRequest = (
  visit: Visit<OAuth2Vendor>,
  parameters: Parameters
): {
  readonly request: AuthorizationRequest | undefined
  readonly problems: ReadonlyArray<string>
} => {
  const { facts } = visit.vendor
  const { values } = parameters
  const pushed = visit.vendor.pushedRequests.get(values.get("request_uri") ?? "")
  if (pushed !== undefined && values.get("client_id") === pushed.client.clientId)
    return { request: pushed, problems: [] }

  const client = clientOf(visit, values)
  const redirectUri = redirectUriOf(visit, values, client)
  const scopes = scopesOf(facts, values.get(nameAt(visit.vendor, "scope")))
  const userScopes = userScopesOf(facts, values)
  const problems = [
    ...parameters.problems,
    ...(client === undefined ? ["the client is not registered"] : []),
    ...responseTypeProblems(visit, values),
    ...redirectUri.problems,
    ...scopes.problems,
    ...userScopes.problems,
    ...resourceProblems(facts, scopes.value),
    ...reauthorizationProblems(facts, values),
    ...parameterProblems(visit, values, client),
    ...pkceProblems(facts, values),
    ...unknownParameters(visit, values)
  ]
  return client === undefined || redirectUri.value === undefined || problems.length > 0
    ? { request: undefined, problems }
    : {
        request: {
          client,
          redirectUri: redirectUri.value,
          state: values.get("state"),
          nonce: values.get("nonce"),
          scopes: scopes.value,
          userScopes: userScopes.value,
          challenge: facts.authorize.pkce === "ignored" ? undefined : values.get("code_challenge"),
          reauthorizes:
            facts.reauthorization !== undefined &&
            Object.keys(facts.reauthorization.parameters).every((name) => values.has(name))
        },
        problems
      }
}

type Given = ReadonlyMap<string, string>

const refuses = ({ vendor }: Visit<OAuth2Vendor>, parameter: string): boolean =>
  vendor.facts.authorize.refuses?.includes(parameter) === true

/** Where the vendor's page does not ask which client it is, there is but one. */
const clientOf = (visit: Visit<OAuth2Vendor>, given: Given): Registration | undefined => {
  const { vendor } = visit
  return refuses(visit, "client_id")
    ? [...vendor.clients.values()][0]
    : vendor.clients.get(given.get(nameAt(vendor, "client_id")) ?? "")
}

const redirectUriOf = (
  visit: Visit<OAuth2Vendor>,
  given: Given,
  client: Registration | undefined
): { readonly value: string | undefined; readonly problems: ReadonlyArray<string> } => {
  const name = nameAt(visit.vendor, "redirect_uri")
  const value = refuses(visit, "redirect_uri") ? client?.redirectUris[0] : given.get(name)
  if (value === undefined) return { value, problems: [`${name} is missing`] }
  return client === undefined || client.redirectUris.includes(value)
    ? { value, problems: [] }
    : { value, problems: [`${name} is ${value}, which is not registered`] }
}

const responseTypeProblems = (
  { vendor }: Visit<OAuth2Vendor>,
  given: Given
): ReadonlyArray<string> => {
  const { responseMode, responseType = "code" } = vendor.facts.authorize
  const name = nameAt(vendor, "response_type")
  const type = given.get(name)
  return [
    ...(type === (responseType ?? undefined)
      ? []
      : [`${name} is ${type ?? "missing"}, not ${responseType ?? "left out"}`]),
    ...(given.get("response_mode") === responseMode
      ? []
      : [
          `response_mode is ${given.get("response_mode") ?? "missing"}, not ${responseMode ?? "left out"}`
        ])
  ]
}

const split = (text: string | undefined, separator: string): ReadonlyArray<string> =>
  (text ?? "").split(separator).filter((scope) => scope !== "")

/** In a list that the vendor does not document, a scope with a separator of other vendors in it shows a wrong one. */
const looksUnsplit = (scope: string, separator: string): boolean =>
  [" ", ",", ";"].some((other) => other !== separator && scope.includes(other))

const scopesOf = (facts: OAuth2Facts, text: string | undefined) => {
  const separator = facts.authorize.scopeSeparator ?? " "
  const scopes = split(text, separator)
  const unknown = scopes.filter((scope) =>
    facts.scopes.length > 0 ? !facts.scopes.includes(scope) : looksUnsplit(scope, separator)
  )
  return facts.leavesOutScopes === true
    ? { value: scopes.filter((scope) => !unknown.includes(scope)), problems: [] }
    : { value: scopes, problems: unknown.map((scope) => `${scope} is not a scope of the vendor`) }
}

/** What a vendor that is asked by a connected account takes of its own, with the one value that it has. */
const reauthorizationProblems = (facts: OAuth2Facts, given: Given): ReadonlyArray<string> =>
  Object.entries(facts.reauthorization?.parameters ?? {})
    .filter(([name, value]) => given.has(name) && given.get(name) !== value)
    .map(([name, value]) => `${name} is ${given.get(name)}, not ${value}`)

/** Scopes of OpenID Connect are of no API. */
const ofOpenId = ["openid", "profile", "email", "offline_access"]

/** Microsoft's server gives a token for one API, and refuses a request for scopes of two. */
const resourceProblems = (
  { grantedScopePrefix = "", oneResource }: OAuth2Facts,
  scopes: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const resources = new Set(
    scopes
      .filter((scope) => !ofOpenId.includes(scope))
      .map((scope) => (scope.includes("/") ? scope : `${grantedScopePrefix}${scope}`))
      .map((scope) => scope.slice(0, scope.lastIndexOf("/")))
  )
  return oneResource === true && resources.size > 1
    ? [`the scopes are of ${[...resources].join(" and ")}, and a token is for one of them`]
    : []
}

const userScopesOf = (facts: OAuth2Facts, given: Given) => {
  const { userScopes } = facts.authorize
  if (userScopes === undefined) return { value: [], problems: [] }
  const value = split(given.get(userScopes.parameter), facts.authorize.scopeSeparator ?? " ")
  const unknown = value.filter(
    (scope) => userScopes.scopes.length > 0 && !userScopes.scopes.includes(scope)
  )
  return {
    value,
    problems: unknown.map((scope) => `${scope} is not a user scope of the vendor's`)
  }
}

const parameterProblems = (
  { vendor }: Visit<OAuth2Vendor>,
  given: Given,
  client: Registration | undefined
): ReadonlyArray<string> => {
  const { parameters = {}, refuses: refused = [] } = vendor.facts.authorize
  const known = { ...vendor.values, client_id: client?.clientId ?? null }
  return [
    ...Object.entries(parameters)
      .map(([name, template]) => [name, render(template, known)] as const)
      .filter(([name, value]) => given.get(name) !== value)
      .map(([name, value]) => `${name} is ${given.get(name) ?? "missing"}, not ${value}`),
    ...refused
      .filter((name) => given.has(name) || given.has(nameAt(vendor, name)))
      .map((name) => `${name} is there, and the vendor refuses it`)
  ]
}

/** BASE64URL(SHA256(…)) has 43 characters (RFC 7636 §4.2). */
const challengeForm = /^[A-Za-z0-9_-]{43}$/

const pkceProblems = ({ authorize }: OAuth2Facts, given: Given): ReadonlyArray<string> => {
  const challenge = given.get("code_challenge")
  const method = given.get("code_challenge_method")
  const isThere = challenge !== undefined || method !== undefined
  switch (authorize.pkce) {
    case "ignored":
      return []
    case "refused":
      return isThere ? ["code_challenge is there, and the vendor refuses it"] : []
    case "supported":
    case "required":
      if (!isThere) return authorize.pkce === "required" ? ["code_challenge is missing"] : []
      return [
        ...(challengeForm.test(challenge ?? "") ? [] : ["code_challenge is not a SHA-256"]),
        ...(method === "S256" ? [] : [`code_challenge_method is ${method ?? "missing"}, not S256`])
      ]
  }
}

const unknownParameters = (
  { vendor }: Visit<OAuth2Vendor>,
  given: Given
): ReadonlyArray<string> => {
  const { parameters = {}, userScopes } = vendor.facts.authorize
  const known = new Set([
    ...["client_id", "response_type", "redirect_uri", "scope"].map((name) => nameAt(vendor, name)),
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    ...Object.keys(parameters),
    ...Object.keys(vendor.facts.reauthorization?.parameters ?? {}),
    ...(userScopes === undefined ? [] : [userScopes.parameter]),
    ...(vendor.facts.authorize.refuses ?? []),
    ...alwaysTaken
  ])
  return [...given.keys()]
    .filter((name) => !known.has(name))
    .map((name) => `the vendor knows no parameter ${name}`)
}
