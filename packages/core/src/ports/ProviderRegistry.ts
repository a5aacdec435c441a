import { Context, Effect } from "effect"
import { ProviderNotFound } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import type { Provider } from "../domain/Provider.ts"

/** The providers that the host has configured, built once at start. */
export class ProviderRegistry extends Context.Service<
  ProviderRegistry,
  {
    readonly all: ReadonlyArray<Provider>
    /** Takes text off the wire: what is no provider id is not found, as is one that the host has not configured. */
    readonly get: (id: string) => Effect.Effect<Provider, ProviderNotFound>
    /** The same for a tenant: what is closed to it is not found either. */
    readonly getFor: (tenantId: TenantId, id: string) => Effect.Effect<Provider, ProviderNotFound>
  }
>()("@hawser/core/ProviderRegistry") {
  static make(providers: ReadonlyArray<Provider>): ProviderRegistry["Service"] {
    const byId = new Map<string, Provider>(providers.map((provider) => [provider.id, provider]))
    const notFound = Effect.fail(new ProviderNotFound())
    const find = (id: string, isOpen: (provider: Provider) => boolean) => {
      const provider = byId.get(id)
      return provider === undefined || !isOpen(provider) ? notFound : Effect.succeed(provider)
    }
    return {
      all: providers,
      get: (id) => find(id, () => true),
      getFor: (tenantId, id) => find(id, (provider) => provider.isOpenTo(tenantId))
    }
  }
}
