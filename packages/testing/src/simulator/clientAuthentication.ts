import { readJwt, isSignedBy } from "./signedJwt.ts"
import { vendorUrl } from "./localUrl.ts"
import { basicOf, formDecoded } from "./Received.ts"
import type { Registration } from "./Registration.ts"
import { nameAt } from "./Vendor.ts"
import type { Visit } from "./Simulation.ts"

/** The ways of RFC 6749 §2.3.1, RFC 7523 §2.2, and one vendor's own. */
export type ClientAuthenticationMethod =
  | "client_secret_basic"
  | "client_secret_post"
  | "secret_basic"
  | "secret_client"
  | "private_key_jwt"
  | "none"

const clientScheme = /^Client (\S+)$/

/** The method that a request uses, and what is wrong with how many it uses. */
const presented = (
  { received: { headers }, vendor }: Visit,
  parameters: ReadonlyMap<string, string>,
  accepted: ReadonlyArray<ClientAuthenticationMethod>
): ReadonlyArray<ClientAuthenticationMethod> => {
  const basic = basicOf(headers)
  const secretAlone =
    accepted.includes("secret_basic") &&
    (basic?.password === "" || !accepted.includes("client_secret_basic"))
  return [
    ...(basic === undefined
      ? []
      : [secretAlone ? ("secret_basic" as const) : ("client_secret_basic" as const)]),
    ...(clientScheme.test(headers.get("authorization") ?? "") ? (["secret_client"] as const) : []),
    ...(parameters.has(nameAt(vendor, "client_secret")) ? (["client_secret_post"] as const) : []),
    ...(parameters.has("client_assertion") ? (["private_key_jwt"] as const) : [])
  ]
}

const inHeader = new Set<ClientAuthenticationMethod>([
  "client_secret_basic",
  "secret_basic",
  "secret_client"
])

/** The client of a request, or what is wrong with how it proves itself. */
export interface Authenticated {
  readonly client: Registration | undefined
  readonly problems: ReadonlyArray<string>
  /** Only what it proves itself with is wrong, and not the way. */
  readonly isUnknown: boolean
}

/** The readings of a part of Basic that a vendor may have: if nobody knows which, both. */
const readingsOf = (reads: "decoded" | "raw" | undefined, text: string): ReadonlyArray<string> => {
  if (reads === "raw") return [text]
  return reads === "decoded" ? [formDecoded(text)] : [formDecoded(text), text]
}

export const authenticateClient = (
  visit: Visit,
  parameters: ReadonlyMap<string, string>,
  accepted: ReadonlyArray<ClientAuthenticationMethod>,
  basicReads?: "decoded" | "raw"
): Authenticated => {
  const refused = (problem: string): Authenticated => ({
    client: undefined,
    problems: [problem],
    isUnknown: false
  })
  const unknown = (problem: string): Authenticated => ({ ...refused(problem), isUnknown: true })
  const { received, vendor } = visit
  const found = presented(visit, parameters, accepted)
  if (found.length > 1) return refused(`two client authentications at once: ${found.join(", ")}`)
  if (found[0] === undefined || !inHeader.has(found[0])) {
    if (received.headers.has("authorization"))
      return refused("the header authorization is not client authentication")
  }
  const method = found[0] ?? "none"
  if (!accepted.includes(method))
    return refused(
      `the client authenticates by ${method}, and the vendor takes ${accepted.join(", ")}`
    )

  const named = parameters.get(nameAt(vendor, "client_id"))
  const basic = basicOf(received.headers)
  switch (method) {
    case "client_secret_basic": {
      const ids = readingsOf(basicReads, basic?.username ?? "")
      const client = vendor.clients.get(ids[0] ?? "")
      if (named !== undefined && !ids.includes(named)) return refused("two client ids at once")
      const secrets = readingsOf(basicReads, basic?.password ?? "")
      return client?.clientSecret !== undefined &&
        ids.every((id) => id === client.clientId) &&
        secrets.every((secret) => secret === client.clientSecret)
        ? { client, problems: [], isUnknown: false }
        : unknown(
            "the client or its secret is not the registered one, or is read otherwise by servers that do not form-decode it"
          )
    }
    case "secret_basic": {
      const secret = basic?.username
      const client = [...vendor.clients.values()].find(
        ({ clientSecret }) => clientSecret === secret
      )
      if (basic?.password !== "")
        return refused("the password of Authorization: Basic is not empty")
      return client === undefined
        ? unknown("the secret is not the registered one")
        : { client, problems: [], isUnknown: false }
    }
    case "secret_client": {
      const secret = clientScheme.exec(received.headers.get("authorization") ?? "")?.[1]
      const client = vendor.clients.get(named ?? "")
      return client?.clientSecret !== undefined && client.clientSecret === secret
        ? { client, problems: [], isUnknown: false }
        : unknown("the client or its secret is not the registered one")
    }
    case "client_secret_post": {
      const client = vendor.clients.get(named ?? "")
      return client?.clientSecret !== undefined &&
        client.clientSecret === parameters.get(nameAt(vendor, "client_secret"))
        ? { client, problems: [], isUnknown: false }
        : unknown("the client or its secret is not the registered one")
    }
    case "private_key_jwt": {
      const assertion = parameters.get("client_assertion") ?? ""
      const issuer = readJwt(assertion)?.claims["iss"]
      const client = vendor.clients.get(String(issuer))
      if (named !== undefined && named !== issuer) return refused("two client ids at once")
      if (client === undefined) return unknown("the assertion is of no registered client")
      const problems = assertionProblems(visit, client, parameters)
      return { client: problems.length === 0 ? client : undefined, problems, isUnknown: false }
    }
    case "none": {
      const client = vendor.clients.get(named ?? "")
      return client === undefined
        ? unknown("the client is not registered")
        : { client, problems: [], isUnknown: false }
    }
  }
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/** RFC 7523 §3, for an assertion that names one audience: this server, or the endpoint that it was sent to. */
const assertionProblems = (
  { received, simulation, vendor }: Visit,
  client: Registration,
  parameters: ReadonlyMap<string, string>
): ReadonlyArray<string> => {
  const assertion = parameters.get("client_assertion") ?? ""
  const { aud, exp, sub } = readJwt(assertion)?.claims ?? {}
  const { authType } = vendor.facts
  const issuer = authType === "oauth2" ? vendor.facts.issuer : undefined
  const endpoint = `${received.url.origin}${received.url.pathname}`
  return [
    ...(parameters.get("client_assertion_type") === assertionType
      ? []
      : ["client_assertion_type is not that of a JWT"]),
    ...(sub === client.clientId ? [] : ["the assertion's subject is not the client"]),
    ...(typeof aud === "string" && [issuer, endpoint].includes(vendorUrl(aud))
      ? []
      : ["the assertion's audience is not this server"]),
    ...(typeof exp === "number" && exp * 1000 > simulation.now() ? [] : ["the assertion is over"]),
    ...(client.publicKey === undefined || isSignedBy(assertion, client.publicKey)
      ? []
      : ["the assertion is not signed with the registered key"])
  ]
}
