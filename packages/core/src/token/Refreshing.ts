import { Context, Duration, Effect, Layer, Redacted } from "effect"
import { type IntegrationKey, keyText } from "../model/index.ts"
import type { OAuth2Provider } from "../provider/index.ts"
import { freshSecret } from "../vault/index.ts"
import {
  type LeaseHolder,
  type RefreshableGrant,
  type RefreshError,
  refreshGrant,
  type RefreshOutcome,
  type RefreshServices
} from "./refreshGrant.ts"
import { makeSharedWork } from "./sharedWork.ts"

/** Refreshes under way in this process, for the keeper and for whoever reads tokens: one at a time for each grant. */
export class Refreshing extends Context.Service<
  Refreshing,
  {
    readonly refresh: (
      provider: OAuth2Provider,
      key: IntegrationKey,
      grant: RefreshableGrant
    ) => Effect.Effect<RefreshOutcome, RefreshError>
  }
>()("@hawser/core/Refreshing") {
  /** The longest request takes 15 seconds: with the defaults, 5 are left to store its answer. */
  static readonly layer = ({
    lease = Duration.seconds(30),
    sendWithin = Duration.seconds(10)
  }: Partial<Omit<LeaseHolder, "name">> = {}): Layer.Layer<Refreshing, never, RefreshServices> =>
    Layer.effect(
      Refreshing,
      Effect.gen(function* () {
        const services = yield* Effect.context<RefreshServices>()
        const name = Redacted.value(yield* freshSecret).slice(0, 16)
        const holder: LeaseHolder = { name, lease, sendWithin }
        const refreshes = yield* makeSharedWork<RefreshOutcome, RefreshError>()

        return Refreshing.of({
          refresh: (provider, key, grant) =>
            refreshes.run(
              keyText(key),
              Effect.provide(refreshGrant(provider, key, grant, holder), services)
            )
        })
      })
    )
}
