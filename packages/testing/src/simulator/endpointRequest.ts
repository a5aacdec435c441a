import type { ClientAuthenticationMethod } from "./clientAuthentication.ts"
import { authenticateClient } from "./clientAuthentication.ts"
import { protocolError } from "./answers.ts"
import { bodyParameters, headerProblems, withoutDuplicates } from "./Received.ts"
import type { Registration } from "./Registration.ts"
import type { RequestKind, Visit } from "./Simulation.ts"
import { render, type Values } from "./templates.ts"
import { nameAt, type Vendor } from "./Vendor.ts"

/** What the facts say of a request to one of a vendor's endpoints. */
interface Wanted {
  readonly clientAuthentication: ReadonlyArray<ClientAuthenticationMethod>
  readonly basicReads?: "decoded" | "raw"
  readonly method?: "GET" | "POST" | "DELETE"
  readonly encoding?: "form" | "json"
  readonly headers?: Readonly<Record<string, string>>
  readonly parameters?: Readonly<Record<string, string | true>>
  readonly refuses?: ReadonlyArray<string>
}

/** The parameters of the standard that a request has, by the standard's names. */
interface Standard {
  /** Those with one right value. The vendor's own parameters come before them. */
  readonly fixed: Readonly<Record<string, string>>
  readonly required: ReadonlyArray<string>
  readonly optional: ReadonlyArray<string>
  /** The answer to a client that proves itself in the right way and is not known, if that is not a violation. */
  readonly unknownClient?: Response
}

/** A request that the vendor takes: its client, and its parameters by the standard's names. */
export interface EndpointRequest {
  readonly client: Registration
  readonly get: (parameter: string) => string | undefined
}

/** A vendor that wants an application to name itself wants it on each request. */
const userAgentOf = ({ facts: { api } }: Vendor): Readonly<Record<string, string>> => {
  const named = api?.headers?.["user-agent"]
  return named === undefined ? {} : { "user-agent": named }
}

const clientParameters = ["client_id", "client_secret", "client_assertion", "client_assertion_type"]

/** Reads a request of a client as strictly as the facts say, or gives the answer to one that is not so. */
export const readEndpointRequest = (
  visit: Visit,
  kind: RequestKind,
  wanted: Wanted,
  standard: Standard
): EndpointRequest | Response => {
  const { received, simulation, vendor } = visit
  const { problems: malformed, values } =
    wanted.method === "GET"
      ? withoutDuplicates(received.url.searchParams)
      : bodyParameters(received, wanted.encoding, wanted.parameters)
  const authenticated = authenticateClient(
    visit,
    values,
    wanted.clientAuthentication,
    wanted.basicReads
  )
  const { client, problems: unauthenticated } = authenticated
  const known = {
    ...vendor.values,
    client_id: client?.clientId ?? null,
    redirect_uri: values.get(nameAt(vendor, "redirect_uri")) ?? null
  }
  const problems = [
    ...malformed,
    ...headerProblems(received.headers, { ...userAgentOf(vendor), ...wanted.headers }, known),
    ...parameterProblems(visit, wanted, standard, values, known)
  ]
  if (problems.length === 0 && authenticated.isUnknown && standard.unknownClient !== undefined)
    return standard.unknownClient
  if (problems.length > 0 || client === undefined) {
    simulation.report(vendor, kind, [...unauthenticated, ...problems])
    return problems.length > 0
      ? protocolError(400, "invalid_request", [...unauthenticated, ...problems])
      : protocolError(401, "invalid_client", unauthenticated)
  }
  return { client, get: (parameter) => values.get(nameAt(vendor, parameter)) }
}

const parameterProblems = (
  { vendor }: Visit,
  { parameters = {}, refuses = [] }: Wanted,
  standard: Standard,
  given: ReadonlyMap<string, string>,
  known: Values
): ReadonlyArray<string> => {
  const isRefused = (name: string) => refuses.includes(name)
  const own = Object.entries(parameters).map(
    ([name, template]) => [name, template === true ? "true" : render(template, known)] as const
  )
  const fixed = new Map([
    ...Object.entries(standard.fixed)
      .filter(([name]) => !isRefused(name))
      .map(([name, value]) => [nameAt(vendor, name), value] as const),
    ...own
  ])
  const required = standard.required.filter((name) => !isRefused(name))
  const taken = new Set([
    ...fixed.keys(),
    ...[...required, ...standard.optional, ...clientParameters].map((name) => nameAt(vendor, name)),
    ...refuses,
    "resource"
  ])
  return [
    ...[...fixed]
      .filter(([name, value]) => given.get(name) !== value)
      .map(([name, value]) => `${name} is not ${value}`),
    ...required
      .map((name) => nameAt(vendor, name))
      .filter((name) => (given.get(name) ?? "") === "")
      .map((name) => `${name} is missing`),
    ...refuses
      .filter((name) => given.has(name) || given.has(nameAt(vendor, name)))
      .map((name) => `${name} is there, and the vendor refuses it`),
    ...[...given.keys()]
      .filter((name) => !taken.has(name))
      .map((name) => `the vendor knows no parameter ${name}`)
  ]
}
