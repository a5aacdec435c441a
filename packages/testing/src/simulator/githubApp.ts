import { answerOf, jsonAnswer, protocolError } from "./answers.ts"
import { issueTokens } from "./issueTokens.ts"
import { isGood } from "./Ledger.ts"
import { basicOf, headerProblems, parseJson } from "./Received.ts"
import type { RefreshFacts } from "./refreshEndpoint.ts"
import { isSignedBy, readJwt } from "./signedJwt.ts"
import type { GithubSide, Visit } from "./Simulation.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/**
 * The requests that GitHub Apps have besides (docs.github.com, "Generating an installation access token for a GitHub App",
 * "List app installations accessible to the user access token", "Get an organization membership for the authenticated
 * user", "Delete an app token").
 */

export const userInstallationsUrl = "https://api.github.com/user/installations"
const membershipPath = "/user/memberships/orgs/"

/** All of them but the one that makes tokens. */
export const githubAppUrls: ReadonlyArray<string> = [
  userInstallationsUrl,
  "https://api.github.com/user",
  `https://api.github.com${membershipPath}{org}`,
  "https://api.github.com/app/installations/{installation_id}"
]

/** At which an app ends the token of a person. */
export const personsTokenUrl = "https://api.github.com/applications/{client_id}/token"

/** An owner of the organization that the app is installed on. */
export const defaultGithubSide: GithubSide = {
  person: { id: 583231, login: "octocat" },
  owner: { id: 9919, login: "octo-org", type: "Organization" },
  membership: { state: "active", role: "admin" },
  readsMembers: true,
  permissions: undefined
}

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
  if (twist?.kind === "invalid_grant") return answerOf(facts.refused)
  const grant = [...simulation.ledger.grantsOf(vendor.id)].findLast(
    ({ captures, isLive }) => isLive && captures["installation_id"] === path["installation_id"]
  )
  if (grant === undefined) return answerOf(facts.refused)
  const approved = permissionsOf(visit)
  const asked = askedPermissions(received.body)
  if (Object.entries(asked).some(([name, level]) => isWider(level, approved[name]))) {
    return jsonAnswer(422, {
      message: "The permissions requested are not granted to this installation."
    })
  }
  const { body } = issueTokens(visit, { grant, sample: facts, kind: "access" })
  const permissions = Object.keys(asked).length === 0 ? approved : { ...asked, metadata: "read" }
  return jsonAnswer(201, { ...body, permissions })
}

const sideOf = ({ simulation, vendor }: Visit<OAuth2Vendor>): GithubSide =>
  simulation.github.get(vendor.id) ?? defaultGithubSide

/** Each installation has Metadata (read), whatever else its owner has approved. */
const permissionsOf = (visit: Visit<OAuth2Vendor>): Readonly<Record<string, string>> => ({
  metadata: "read",
  ...(sideOf(visit).permissions ?? textsIn(visit.vendor.facts.refresh?.answer["permissions"]))
})

const askedPermissions = (body: string): Readonly<Record<string, string>> => {
  const read = parseJson(body)
  return typeof read === "object" && read !== null && "permissions" in read
    ? textsIn(read.permissions)
    : {}
}

const textsIn = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(value ?? {}).map(([name, level]): [string, string] => [name, String(level)])
  )

const levels = ["read", "write", "admin"]
const isWider = (level: string, than: string | undefined): boolean =>
  than === undefined || levels.indexOf(level) > levels.indexOf(than)

const assertionProblems = ({
  received,
  simulation,
  vendor
}: Visit<OAuth2Vendor>): ReadonlyArray<string> => {
  const jwt = /^Bearer (.+)$/.exec(received.headers.get("authorization") ?? "")?.[1]
  const read = readJwt(jwt ?? "")
  if (jwt === undefined || read === undefined)
    return ["the header authorization is not a Bearer with a JWT"]
  const { exp, iat, iss } = read.claims
  const client = vendor.clients.get(String(iss))
  const now = simulation.now() / 1000
  return [
    ...(read.header["alg"] === "RS256" ? [] : ["the JWT is not signed with RS256"]),
    ...(client === undefined ? ["the JWT's issuer is not a registered app"] : []),
    ...(typeof iat === "number" && iat <= now ? [] : ["the JWT is from the future"]),
    ...(typeof exp === "number" && exp > now && exp <= now + longestAssertion
      ? []
      : ["the JWT is over, or good for longer than ten minutes"]),
    ...(client?.publicKey === undefined || isSignedBy(jwt, client.publicKey)
      ? []
      : ["the JWT is not signed with the app's key"])
  ]
}

/** What a GitHub App asks besides: by the user's token, and of an installation by its own key. */
export const askGithub = (visit: Visit<OAuth2Vendor>): Response => {
  const { path, received, simulation, vendor } = visit
  const { membership, owner, person, readsMembers } = sideOf(visit)
  const { pathname } = received.url
  if (pathname.startsWith("/applications/")) return endPersonsToken(visit)
  if (pathname.startsWith("/app/")) {
    if (assertionProblems(visit).length > 0) return jsonAnswer(401, { message: "Unauthorized" })
    const id = Number(path["installation_id"])
    return jsonAnswer(200, { id, account: owner, permissions: permissionsOf(visit) })
  }
  const value = /^Bearer (.+)$/.exec(received.headers.get("authorization") ?? "")?.[1]
  const token = simulation.ledger.token(vendor.id, value)
  if (token?.kind !== "preliminary" || !isGood(token, simulation.now()))
    return jsonAnswer(401, { message: "Bad credentials" })
  if (pathname === "/user") return jsonAnswer(200, person)
  if (pathname.startsWith(membershipPath)) {
    if (!readsMembers) return jsonAnswer(403, { message: "Resource not accessible by integration" })
    return membership === undefined || path["org"] !== owner.login
      ? jsonAnswer(404, { message: "Not Found" })
      : jsonAnswer(200, {
          ...membership,
          organization: { id: owner.id, login: owner.login },
          user: person
        })
  }
  const account =
    owner.type === "Enterprise" ? { id: owner.id, slug: owner.login, name: owner.login } : owner
  const installations = [token.grant.captures["installation_id"]].map((id) => ({
    id: Number(id),
    app_slug: vendor.values["app_slug"],
    account,
    permissions: permissionsOf(visit)
  }))
  return jsonAnswer(200, { total_count: installations.length, installations })
}

const endPersonsToken = ({ path, received, simulation, vendor }: Visit<OAuth2Vendor>): Response => {
  const given = basicOf(received.headers)
  const client = vendor.clients.get(path["client_id"] ?? "")
  const isOwn = given?.username === client?.clientId && given?.password === client?.clientSecret
  if (client === undefined || !isOwn) return jsonAnswer(404, { message: "Not Found" })
  const body = parseJson(received.body)
  const value =
    typeof body === "object" && body !== null && "access_token" in body
      ? textsIn({ access_token: body.access_token })["access_token"]
      : undefined
  const token = simulation.ledger.token(vendor.id, value)
  if (token?.kind !== "preliminary") return jsonAnswer(422, { message: "Validation Failed" })
  token.isLive = false
  return new Response(null, { status: 204 })
}
