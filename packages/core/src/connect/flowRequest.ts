import { Cause, Duration, Effect } from "effect"
import { ConnectFailed, type TenantId } from "../model/index.ts"
import { type AuthorizationFailed, ProviderTraffic, type Transient } from "../protocol/index.ts"
import type { CheckedServer, OAuth2Provider, SecretUrl } from "../provider/index.ts"

const transient = ({ reason }: AuthorizationFailed): Transient | undefined =>
  reason === "provider_unavailable" ? {} : undefined

/** The longest, in seconds, that a flow waits for an open breaker, because a person is watching. */
const patience = 2

/**
 * Runs a request of a flow to an endpoint of its server, in a slot of the tenant. Without an endpoint, nothing is sent.
 * Fails with `ConnectFailed` and logs the reason.
 */
export const flowRequest = Effect.fnUntraced(function* <A, R>(
  { id }: OAuth2Provider,
  { server, tenantId }: { readonly server: CheckedServer; readonly tenantId: TenantId },
  endpoint: SecretUrl | undefined,
  request: Effect.Effect<A, AuthorizationFailed, R>
): Effect.fn.Return<A, ConnectFailed, ProviderTraffic | R> {
  const traffic = yield* ProviderTraffic
  const sent =
    endpoint === undefined
      ? request
      : traffic.through(
          {
            provider: id,
            origin: new URL(endpoint).origin,
            clientId: server.clientId,
            tenantId
          },
          (watch) => watch(request, transient)
        )
  return yield* sent.pipe(
    // A code works once and for minutes, but a first failure opens the breaker for only a second.
    Effect.catchIf(
      (error) => error._tag === "ProviderBusy" && error.retryAfter <= patience,
      () => Effect.delay(sent, Duration.seconds(patience))
    ),
    Effect.tapError((error) =>
      Effect.logWarning(error.message, Cause.fail(error), { provider: id, tenantId })
    ),
    Effect.mapError(
      (error) =>
        new ConnectFailed({
          provider: id,
          reason: error._tag === "ProviderBusy" ? "provider_unavailable" : error.reason
        })
    )
  )
})
