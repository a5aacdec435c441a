import type { OAuth2Facts } from "../facts/index.ts"
import { answerOf, formAnswer, jsonAnswer } from "./answers.ts"
import { readEndpointRequest } from "./endpointRequest.ts"
import { issueTokens } from "./issueTokens.ts"
import { isGood } from "./Ledger.ts"
import type { Visit } from "./Simulation.ts"
import { mentions } from "./templates.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

export type RefreshFacts = NonNullable<OAuth2Facts["refresh"]>

/** RFC 6749 §6: new tokens for a refresh token, or for the access token where the vendor has it so. */
export const refresh = (visit: Visit<OAuth2Vendor>, facts: RefreshFacts): Response => {
  const { simulation, twist, vendor } = visit
  const request = readEndpointRequest(visit, "refresh", facts, {
    fixed: { grant_type: "refresh_token" },
    required: ["refresh_token", ...(facts.sendsScope === true ? ["scope"] : [])],
    optional: ["scope"]
  })
  if (request instanceof Response) return request
  if (twist?.kind === "invalid_grant") return answerOf(facts.refused)
  if (twist?.kind === "busy") return answerOf(facts.busy?.[0] ?? { status: 503 })

  const token = simulation.ledger.token(vendor.id, request.get("refresh_token"))
  const wanted = facts.uses === "access_token" ? "access" : "refresh"
  if (token === undefined || token.kind !== wanted) return answerOf(facts.refused)
  const { grant } = token
  const isOfOther = grant.clientId !== undefined && grant.clientId !== request.client.clientId
  // RFC 9700 §4.14.2: who comes second with a token that was rotated may be a thief, and so may who came first.
  const isReused = !token.isLive && grant.isLive
  const problems = [
    ...(isOfOther ? ["the refresh token was issued to another client"] : []),
    ...(isReused ? ["the refresh token was used before: the grant is over"] : []),
    ...scopeProblems(vendor, grant.scopes, request.get("scope"))
  ]
  if (isReused) grant.isLive = false
  if (problems.length > 0) simulation.report(vendor, "refresh", problems)
  if (problems.length > 0 || !isGood(token, simulation.now())) return answerOf(facts.refused)

  const rotates =
    facts.rotates === "always" && (wanted === "access" || mentions(facts.answer, "refresh_token"))
  if (rotates) token.isLive = false
  const { body } = issueTokens(visit, {
    grant,
    sample: facts,
    // What is refreshed has to be exchanged again.
    kind: vendor.facts.tokenExchange === undefined ? "access" : "preliminary",
    refreshToken: rotates || wanted === "access" ? undefined : token
  })
  return facts.answerType === "form" ? formAnswer(body) : jsonAnswer(200, body)
}

/** RFC 6749 §6: no scope that was not granted before. */
const scopeProblems = (
  { facts }: OAuth2Vendor,
  granted: ReadonlyArray<string>,
  asked: string | undefined
): ReadonlyArray<string> =>
  (asked ?? "")
    .split(facts.authorize.scopeSeparator ?? " ")
    .filter((scope) => scope !== "" && !granted.includes(scope))
    .map((scope) => `the scope ${scope} was not granted`)
