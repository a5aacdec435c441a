import { Schema } from "effect"
import { templatesOf } from "./definitionTemplates.ts"
import type { AuthorizationServerSnapshot, FlowTerms } from "./Flow.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"
import { placeholders, renderUrl } from "./template.ts"

/** Where a definition has credentials, codes and tokens sent: URLs and hosts by their member, and what may stand in them. */
export const LockedEndpoints = Schema.Record(
  Schema.String,
  Schema.Union([Schema.String, Schema.Array(Schema.String)])
)
export type LockedEndpoints = typeof LockedEndpoints.Type

/** The endpoints that a host has approved, by provider: they are sent secrets, and no others (S-38, S-84). */
export const EndpointLock = Schema.Struct({
  version: Schema.Literal(1),
  providers: Schema.Record(Schema.String, LockedEndpoints)
})
export type EndpointLock = typeof EndpointLock.Type

/** An endpoint that is another than the locked one; undefined on the side where there is none. */
export interface EndpointChange {
  readonly provider: string
  /** As in the lock: `tokenEndpoint`, or `{site}` for what may stand in a URL. */
  readonly member: string
  readonly locked: string | undefined
  readonly found: string | undefined
}

/**
 * Where a definition has credentials, codes and tokens sent, as a lock keeps it. What a tenant, or the vendor's answer, may
 * put into a URL is a part of it: one more choice is one more host that gets keys.
 */
export const endpointsOf = (definition: ProviderDefinition): LockedEndpoints => {
  const endpoints: Record<string, string | ReadonlyArray<string>> = {}
  const urls = templatesOf(definition).filter(({ isUrl }) => isUrl)
  for (const { member, template } of urls) endpoints[member] = template
  if (definition.api?.hosts !== undefined) endpoints["api.hosts"] = definition.api.hosts.toSorted()
  for (const name of new Set(urls.flatMap(({ template }) => placeholders(template)))) {
    const limits = limitsOf(definition, name)
    if (limits !== undefined) endpoints[`{${name}}`] = limits
  }
  return sorted(endpoints)
}

const limitsOf = (
  definition: ProviderDefinition,
  name: string
): ReadonlyArray<string> | undefined => {
  const field = definition.fields?.find((one) => one.name === name)
  if (field !== undefined) {
    const { choices, format, pattern } = field
    return [...(choices?.toSorted() ?? []), ...given(format), ...given(pattern)]
  }
  const capture = definition.authType === "oauth2" ? definition.captures?.[name] : undefined
  if (capture === undefined) return undefined
  const { hostBelow, pattern, sameAs } = capture
  return [
    ...(hostBelow?.toSorted() ?? []),
    ...given(pattern),
    ...given(sameAs && `same as {${sameAs}}`)
  ]
}

const given = (value: string | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [value]

/** A lock with these providers' endpoints in the place of those that it had, its keys in order. */
export const lockEndpoints = (
  lock: EndpointLock | undefined,
  definitions: ReadonlyArray<ProviderDefinition>
): EndpointLock => ({
  version: 1,
  providers: sorted({
    ...lock?.providers,
    ...Object.fromEntries(definitions.map((one) => [one.id, endpointsOf(one)]))
  })
})

const sorted = <Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** What is locked for a provider; undefined where the lock does not have it. */
export const lockedEndpoints = (
  { providers }: EndpointLock,
  provider: string
): LockedEndpoints | undefined =>
  Object.hasOwn(providers, provider) ? providers[provider] : undefined

/** What a definition has other than the lock says. */
export const endpointChanges = (
  locked: LockedEndpoints,
  definition: ProviderDefinition
): ReadonlyArray<EndpointChange> => {
  const found = endpointsOf(definition)
  const members = new Set([...Object.keys(locked), ...Object.keys(found)])
  return [...members]
    .toSorted()
    .map((member) => ({
      provider: definition.id,
      member,
      locked: shown(locked, member),
      found: shown(found, member)
    }))
    .filter((change) => change.locked !== change.found)
}

const shown = (endpoints: LockedEndpoints, member: string): string | undefined => {
  const value = Object.hasOwn(endpoints, member) ? endpoints[member] : undefined
  return typeof value === "object" ? value.join(", ") : value
}

type FrozenEndpoint = Exclude<
  keyof AuthorizationServerSnapshot,
  "clientId" | "issuer" | "resource" | "responseMode"
>

/** Under which member the lock has what a flow froze. */
const lockedAs: Readonly<Record<FrozenEndpoint, string>> = {
  authorizationEndpoint: "authorizationEndpoint",
  tokenEndpoint: "tokenEndpoint",
  accountEndpoint: "account.url",
  discoveryEndpoint: "discovery.url",
  introspectionEndpoint: "introspection.endpoint",
  tokenExchangeEndpoint: "tokenExchange.endpoint",
  pushedAuthorizationRequestEndpoint: "pushedAuthorizationRequestEndpoint"
}

/** The member of a flow's server that is not where the lock says; undefined where all of them are. */
export const strayEndpoint = (
  locked: LockedEndpoints | undefined,
  { fields, server }: Pick<FlowTerms, "fields" | "server">
): string | undefined => {
  const expected = (member: string): string | undefined => {
    const template = locked !== undefined && Object.hasOwn(locked, member) ? locked[member] : ""
    return typeof template === "string" && template !== "" ? renderUrl(template, fields) : undefined
  }
  for (const [frozen, member] of Object.entries(lockedAs)) {
    const url = server[frozen as FrozenEndpoint]
    if (url !== undefined && url !== expected(member)) return member
  }
  const issuer = expected("issuer") ?? new URL(server.authorizationEndpoint).origin
  return server.issuer === issuer ? undefined : "issuer"
}
