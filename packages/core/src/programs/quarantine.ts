import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import type { StorageUnavailable } from "../domain/Errors.ts"
import { defaultConnection, newEventId, type TenantId } from "../domain/Ids.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { GrantStore, type QuarantinedGrant } from "../ports/GrantStore.ts"
import { SecurityLog } from "../ports/SecurityLog.ts"
import { endedByProvider, quarantine } from "./refreshGrant.ts"
import { TokenCache } from "./TokenCache.ts"
import type { TokenQuery } from "../domain/AccessToken.ts"

/**
 * Brings back what a provider's refusals ended within the last seven days, of one tenant or of all: for the host that had
 * configured a wrong client. The brake of the provider is let go, and each restored grant is refreshed at once.
 */
export const restore = Effect.fn("Hawser.restore")(function* (
  provider: OAuth2Provider,
  tenantId?: TenantId
): Effect.fn.Return<
  ReadonlyArray<QuarantinedGrant>,
  StorageUnavailable,
  GrantStore | SecureRandom.SecureRandom
> {
  const grants = yield* GrantStore
  yield* Effect.forEach(provider.acceptedFingerprints, (fingerprint) =>
    grants.releaseBrake(fingerprint)
  )
  const waiting = yield* grants.quarantined({ provider: provider.id, tenantId })
  return yield* Effect.filter(
    waiting.filter(({ clientFingerprint }) => provider.acceptedFingerprints.has(clientFingerprint)),
    Effect.fnUntraced(function* (grant) {
      return yield* grants.restore(grant, { id: yield* newEventId, event: "integration.connected" })
    })
  )
})

/**
 * Ends a tenant's integration because its provider says that the access was withdrawn, by a webhook for instance. False
 * where it was not connected.
 */
export const markRevoked = Effect.fn("Hawser.markRevoked")(function* (
  query: TokenQuery
): Effect.fn.Return<
  boolean,
  StorageUnavailable,
  GrantStore | SecureRandom.SecureRandom | SecurityLog | TokenCache
> {
  const grants = yield* GrantStore
  const ended = yield* grants.markRevoked(
    { ...query, connection: defaultConnection },
    {
      quarantine,
      publish: {
        id: yield* newEventId,
        event: "integration.disconnected",
        disconnectedBy: endedByProvider,
        reason: "revoked"
      }
    }
  )
  if (ended) {
    const cache = yield* TokenCache
    yield* cache.forget(query)
    const log = yield* SecurityLog
    yield* log.report({ type: "grant_ended", ...query, reason: "revoked" })
  }
  return ended
})
