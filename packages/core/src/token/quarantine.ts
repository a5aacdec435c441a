import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  type IntegrationKey,
  newEventId,
  StorageUnavailable,
  type TenantId
} from "../model/index.ts"
import {
  hasTenantClients,
  type OAuth2Provider,
  ProviderRegistry,
  type TenantClientsProvider
} from "../provider/index.ts"
import {
  ConnectionStore,
  Maintenance,
  type QuarantinedGrant,
  SecurityLog,
  program
} from "../services/index.ts"
import { endedByProvider, quarantine } from "./refreshGrant.ts"
import { TokenCache } from "./TokenCache.ts"

/**
 * Brings back what a provider's refusals ended within the last seven days, of one tenant or of all: for the host that had
 * configured a wrong client. The brake of the provider is let go, and each restored grant is refreshed at once.
 */
export const restore = program("Hawser.restore")(function* (
  provider: OAuth2Provider | TenantClientsProvider,
  tenantId?: TenantId
): Effect.fn.Return<
  ReadonlyArray<QuarantinedGrant>,
  StorageUnavailable,
  Maintenance | ProviderRegistry | SecureRandom.SecureRandom
> {
  const maintenance = yield* Maintenance
  const waiting = yield* maintenance.quarantined({ provider: provider.id, tenantId })
  const accepted = yield* findAcceptedFingerprints(provider, waiting)
  yield* Effect.forEach(accepted, (fingerprint) => maintenance.releaseBrake(fingerprint))
  return yield* Effect.filter(
    waiting.filter(({ clientFingerprint }) => accepted.has(clientFingerprint)),
    Effect.fnUntraced(function* (grant) {
      return yield* maintenance.restore(grant, {
        id: yield* newEventId,
        event: "integration.connected"
      })
    })
  )
})

/** The fingerprints of the client that all share, or of those that the tenants of these grants have now. */
const findAcceptedFingerprints = Effect.fnUntraced(function* (
  provider: OAuth2Provider | TenantClientsProvider,
  waiting: ReadonlyArray<QuarantinedGrant>
) {
  if (!hasTenantClients(provider)) return provider.acceptedFingerprints
  const registry = yield* ProviderRegistry
  const accepted = new Set<string>()
  for (const tenantId of new Set(waiting.map((grant) => grant.tenantId))) {
    const own = yield* registry.usedBy(tenantId, provider).pipe(
      Effect.map(({ acceptedFingerprints }) => acceptedFingerprints),
      Effect.catchTags({
        ProviderNotFound: () => Effect.succeed<ReadonlySet<string>>(new Set()),
        ClientUnavailable: (cause) => new StorageUnavailable({ cause })
      })
    )
    for (const fingerprint of own) accepted.add(fingerprint)
  }
  return accepted
})

/**
 * Ends a tenant's integration because its provider says that the access was withdrawn, by a webhook for instance. False
 * if it was not connected.
 */
export const markRevoked = program("Hawser.markRevoked")(function* (
  key: IntegrationKey
): Effect.fn.Return<
  boolean,
  StorageUnavailable,
  ConnectionStore | SecureRandom.SecureRandom | SecurityLog | TokenCache
> {
  const connections = yield* ConnectionStore
  const cache = yield* TokenCache
  const ended = yield* connections
    .markRevoked(key, {
      quarantine,
      publish: {
        id: yield* newEventId,
        event: "integration.disconnected",
        disconnectedBy: endedByProvider,
        reason: "revoked"
      }
    })
    .pipe(Effect.ensuring(cache.forget(key)))
  if (ended) {
    const log = yield* SecurityLog
    yield* log.report({
      type: "grant_ended",
      tenantId: key.tenantId,
      provider: key.provider,
      reason: "revoked"
    })
  }
  return ended
})
