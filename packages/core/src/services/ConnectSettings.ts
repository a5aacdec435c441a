import { Context, type Duration, type Effect } from "effect"
import type { Binding, ProviderId, TenantId } from "../model/index.ts"
import type { PendingFlowLimits } from "./OAuthStateStore.ts"

/** How a flow that ends at a URL is bound, and whether the host's list or its own function allowed the URL. */
export interface RedirectBinding {
  readonly binding: Binding
  readonly allowedBy: "list" | "function"
}

/** What the host settles once, at start, about connecting. */
export class ConnectSettings extends Context.Service<
  ConnectSettings,
  {
    /**
     * OAuth's `redirect_uri` of a provider: from the configured public URL, never from a request. `context`
     * ends that of a tenant with a client of its own.
     */
    readonly redirectUri: (provider: ProviderId, context?: string) => string
    /** The path of connect as the world sees it. */
    readonly connectUrl: (provider: ProviderId) => string
    /** How a flow of the tenant that ends at this URL is bound; undefined if it may not end there. */
    readonly bindingAt: (
      redirectUrl: string,
      tenantId: TenantId
    ) => Effect.Effect<RedirectBinding | undefined>
    /** The page of the binding `confirm`. */
    readonly confirmPage: {
      readonly url: (provider: ProviderId) => string
      /** How long the code waits for somebody to agree. */
      readonly lifetime: Duration.Duration
      /** What the host calls a tenant, for people; undefined if it gives no usable answer. */
      readonly tenantName: (tenantId: TenantId) => Effect.Effect<string | undefined>
    }
    readonly flowLifetime: Duration.Duration
    readonly parkedLifetime: Duration.Duration
    readonly pendingFlowLimits: PendingFlowLimits
  }
>()("@hawser/core/ConnectSettings") {}
