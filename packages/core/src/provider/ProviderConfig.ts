import { Effect } from "effect"
import type { Digest } from "effect/crypto"
import { ConfigurationError } from "../model/index.ts"
import { askHost } from "../services/index.ts"
import { declaredKindOf, type HostAuthKinds, type ProviderConfig } from "./authKinds.ts"
import { configuredDefinition } from "./configuredDefinition.ts"
import { templatesOf } from "./definitionTemplates.ts"
import type { Availability, CommonProviderConfig, ConfiguredProvider } from "./Provider.ts"
import { isLoopback, type ProviderDefinition } from "./ProviderDefinition.ts"
import { tenantHost } from "./urlChecks.ts"

/** All URLs that requests go to, and hosts as URLs. */
const urlsOf = (definition: ProviderDefinition): ReadonlyArray<string> => [
  ...templatesOf(definition)
    .filter(({ isUrl }) => isUrl)
    .map(({ template }) => template),
  ...(definition.api?.hosts ?? []).map((host) => `https://${host}/`)
]

const toAvailability = ({
  availability = "public",
  connections = "one",
  ownedBy = ["tenant"]
}: CommonProviderConfig): Availability => ({
  ownedBy: new Set(ownedBy),
  connections,
  listed: availability === "public",
  isOpenTo: (tenantId) =>
    typeof availability === "string"
      ? Effect.succeed(true)
      : askHost({
          hook: "availability",
          call: () => availability(tenantId),
          read: (answer) => answer === true,
          details: { tenantId }
        }).pipe(Effect.orElseSucceed(() => false))
})

/**
 * Turns what the host configured into a provider the programs can use.
 *
 * Fails with `ConfigurationError`, naming provider and member, on an unknown key, a wrong type, an unknown placeholder,
 * an http URL, or a missing client secret or key. Plain http is allowed only on loopback, for development, and only on request.
 */
export const configureProvider = Effect.fnUntraced(function* (
  config: ProviderConfig,
  options: {
    readonly unsafelyAllowLoopback: boolean
    /** Whether requests leave by a proxy that resolves names itself, so that Hawser cannot check the addresses. */
    readonly addressesAreUnchecked?: boolean
    /** The host's own auth kinds. */
    readonly authKinds?: HostAuthKinds
  }
): Effect.fn.Return<ConfiguredProvider, ConfigurationError, Digest.Digest> {
  const setting = `providers[${String(config.definition.id)}]`
  const refuse = (problem: string) => new ConfigurationError({ setting, problem })

  const kind = declaredKindOf(config.definition)
  const wrong = kind.checkOptions(setting, config)
  if (wrong !== undefined) return yield* wrong
  if (config.ownedBy?.length === 0) return yield* refuse("ownedBy: Name tenant, user or both.")
  const definition = yield* configuredDefinition(config)
  const byTenant = tenantHost(definition)
  if (byTenant !== undefined && config.allowTenantHosts !== true) {
    return yield* new ConfigurationError({
      setting: `${setting}.allowTenantHosts`,
      problem: `The field ${byTenant.field} lets a tenant choose the host of ${byTenant.member}. Set it if your egress may reach whatever public host a tenant names.`
    })
  }
  if (byTenant !== undefined && options.addressesAreUnchecked === true) {
    return yield* refuse(
      `The field ${byTenant.field} lets a tenant choose the host of ${byTenant.member}, and unsafelyResolvingProxy connects wherever that leads. Set egress.proxy, or leave the provider out.`
    )
  }
  const insecure = urlsOf(definition).find((url) => isLoopback(new URL(url).hostname))
  if (insecure !== undefined && !options.unsafelyAllowLoopback) {
    return yield* refuse(
      `${insecure} is on this machine. For development, set unsafelyAllowLoopback.`
    )
  }

  return yield* kind.configure(
    {
      config,
      definition,
      availability: toAvailability(config),
      authKinds: options.authKinds ?? []
    },
    refuse
  )
})
