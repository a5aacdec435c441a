import { Context, Deferred, Duration, Effect, Layer, Redacted } from "effect"
import { freshSecret } from "../crypto/secrets.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { IntegrationKey } from "../ports/IntegrationStore.ts"
import {
  type LeaseHolder,
  type RefreshableGrant,
  type RefreshError,
  refreshGrant,
  type RefreshOutcome,
  type RefreshServices
} from "./refreshGrant.ts"

/**
 * Refreshes under way in this process: who asks for a grant that is being refreshed waits for that refresh. It belongs to
 * this service and not to its first caller, so that a caller who goes away takes nothing with it.
 */
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
  }: Partial<Omit<LeaseHolder, "owner">> = {}): Layer.Layer<Refreshing, never, RefreshServices> =>
    Layer.effect(
      Refreshing,
      Effect.gen(function* () {
        const services = yield* Effect.context<RefreshServices>()
        const scope = yield* Effect.scope
        const owner = Redacted.value(yield* freshSecret).slice(0, 16)
        const holder: LeaseHolder = { owner, lease, sendWithin }
        const underWay = new Map<string, Deferred.Deferred<RefreshOutcome, RefreshError>>()

        return Refreshing.of({
          refresh: (provider, key, grant) =>
            Effect.suspend(() => {
              const id = JSON.stringify([key.tenantId, key.provider, key.connection])
              const running = underWay.get(id)
              if (running !== undefined) return Deferred.await(running)
              const refresh = Deferred.makeUnsafe<RefreshOutcome, RefreshError>()
              underWay.set(id, refresh)
              return refreshGrant(provider, key, grant, holder).pipe(
                Effect.provide(services),
                Effect.onExit((exit) =>
                  Effect.andThen(
                    Effect.sync(() => underWay.delete(id)),
                    Deferred.done(refresh, exit)
                  )
                ),
                Effect.forkIn(scope),
                Effect.andThen(Deferred.await(refresh))
              )
            })
        })
      })
    )
}
