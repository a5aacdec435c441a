import { type Credential, credentialReader } from "./credential.ts"
import type { Probe } from "./Probe.ts"
import { basicOf, bodyParameters, canonicalQuery, formDecoded, type Received } from "./Received.ts"
import { type EndpointRoute, type Route, routesOf } from "./Route.ts"
import type { RequestKind, Simulation } from "./Simulation.ts"
import { isOAuth2, nameAt, type Vendor } from "./Vendor.ts"

/** What a request is for, as far as its URL tells. */
export interface Resolved {
  readonly vendor: Vendor
  readonly credential: () => Credential
  readonly target:
    | {
        readonly _tag: "Endpoint"
        readonly endpoint: EndpointRoute
        readonly path: Readonly<Record<string, string>>
      }
    | {
        readonly _tag: "Api"
        readonly probes: ReadonlyArray<Probe>
        /** At the API's own hosts, if each call has the API's headers. */
        readonly isOfApi: boolean
      }
    | { readonly _tag: "Nothing"; readonly problem: string }
}

/**
 * Finds whom a request is for. Several vendors may share a host (Google's products, GitHub and its apps): of those that
 * know the path, it is the one that issued the code or token in it, or takes its key, or has its client registered with
 * its redirect URI, or at least its client; and else the first that has written down this very path.
 */
export const resolver = (vendors: ReadonlyArray<Vendor>) => {
  const readers = new Map(vendors.map((vendor) => [vendor, credentialReader(vendor)]))
  const byHost = Map.groupBy(vendors.flatMap(routesOf), ({ hostname }) => hostname)
  return (simulation: Simulation, received: Received): Resolved | undefined => {
    const here = byHost.get(received.url.hostname) ?? []
    const fitting = here.filter(({ path }) => path(received.url.pathname) !== undefined)
    // Who has written this very path down comes before who has an API around it.
    const exact = fitting.filter(({ _tag }) => _tag !== "Api")
    const candidates = [
      ...new Set((fitting.length > 0 ? [...exact, ...fitting] : here).map(({ vendor }) => vendor))
    ]
    const credentialAt = (vendor: Vendor): Credential =>
      readers.get(vendor)?.(simulation, received) ?? { _tag: "Dead" }
    const vendor =
      candidates.length < 2 ? candidates[0] : bestOf(candidates, simulation, received, credentialAt)
    if (vendor === undefined) return undefined
    const own = fitting.filter((route) => route.vendor === vendor)
    return { vendor, credential: () => credentialAt(vendor), target: targetOf(own, received) }
  }
}

const targetOf = (routes: ReadonlyArray<Route>, received: Received): Resolved["target"] => {
  const { method, url } = received
  const endpoints = routes.filter((route) => route._tag === "Endpoint")
  const probes = routes.filter((route) => route._tag === "Probe").map(({ probe }) => probe)
  const isOfApi = routes.some(({ _tag }) => _tag === "Api")
  const endpoint = endpointOf(
    endpoints.filter((one) => one.method === method),
    received
  )
  if (endpoint !== undefined) {
    const { query } = endpoint
    if (query !== undefined && canonicalQuery(url.searchParams) !== query)
      return { _tag: "Nothing", problem: `the query of ${url.pathname} is not the vendor's` }
    return { _tag: "Endpoint", endpoint, path: endpoint.path(url.pathname) ?? {} }
  }
  const [other] = endpoints
  // Below an API, a path may be an endpoint by one method and something else by another.
  if (probes.length > 0 || (isOfApi && other === undefined)) return { _tag: "Api", probes, isOfApi }
  return {
    _tag: "Nothing",
    problem:
      other === undefined
        ? `the vendor has nothing at ${url.origin}${url.pathname}`
        : `the method is ${method}, not ${other.method}`
  }
}

/** Several endpoints may have one URL: what tells their requests apart is what they bring. */
const endpointOf = (
  endpoints: ReadonlyArray<EndpointRoute>,
  received: Received
): EndpointRoute | undefined => {
  const [first, second] = endpoints
  if (first === undefined || second === undefined) return first
  const given = anyParameters(received)
  return endpoints.find(({ kind, vendor }) => brings(given, kind, vendor)) ?? first
}

const brings = (given: ReadonlyMap<string, string>, kind: RequestKind, vendor: Vendor): boolean => {
  if (kind === "token") return given.has(nameAt(vendor, "code"))
  if (kind === "refresh") return given.has(nameAt(vendor, "refresh_token"))
  return (
    kind === "exchange" &&
    isOAuth2(vendor) &&
    Object.keys(vendor.facts.tokenExchange?.parameters ?? {}).every((name) => given.has(name))
  )
}

/** The parameters in whatever encoding they came. */
const anyParameters = (received: Received): ReadonlyMap<string, string> => {
  if (received.method === "GET") return new Map(received.url.searchParams)
  const form = bodyParameters(received).values
  return form.size > 0 ? form : bodyParameters(received, "json").values
}

const bestOf = (
  candidates: ReadonlyArray<Vendor>,
  simulation: Simulation,
  received: Received,
  credentialAt: (vendor: Vendor) => Credential
): Vendor | undefined => {
  const basic = basicOf(received.headers)
  const given = new Set([
    ...received.url.searchParams.values(),
    ...anyParameters(received).values(),
    ...(basic === undefined ? [] : [formDecoded(basic.username)]),
    /^\S+ (\S+)$/.exec(received.headers.get("authorization") ?? "")?.[1] ?? ""
  ])
  const score = (vendor: Vendor): number => {
    const { ledger } = simulation
    const isKnown = [...given].some(
      (value) =>
        ledger.token(vendor.id, value) !== undefined || ledger.code(vendor.id, value) !== undefined
    )
    if (isKnown || credentialAt(vendor)._tag === "Live") return 3
    const clients = [...vendor.clients.values()].filter(({ clientId }) => given.has(clientId))
    if (clients.some(({ redirectUris }) => redirectUris.some((uri) => given.has(uri)))) return 2
    return clients.length > 0 ? 1 : 0
  }
  return candidates
    .map((vendor) => ({ vendor, score: score(vendor) }))
    .reduce((best, one) => (one.score > best.score ? one : best)).vendor
}
