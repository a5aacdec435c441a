import type { ApiKeyFacts } from "../facts/index.ts"
import { type Probe, probesOf } from "./Probe.ts"
import { canonicalQuery } from "./Received.ts"
import type { RequestKind } from "./Simulation.ts"
import { matcherOf, type Matcher, render, type Values } from "./templates.ts"
import { githubAppUrls, personsTokenUrl, userInstallationsUrl } from "./githubApp.ts"
import { otherValues } from "./otherAccount.ts"
import { isOAuth2, type Vendor } from "./Vendor.ts"

interface Place {
  readonly vendor: Vendor
  readonly hostname: string
  readonly path: Matcher
}

/** One of a vendor's endpoints, at a URL that is compared whole. */
export interface EndpointRoute extends Place {
  readonly _tag: "Endpoint"
  readonly kind: RequestKind
  readonly method: string
  /** Undefined if the endpoint reads it. */
  readonly query: string | undefined
}

/** The path of a probe. */
interface ProbeRoute extends Place {
  readonly _tag: "Probe"
  readonly probe: Probe
}

/** Everything below a base URL. */
interface ApiRoute extends Place {
  readonly _tag: "Api"
}

export type Route = EndpointRoute | ProbeRoute | ApiRoute

const hostPart = /^https:\/\/([^/?#:]+)(?::\d+)?([^?#]*)(\?[^#]*)?/

/** A URL of the facts with its samples filled in; names without one stay for the path to be read by. */
const parts = (template: string, values: Values) => {
  const [, hostname = "", path = "", query = ""] = hostPart.exec(render(template, values)) ?? []
  return { hostname: hostname.toLowerCase(), path: path === "" ? "/" : path, query }
}

const decoded =
  (matcher: Matcher): Matcher =>
  (text) => {
    const found = matcher(text)
    if (found === undefined) return undefined
    try {
      return Object.fromEntries(
        Object.entries(found).map(([name, value]) => [name, decodeURIComponent(value)])
      )
    } catch {
      return undefined
    }
  }

const place = (vendor: Vendor, template: string, values: Values = vendor.values) => {
  const { hostname, path, query } = parts(template, values)
  return { at: { vendor, hostname, path: decoded(matcherOf(path, {}, "[^/]+")) }, query }
}

const endpoint = (
  vendor: Vendor,
  kind: RequestKind,
  method: string,
  template: string | undefined,
  values?: Values
): ReadonlyArray<EndpointRoute> => {
  if (template === undefined) return []
  const { at, query } = place(vendor, template, values)
  const readsIt = kind === "authorize" || method === "GET" || template === userInstallationsUrl
  const fixed = readsIt ? undefined : canonicalQuery(new URLSearchParams(query))
  return [{ _tag: "Endpoint", ...at, kind, method, query: fixed }]
}

const below = (vendor: Vendor, template: string, values: Values = vendor.values): ApiRoute => {
  const { hostname, path } = parts(template, values)
  const prefix = path.replace(/\/$/, "")
  return {
    _tag: "Api",
    vendor,
    hostname,
    path: (given) => (given === prefix || given.startsWith(`${prefix}/`) ? {} : undefined)
  }
}

/** The values of a vendor without what belongs to single connections. */
const withoutCaptures = ({ facts, values }: Vendor): Values =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([name]) => facts.authType !== "oauth2" || !Object.hasOwn(facts.captures ?? {}, name)
    )
  )

const oauth2Routes = (vendor: Vendor): ReadonlyArray<Route> => {
  if (!isOAuth2(vendor)) return []
  const { facts } = vendor
  const isApp = facts.authKind === "github_app"
  return [
    ...endpoint(vendor, "authorize", "GET", facts.authorize.url),
    ...endpoint(vendor, "pushed", "POST", facts.pushedAuthorizationRequestEndpoint),
    ...endpoint(vendor, "token", facts.token.method ?? "POST", facts.token.url),
    ...endpoint(
      vendor,
      "refresh",
      facts.refresh?.method ?? "POST",
      facts.refresh?.url,
      // Which installation a token is for is in the URL.
      isApp ? withoutCaptures(vendor) : vendor.values
    ),
    ...endpoint(vendor, "exchange", "POST", facts.tokenExchange?.url),
    ...endpoint(vendor, "introspection", "POST", facts.introspection?.url),
    ...endpoint(vendor, "revocation", facts.revocation?.method ?? "POST", facts.revocation?.url),
    ...(isApp
      ? githubAppUrls
          .flatMap((url) => endpoint(vendor, "account", "GET", url, withoutCaptures(vendor)))
          .concat(endpoint(vendor, "account", "DELETE", personsTokenUrl))
      : [])
  ]
}

const credentialsUrl = (facts: ApiKeyFacts): string | undefined => facts.clientCredentials?.url

/** Every place at which a vendor can be asked something. */
export const routesOf = (vendor: Vendor): ReadonlyArray<Route> => {
  const { facts } = vendor
  return [
    ...oauth2Routes(vendor),
    ...(facts.authType === "api_key"
      ? endpoint(vendor, "token", "POST", credentialsUrl(facts))
      : []),
    ...probesOf(vendor).map((probe): ProbeRoute => ({
      _tag: "Probe",
      ...place(vendor, probe.url.href).at,
      probe
    })),
    ...(facts.api === undefined
      ? []
      : [
          below(vendor, facts.api.baseUrl),
          // The token of a person who has two accounts is good for both.
          ...(isOAuth2(vendor) ? [below(vendor, facts.api.baseUrl, otherValues(vendor))] : []),
          ...(facts.api.hosts ?? []).map((host) => below(vendor, `https://${host}/`))
        ])
  ]
}
