import type { OAuth2Facts } from "../facts/index.ts"
import { answerOf, protocolError } from "./answers.ts"
import type { Credential } from "./credential.ts"
import { readEndpointRequest } from "./endpointRequest.ts"
import type { Token } from "./Ledger.ts"
import { bodyParameters, headerProblems } from "./Received.ts"
import type { Registration } from "./Registration.ts"
import type { Visit } from "./Simulation.ts"
import { render } from "./templates.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

export type RevocationFacts = NonNullable<OAuth2Facts["revocation"]>

/** Ends a token by the vendor's recipe; one that is not known is as good as ended (RFC 7009 §2.2). */
export const revoke = (
  request: Visit<OAuth2Vendor>,
  facts: RevocationFacts,
  credential: Credential
): Response => {
  const visit = underNames(request, facts.names)
  const { simulation, vendor } = visit
  const value =
    facts.authentication === "client"
      ? tokenFromClient(visit, facts)
      : tokenFromHolder(visit, facts, credential)
  if (value instanceof Response) return value
  if (typeof value === "object" && "clientId" in value) {
    endAll(visit, value.clientId, false)
    return done(facts)
  }
  const token = typeof value === "string" ? simulation.ledger.token(vendor.id, value) : value
  if (token !== undefined && facts.tokens !== "both" && facts.tokens !== undefined) {
    const kind = facts.tokens === "access_token" ? "access" : "refresh"
    if (token.kind !== kind) {
      const problem = `the token is not ${kind === "access" ? "an" : "a"} ${kind} token, and the vendor takes no other`
      simulation.report(vendor, "revocation", [problem])
      return protocolError(400, "unsupported_token_type", [problem])
    }
  }
  if (token !== undefined) end(visit, facts, token)
  return done(facts)
}

/** The visit of a vendor that has other names for the standard's parameters on this request. */
const underNames = (
  visit: Visit<OAuth2Vendor>,
  names: RevocationFacts["names"]
): Visit<OAuth2Vendor> => {
  const { vendor } = visit
  const { authorize } = vendor.facts
  const facts = {
    ...vendor.facts,
    authorize: { ...authorize, names: { ...authorize.names, ...names } }
  }
  return names === undefined ? visit : { ...visit, vendor: { ...vendor, facts } }
}

const done = (facts: RevocationFacts): Response =>
  answerOf({ status: facts.status ?? 200, body: {} })

/** The token that a client names, once it has proved itself; or the client, if it names the account instead. */
const tokenFromClient = (
  visit: Visit<OAuth2Vendor>,
  facts: RevocationFacts
): string | Registration | Response => {
  const { vendor } = visit
  const parameter = facts.tokenParameter ?? "token"
  const request = readEndpointRequest(
    visit,
    "revocation",
    {
      ...facts,
      clientAuthentication: facts.clientAuthentication ?? vendor.facts.token.clientAuthentication
    },
    { fixed: {}, required: parameter === "none" ? [] : [parameter], optional: ["token_type_hint"] }
  )
  if (request instanceof Response) return request
  if (
    Object.hasOwn(visit.path, "client_id") &&
    visit.path["client_id"] !== request.client.clientId
  ) {
    visit.simulation.report(vendor, "revocation", ["the URL names another client"])
    return protocolError(404, "invalid_request", ["the URL names another client"])
  }
  return parameter === "none" ? request.client : (request.get(parameter) ?? "")
}

/** The token with which a request proves itself, as a call of the API would. */
const tokenFromHolder = (
  { received, simulation, vendor }: Visit<OAuth2Vendor>,
  facts: RevocationFacts,
  credential: Credential
): Token | string | Response => {
  const parameter = facts.tokenParameter ?? "token"
  const { problems: malformed, values } = bodyParameters(received, facts.encoding, facts.parameters)
  const own = Object.entries(facts.parameters ?? {}).map(
    ([name, template]) =>
      [name, template === true ? "true" : render(template, vendor.values)] as const
  )
  const taken = new Set([
    ...own.map(([name]) => name),
    ...(parameter === "none" ? [] : [parameter]),
    "token_type_hint"
  ])
  const problems = [
    ...malformed,
    ...headerProblems(received.headers, facts.headers, vendor.values),
    ...(credential._tag === "Malformed" ? credential.problems : []),
    ...own
      .filter(([name, wanted]) => values.get(name) !== wanted)
      .map(([name, wanted]) => `${name} is not ${wanted}`),
    ...(parameter === "none" || values.has(parameter) ? [] : [`${parameter} is missing`]),
    ...(facts.refuses ?? [])
      .filter((name) => values.has(name))
      .map((name) => `${name} is there, and the vendor refuses it`),
    ...[...values.keys()]
      .filter((name) => !taken.has(name))
      .map((name) => `the vendor knows no parameter ${name}`)
  ]
  if (problems.length > 0) {
    simulation.report(vendor, "revocation", problems)
    return protocolError(credential._tag === "Malformed" ? 401 : 400, "invalid_request", problems)
  }
  if (credential._tag !== "Live" || credential.token === undefined) {
    const problem = "what authenticates the request is not an access token"
    const given = /^\S+ (\S+)$/.exec(received.headers.get("authorization") ?? "")?.[1]
    // One that is over may have been ended by the request before.
    if (simulation.ledger.token(vendor.id, given)?.kind !== "access")
      simulation.report(vendor, "revocation", [problem])
    return protocolError(401, "invalid_token", [problem])
  }
  return parameter === "none" ? credential.token : (values.get(parameter) ?? "")
}

const end = (visit: Visit<OAuth2Vendor>, { ends }: RevocationFacts, token: Token): void => {
  const { grant } = token
  switch (ends) {
    case "none":
      return
    case "token":
      // RFC 7009 §2.1: with a refresh token goes what was issued for it.
      if (token.kind === "refresh") grant.isLive = false
      else token.isLive = false
      return
    case "grant":
      endAll(visit, grant.clientId, grant.isOfOther)
  }
}

/** Ends all grants of an account for one client, those of other connections too. */
const endAll = (
  { simulation, vendor }: Visit<OAuth2Vendor>,
  clientId: string | undefined,
  isOfOther: boolean
): void => {
  for (const grant of simulation.ledger.grantsOf(vendor.id)) {
    if (grant.clientId === clientId && grant.isOfOther === isOfOther) grant.isLive = false
  }
}
