import { Cause, Context, Effect, Redacted } from "effect"
import { ClientUnavailable, ProviderNotFound, type TenantId } from "../model/index.ts"
import { isHookFailure } from "../services/index.ts"
import {
  type ConfiguredProvider,
  hasTenantClients,
  type OAuth2Provider,
  type TenantClientsProvider
} from "./Provider.ts"

/** The providers that the host has configured, built once at start. */
export class ProviderRegistry extends Context.Service<
  ProviderRegistry,
  {
    readonly all: ReadonlyArray<ConfiguredProvider>
    /** Accepts untrusted text. Fails for a text that is not a provider id, and for a provider that the host has not configured. */
    readonly get: (id: string) => Effect.Effect<ConfiguredProvider, ProviderNotFound>
    /** The same for a tenant; also fails for a provider that is closed to the tenant. */
    readonly getFor: (
      tenantId: TenantId,
      id: string
    ) => Effect.Effect<ConfiguredProvider, ProviderNotFound>
    /**
     * The provider with the client that this tenant uses: the shared one, or the tenant's own, for which the host is asked
     * each time. Fails if the tenant has none.
     */
    readonly usedBy: (
      tenantId: TenantId,
      provider: OAuth2Provider | TenantClientsProvider
    ) => Effect.Effect<OAuth2Provider, ProviderNotFound | ClientUnavailable>
  }
>()("@hawser/core/ProviderRegistry") {
  static make(providers: ReadonlyArray<ConfiguredProvider>): ProviderRegistry["Service"] {
    const byId = new Map<string, ConfiguredProvider>(
      providers.map((provider) => [provider.id, provider])
    )
    const notFound = Effect.fail(new ProviderNotFound())
    const get = (id: string): Effect.Effect<ConfiguredProvider, ProviderNotFound> => {
      const provider = byId.get(id)
      return provider === undefined ? notFound : Effect.succeed(provider)
    }
    const shared = providers.filter((provider): provider is OAuth2Provider => "client" in provider)

    const withOwnClient = Effect.fnUntraced(function* (
      tenantId: TenantId,
      configured: TenantClientsProvider
    ) {
      const provider = yield* configured.usedBy(tenantId)
      if (provider === undefined) return yield* notFound
      if (shared.some((other) => isSameRegistration(other, provider))) {
        return yield* new ClientUnavailable({
          provider: provider.id,
          tenantId,
          problem: "clientOf answered the client that all tenants share."
        })
      }
      return provider
    })

    return {
      all: providers,
      get,
      getFor: (tenantId, id) =>
        Effect.flatMap(get(id), (provider) =>
          Effect.flatMap(provider.isOpenTo(tenantId), (isOpen) =>
            isOpen ? Effect.succeed(provider) : notFound
          )
        ),
      usedBy: (tenantId, provider) =>
        hasTenantClients(provider)
          ? Effect.tapErrorTag(withOwnClient(tenantId, provider), "ClientUnavailable", (error) =>
              isHookFailure(error)
                ? Effect.void
                : Effect.logError(error.message, Cause.fail(error), {
                    provider: provider.id,
                    tenantId
                  })
            )
          : Effect.succeed(provider)
    }
  }
}

/**
 * A tenant's client that is really the host's shared one. A `clientOf` with such a fallback would send the shared secret to
 * a tenant's server.
 */
const isSameRegistration = (shared: OAuth2Provider, own: OAuth2Provider): boolean =>
  shared.client.clientId === own.client.clientId &&
  (shared.definition.tokenEndpoint === own.definition.tokenEndpoint ||
    isSameSecret(shared.client, own.client))

const isSameSecret = (
  { authentication: one }: OAuth2Provider["client"],
  { authentication: other }: OAuth2Provider["client"]
): boolean =>
  "clientSecret" in one &&
  "clientSecret" in other &&
  Redacted.value(one.clientSecret) === Redacted.value(other.clientSecret)
