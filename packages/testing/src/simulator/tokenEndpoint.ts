import { createHash } from "node:crypto"
import { answerOf, formAnswer, jsonAnswer } from "./answers.ts"
import { readEndpointRequest } from "./endpointRequest.ts"
import { issueTokens } from "./issueTokens.ts"
import type { Code } from "./Ledger.ts"
import type { Visit } from "./Simulation.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/** RFC 6749 §4.1.3: a code, once, by the client that it was issued to, with what the request for it had. */
export const redeemCode = (visit: Visit<OAuth2Vendor>): Response => {
  const { simulation, twist, vendor } = visit
  const { authKind, token: facts, tokenExchange } = vendor.facts
  const takesRedirectUri = facts.redirectUri !== "refused"
  const request = readEndpointRequest(visit, "token", facts, {
    fixed: { grant_type: "authorization_code" },
    required: ["code", ...(takesRedirectUri ? ["redirect_uri"] : [])],
    optional: vendor.facts.authorize.pkce === "refused" ? [] : ["code_verifier"]
  })
  if (request instanceof Response) return request
  if (twist?.kind === "invalid_grant") return answerOf(facts.refused)

  const code = simulation.ledger.code(vendor.id, request.get("code"))
  if (code === undefined) return answerOf(facts.refused)
  const problems = [
    ...(code.isUsed ? ["the code was used before: what was issued for it is over"] : []),
    ...(code.grant.clientId === request.client.clientId
      ? []
      : ["the code was issued to another client"]),
    ...(request.get("redirect_uri") === (takesRedirectUri ? code.redirectUri : undefined)
      ? []
      : ["redirect_uri is not that of the authorization request"]),
    ...verifierProblems(visit, code, request.get("code_verifier"))
  ]
  // RFC 6749 §4.1.2: whoever comes second, one of both is not an honest client.
  if (code.isUsed) code.grant.isLive = false
  if (problems.length > 0) simulation.report(vendor, "token", problems)
  if (problems.length > 0 || !code.grant.isLive || simulation.now() >= code.expiresAt)
    return answerOf(facts.refused)

  code.isUsed = true
  const { body } = issueTokens(visit, {
    grant: code.grant,
    sample: facts,
    kind: tokenExchange !== undefined || authKind === "github_app" ? "preliminary" : "access",
    redirectUri: code.redirectUri
  })
  return facts.answerType === "form" ? formAnswer(body) : jsonAnswer(200, body)
}

/** RFC 7636 §4.6, and RFC 9700 §4.8.2: a verifier for a code without challenge was put in by somebody else. */
const verifierProblems = (
  { vendor }: Visit<OAuth2Vendor>,
  { challenge }: Code,
  verifier: string | undefined
): ReadonlyArray<string> => {
  if (vendor.facts.authorize.pkce === "ignored") return []
  if (challenge === undefined)
    return verifier === undefined ? [] : ["code_verifier is there, and no challenge was"]
  return createHash("sha256")
    .update(verifier ?? "")
    .digest("base64url") === challenge
    ? []
    : ["code_verifier is not that of the challenge"]
}
