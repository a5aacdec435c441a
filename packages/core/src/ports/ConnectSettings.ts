import type { Duration } from "effect"
import { Context } from "effect"
import type { Binding } from "../domain/Flow.ts"
import type { ProviderId } from "../domain/Ids.ts"
import type { PendingFlowLimits } from "./OAuthStateStore.ts"

/** What the host settles once, at start, about connecting. */
export class ConnectSettings extends Context.Service<
  ConnectSettings,
  {
    /** OAuth's `redirect_uri` of a provider: from the configured public URL, never from a request (S-15, S-20). */
    readonly redirectUri: (provider: ProviderId) => string
    /** The path of connect as the world sees it. */
    readonly connectUrl: (provider: ProviderId) => string
    /** Where a flow may end, by exact string, with how it is bound (S-12). */
    readonly allowedRedirects: ReadonlyMap<string, Binding>
    readonly flowLifetime: Duration.Duration
    readonly parkedLifetime: Duration.Duration
    readonly pendingFlowLimits: PendingFlowLimits
  }
>()("@hawser/core/ConnectSettings") {}
