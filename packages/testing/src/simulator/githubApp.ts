import { answerOf, jsonAnswer, protocolError } from "./answers.ts"
import { issueTokens } from "./issueTokens.ts"
import { isGood } from "./Ledger.ts"
import { headerProblems } from "./Received.ts"
import type { RefreshFacts } from "./refreshEndpoint.ts"
import { isSignedBy, readJwt } from "./signedJwt.ts"
import type { Visit } from "./Simulation.ts"
import { refusal } from "./refusal.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/**
 * The two requests that GitHub Apps have besides (docs.github.com, "Generating an installation access token for a GitHub
 * App", "List app installations accessible to the user access token").
 */

export const userInstallationsUrl = "https://api.github.com/user/installations"

/** The longest time that GitHub lets an app's JWT be good for, in seconds. */
const longestAssertion = 600

/** A token of an installation, for the app that proves itself by its key. */
export const installationToken = (visit: Visit<OAuth2Vendor>, facts: RefreshFacts): Response => {
  const { path, received, simulation, twist, vendor } = visit
  const problems = [
    ...headerProblems(received.headers, facts.headers, vendor.values),
    ...assertionProblems(visit)
  ]
  if (problems.length > 0) {
    simulation.report(vendor, "refresh", problems)
    return protocolError(401, "A JSON web token could not be decoded", problems)
  }
  if (twist?.kind === "invalid_grant") return refusal(vendor.facts, facts.refused, twist.error)
  const grant = [...simulation.ledger.grantsOf(vendor.id)].findLast(
    ({ captures, isLive }) => isLive && captures["installation_id"] === path["installation_id"]
  )
  if (grant === undefined) return answerOf(facts.refused)
  const { body } = issueTokens(visit, { grant, sample: facts, kind: "access" })
  return jsonAnswer(201, body)
}

const assertionProblems = ({
  received,
  simulation,
  vendor
}: Visit<OAuth2Vendor>): ReadonlyArray<string> => {
  const jwt = /^Bearer (.+)$/.exec(received.headers.get("authorization") ?? "")?.[1]
  const read = readJwt(jwt ?? "")
  if (jwt === undefined || read === undefined)
    return ["the header authorization is no Bearer with a JWT"]
  const { exp, iat, iss } = read.claims
  const client = vendor.clients.get(String(iss))
  const now = simulation.now() / 1000
  return [
    ...(read.header["alg"] === "RS256" ? [] : ["the JWT is not signed with RS256"]),
    ...(client === undefined ? ["the JWT's issuer is no registered app"] : []),
    ...(typeof iat === "number" && iat <= now ? [] : ["the JWT is from the future"]),
    ...(typeof exp === "number" && exp > now && exp <= now + longestAssertion
      ? []
      : ["the JWT is over, or good for longer than ten minutes"]),
    ...(client?.publicKey === undefined || isSignedBy(jwt, client.publicKey)
      ? []
      : ["the JWT is not signed with the app's key"])
  ]
}

/** The installations that a user may see, by the user's token. */
export const userInstallations = ({
  received,
  simulation,
  vendor
}: Visit<OAuth2Vendor>): Response => {
  const value = /^Bearer (.+)$/.exec(received.headers.get("authorization") ?? "")?.[1]
  const token = simulation.ledger.token(vendor.id, value)
  if (token?.kind !== "preliminary" || !isGood(token, simulation.now()))
    return jsonAnswer(401, { message: "Bad credentials" })
  const installations = [token.grant.captures["installation_id"]].map((id) => ({
    id: Number(id),
    app_slug: vendor.values["app_slug"],
    account: { login: "octocat", id: 583231, type: "Organization" }
  }))
  return jsonAnswer(200, { total_count: installations.length, installations })
}
