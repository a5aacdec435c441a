import { Context, Schema } from "effect"
import { templatesOf } from "./definitionTemplates.ts"
import { capturesOf, type ProviderDefinition } from "./ProviderDefinition.ts"
import { placeholders } from "./template.ts"

/** The lock that the start compared the host's definitions with; undefined if the host has no lock file. */
export const CurrentEndpointLock = Context.Reference<EndpointLock | undefined>(
  "@hawser/core/CurrentEndpointLock",
  { defaultValue: () => undefined }
)

/** The endpoints to which a definition sends credentials, codes and tokens: URLs and hosts by member, and the values allowed in them. */
export const LockedEndpoints = Schema.Record(
  Schema.String,
  Schema.Union([Schema.String, Schema.Array(Schema.String)])
)
export type LockedEndpoints = typeof LockedEndpoints.Type

/** The endpoints that a host has approved, by provider. Secrets go to no others. */
export const EndpointLock = Schema.Struct({
  version: Schema.Literal(1),
  providers: Schema.Record(Schema.String, LockedEndpoints)
})
export type EndpointLock = typeof EndpointLock.Type

/** An endpoint that differs from the locked one. A side is undefined if it has no such endpoint. */
export interface EndpointChange {
  readonly provider: string
  /** As in the lock: `tokenEndpoint`, or `{site}` for the values allowed in a URL. */
  readonly member: string
  readonly locked: string | undefined
  readonly found: string | undefined
}

/**
 * The endpoints to which a definition sends credentials, codes and tokens, as a lock file keeps them. They include the
 * values that a tenant, or the vendor's answer, may put into a URL: one more choice is one more host that gets keys.
 */
export const endpointsOf = (definition: ProviderDefinition): LockedEndpoints => {
  const endpoints: Record<string, string | ReadonlyArray<string>> = {}
  const urls = templatesOf(definition).filter(({ isUrl }) => isUrl)
  for (const { member, template } of urls) endpoints[member] = template
  if (definition.api?.hosts !== undefined) endpoints["api.hosts"] = definition.api.hosts.toSorted()
  for (const name of new Set(urls.flatMap(({ template }) => placeholders(template)))) {
    const limits = valueLimits(definition, name)
    if (limits !== undefined) endpoints[`{${name}}`] = limits
  }
  return sorted(endpoints)
}

/** The values allowed in a URL under this name; undefined if only the URL's host limits them. */
const valueLimits = (
  definition: ProviderDefinition,
  name: string
): ReadonlyArray<string> | undefined => {
  const field = definition.fields?.find((one) => one.name === name)
  if (field !== undefined) {
    const { choices, format, pattern } = field
    return [...(choices?.toSorted() ?? []), ...given(format), ...given(pattern)]
  }
  const capture = capturesOf(definition)[name]
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

/** The lock with the endpoints of these providers replaced, its keys sorted. */
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

/** The locked endpoints of a provider; undefined if the lock does not have the provider. */
export const lockedEndpoints = (
  { providers }: EndpointLock,
  provider: string
): LockedEndpoints | undefined =>
  Object.hasOwn(providers, provider) ? providers[provider] : undefined

/** The endpoints in which a definition differs from the lock. */
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
 * Whether the lock has the same template for a URL as the definition, and the same limits for its values.
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
    placeholders(template).every((name) => isSame(`{${name}}`, valueLimits(definition, name))) &&
    (member !== "api.baseUrl" || isSame("api.hosts", definition.api?.hosts?.toSorted()))
  )
}
