import type { ApiKeyFacts, OAuth2Facts, ProviderFacts } from "../facts/index.ts"
import type { AuthorizationRequest } from "./AuthorizationRequest.ts"
import type { Registration } from "./Registration.ts"
import { render, type Values } from "./templates.ts"

/** One provider as the simulator plays it. */
export interface Vendor<Facts extends ProviderFacts = ProviderFacts> {
  readonly id: string
  readonly facts: Facts
  /** The samples of fields, settings and captures, by name. */
  readonly values: Values
  readonly clients: Map<string, Registration>
  /** Authorization requests that were pushed (RFC 9126), by their `request_uri`. */
  readonly pushedRequests: Map<string, AuthorizationRequest>
  /** Scopes that a person has declined, and that are not asked for again by themselves. */
  readonly declined: Set<string>
  /** The sample key, until it was taken away. */
  readonly key: { isLive: boolean }
}

export type OAuth2Vendor = Vendor<OAuth2Facts>
export type ApiKeyVendor = Vendor<ApiKeyFacts>

export const isOAuth2 = (vendor: Vendor): vendor is OAuth2Vendor =>
  vendor.facts.authType === "oauth2"

export const isApiKey = (vendor: Vendor): vendor is ApiKeyVendor =>
  vendor.facts.authType === "api_key"

export const samples = (fields: ProviderFacts["fields"] = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).map(([name, { sample }]) => [name, sample]))

/** The tenant's own credentials, if the vendor gives tokens for them (RFC 6749 §4.4). */
const ownClient = (facts: ProviderFacts, values: Values): ReadonlyArray<Registration> =>
  facts.authType === "api_key" && facts.clientCredentials !== undefined
    ? [
        {
          clientId: render(facts.clientCredentials.clientId, values),
          clientSecret: render(facts.clientCredentials.clientSecret, values),
          redirectUris: []
        }
      ]
    : []

export const makeVendor = (facts: ProviderFacts): Vendor => {
  const values = {
    ...samples(facts.fields),
    ...samples(facts.settings),
    ...(facts.authType === "oauth2" ? facts.captures : {})
  }
  return {
    id: facts.provider,
    facts,
    values,
    clients: new Map(ownClient(facts, values).map((client) => [client.clientId, client])),
    pushedRequests: new Map(),
    declined: new Set(),
    key: { isLive: true }
  }
}

/**
 * The vendor with each combination of the values that it lets people choose from, that of the samples first: the same keys
 * and tokens are good at all of a vendor's sites.
 */
export const withEachChoice = (vendor: Vendor): ReadonlyArray<Vendor> =>
  Object.entries({ ...vendor.facts.fields, ...vendor.facts.settings }).reduce(
    (played, [name, { choices = [], sample }]) =>
      [sample, ...choices.filter((choice) => choice !== sample)].flatMap((choice) =>
        played.map((one) => ({ ...one, values: { ...one.values, [name]: choice } }))
      ),
    [vendor]
  )

/** What the vendor calls a parameter of the standard. */
export const nameAt = (vendor: Vendor, parameter: string): string => {
  const names = isOAuth2(vendor) ? vendor.facts.authorize.names : undefined
  return names !== undefined && Object.hasOwn(names, parameter)
    ? (names[parameter] ?? parameter)
    : parameter
}
