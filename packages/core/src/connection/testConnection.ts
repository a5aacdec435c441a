import { DateTime, Effect } from "effect"
import { checkAccessToken, checkKey, type CheckVerdict } from "../auth/index.ts"
import {
  type ConnectionName,
  type DecryptionFailed,
  Forbidden,
  type Integration,
  IntegrationNotFound,
  type StorageUnavailable,
  type IntegrationKey,
  defaultName
} from "../model/index.ts"
import { beginsByConsent, type ConfiguredProvider, mayOwn } from "../provider/index.ts"
import { ConnectionStore, CredentialStore, type Egress, program } from "../services/index.ts"
import {
  accessToken,
  type AccessTokenServices,
  openCredential,
  type RefusedTokens
} from "../token/index.ts"
import type { Actor } from "./roles.ts"
import { judge, type WithdrawalServices } from "./withdrawal.ts"

export type TestConnectionServices =
  | AccessTokenServices
  | Egress
  | Exclude<WithdrawalServices, RefusedTokens>

export interface TestOutcome {
  readonly status: "ok" | "failed"
  readonly checkedAt: DateTime.Utc
  /** Why it failed; undefined if it did not. */
  readonly reason: Exclude<CheckVerdict, "accepted"> | undefined
}

/**
 * Asks the provider whether the connection works: one harmless request, of whose answer nothing is told but the verdict.
 * It changes nothing at the provider; what it says of a token that cannot be refreshed is noted.
 *
 * Fails with `IntegrationNotFound` if it is not connected, and with `Forbidden` if its owner is suspended.
 */
export const testConnection = program("Hawser.test")(function* (
  { owner, tenantId }: Actor,
  provider: ConfiguredProvider,
  name: ConnectionName = defaultName
): Effect.fn.Return<
  TestOutcome,
  DecryptionFailed | Forbidden | IntegrationNotFound | StorageUnavailable,
  TestConnectionServices
> {
  const connections = yield* ConnectionStore
  const key = { tenantId, owner, provider: provider.id, name }
  const integration = yield* connections.find(key)
  if (integration.status === "disconnected") return yield* new IntegrationNotFound()
  if (integration.isSuspended === true) return yield* new Forbidden({ reason: "suspended" })
  const verdict = yield* askForVerdict(provider, key, integration)
  const checkedAt = yield* DateTime.now
  return verdict === "accepted"
    ? { status: "ok", checkedAt, reason: undefined }
    : { status: "failed", checkedAt, reason: verdict }
})

const askForVerdict = Effect.fnUntraced(function* (
  provider: ConfiguredProvider,
  key: IntegrationKey,
  integration: Integration
) {
  // Disconnected between the two reads.
  const gone = () => new IntegrationNotFound()
  if (!beginsByConsent(provider)) {
    // The host lets such an owner have none any more, so that its key goes nowhere.
    if (!mayOwn(provider, key.owner)) return "unexpected_answer" as const
    if (integration.credentialId === undefined) return yield* gone()
    const { owner, provider: id, tenantId } = key
    const used = { tenantId, owner, provider: id, id: integration.credentialId }
    const credentials = yield* CredentialStore
    const credential = yield* Effect.catchTag(credentials.find(used), "CredentialNotFound", gone)
    const fields = yield* openCredential(used, credential)
    return (yield* checkKey(provider, tenantId, fields)).verdict
  }
  return yield* accessToken(key).pipe(
    Effect.flatMap((token) =>
      checkAccessToken(provider, key.tenantId, token).pipe(
        Effect.tap((verdict) => judge(provider, key, token, verdict))
      )
    ),
    Effect.catchTags({
      NotConnected: gone,
      OtherCredentialKind: gone,
      ReconnectRequired: () => Effect.succeed<CheckVerdict>("rejected"),
      Misconfigured: () => Effect.succeed<CheckVerdict>("unexpected_answer"),
      ProviderUnavailable: () => Effect.succeed<CheckVerdict>("unreachable"),
      RateLimited: () => Effect.succeed<CheckVerdict>("unreachable"),
      // The caller has named it by its own configuration.
      ProviderNotFound: Effect.die
    })
  )
})
