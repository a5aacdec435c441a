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
    /** Takes text off the wire: what is no provider id is not found, as is one that the host has not configured. */
    readonly get: (id: string) => Effect.Effect<ConfiguredProvider, ProviderNotFound>
    /** The same for a tenant: what is closed to it is not found either. */
    readonly getFor: (
      tenantId: TenantId,
      id: string
    ) => Effect.Effect<ConfiguredProvider, ProviderNotFound>
    /**
     * The provider with the client that this tenant uses: the one that all share, or its own, for which the host is asked
     * each time. If the tenant has none, the provider is not found.
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
    const shared = providers.filter(
      (provider): provider is OAuth2Provider =>
        provider.authType === "oauth2" && !hasTenantClients(provider)
    )

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
 * A client of a tenant's that is the host's shared one: a `clientOf` with a fallback would give a tenant's own server the
 * secret that all tenants depend on.
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
