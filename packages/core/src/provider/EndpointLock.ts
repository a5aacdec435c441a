import { Context, Schema } from "effect"
import { templatesOf } from "./definitionTemplates.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"
import { placeholders } from "./template.ts"

/** The lock that the host's definitions were compared with at the start; undefined if it keeps none. */
export const CurrentEndpointLock = Context.Reference<EndpointLock | undefined>(
  "@hawser/core/CurrentEndpointLock",
  { defaultValue: () => undefined }
)

/** Where a definition has credentials, codes and tokens sent: URLs and hosts by their member, and what may stand in them. */
export const LockedEndpoints = Schema.Record(
  Schema.String,
  Schema.Union([Schema.String, Schema.Array(Schema.String)])
)
export type LockedEndpoints = typeof LockedEndpoints.Type

/** The endpoints that a host has approved, by provider: they are sent secrets, and no others. */
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

/** What may stand in a URL under this name; undefined if nothing limits it but the host itself. */
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

/** What is locked for a provider; undefined if the lock does not have it. */
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

/**
 * Whether the lock has a URL's template of a definition as the definition has it, and the same limits for what stands in it.
 */
export const isLocked = (
  locked: LockedEndpoints | undefined,
  definition: ProviderDefinition,
  member: string,
  template: string
): boolean => {
  const isSame = (name: string, found: string | ReadonlyArray<string> | undefined): boolean =>
    locked !== undefined &&
    JSON.stringify(Object.hasOwn(locked, name) ? locked[name] : undefined) === JSON.stringify(found)
  return (
    isSame(member, template) &&
    placeholders(template).every((name) => isSame(`{${name}}`, limitsOf(definition, name))) &&
    (member !== "api.baseUrl" || isSame("api.hosts", definition.api?.hosts?.toSorted()))
  )
}
