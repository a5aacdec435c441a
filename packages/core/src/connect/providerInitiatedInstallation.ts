import { Effect, Option } from "effect"
import type { ProviderId } from "../model/index.ts"
import {
  accepts,
  beginsByConsent,
  type Field,
  type FieldValues,
  type OAuth2Definition,
  ProviderRegistry
} from "../provider/index.ts"
import { SecurityLog } from "../services/index.ts"

/** An installation that began at the provider, without a flow. */
export interface ProviderInitiatedInstallation {
  readonly provider: ProviderId
  readonly displayName: string
  /** Undefined if the app is installed and can be connected. */
  readonly action: "requested" | "updated" | undefined
  /** Values for the tenant's fields, as far as the definition accepts them. They came from outside: only a suggestion. */
  readonly fields: FieldValues
}

/**
 * Whether a visit to the callback without `state` is the end of an installation at the provider. An attacker can make such
 * a link with a code of their own account. So nothing of the visit is used, and above all not its code: it only leads to
 * the host's page, where a flow can begin. Undefined for a provider that is not listed.
 */
export const providerInitiatedInstallation = Effect.fnUntraced(function* (
  provider: string,
  parameters: URLSearchParams
): Effect.fn.Return<
  ProviderInitiatedInstallation | undefined,
  never,
  ProviderRegistry | SecurityLog
> {
  const registry = yield* ProviderRegistry
  const configured = Option.getOrUndefined(yield* Effect.option(registry.get(provider)))
  if (configured === undefined || !beginsByConsent(configured) || !configured.listed)
    return undefined
  const { definition, id } = configured
  const { installation } = definition
  const action = installationAction(definition, parameters)
  if (installation === undefined) return undefined
  if (action === undefined && !parameters.has(installation.parameter)) return undefined
  const log = yield* SecurityLog
  yield* log.report({ type: "installation_without_flow", provider: id })
  return {
    provider: id,
    displayName: definition.displayName,
    action,
    fields: suggested(definition, installation.fields ?? {}, parameters)
  }
})

/**
 * What happened to the installation, if it was not just made: it waits for an approval, or it was changed. Undefined for a
 * new installation, which comes with its id and, in a flow, with a code.
 */
export const installationAction = (
  { codeParameter = "code", installation }: OAuth2Definition,
  parameters: URLSearchParams
): ProviderInitiatedInstallation["action"] => {
  const { action } = installation ?? {}
  if (installation === undefined || action === undefined) return undefined
  if (parameters.has(installation.parameter) && parameters.has(codeParameter)) return undefined
  const said = parameters.get(action.parameter)
  if (said === action.requested) return "requested"
  return said === action.updated ? "updated" : undefined
}

const suggested = (
  definition: OAuth2Definition,
  named: Readonly<Record<string, string>>,
  parameters: URLSearchParams
): FieldValues => {
  const values: Record<string, string> = {}
  for (const field of definition.fields ?? []) {
    const parameter = Object.hasOwn(named, field.name) ? named[field.name] : undefined
    if (parameter === undefined) continue
    const [given, ...others] = parameters.getAll(parameter)
    if (given === undefined || others.length > 0) continue
    const value = firstLabelOrValue(field, definition, given)
    if (accepts(field, value)) values[field.name] = value
  }
  return values
}

/** Vendors send the whole host, but the field is its first label: `acme.myshopify.com` becomes `acme`. */
const firstLabelOrValue = (
  { format, name }: Field,
  { authorizationEndpoint }: OAuth2Definition,
  given: string
): string => {
  if (format !== "subdomain") return given
  const suffix = new RegExp(`^https?://\\{${name}\\}(?<suffix>\\.[^/:]+)`).exec(
    authorizationEndpoint
  )?.groups?.["suffix"]
  return suffix !== undefined && given.endsWith(suffix) ? given.slice(0, -suffix.length) : given
}
