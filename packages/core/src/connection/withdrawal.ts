import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import { checkAccessToken, type CheckVerdict } from "../auth/index.ts"
import {
  type AccessToken,
  type GrantId,
  newEventId,
  type StorageUnavailable,
  type IntegrationKey
} from "../model/index.ts"
import type { AuthorizationServerClient, ProviderTraffic } from "../protocol/index.ts"
import type { GrantProvider } from "../provider/index.ts"
import { ConnectionStore, type SecurityLog, type UsedGrant } from "../services/index.ts"
import { RefusedTokens, TokenCache } from "../token/index.ts"

export type WithdrawalServices =
  | AuthorizationServerClient
  | ConnectionStore
  | ProviderTraffic
  | RefusedTokens
  | SecureRandom.SecureRandom
  | SecurityLog
  | TokenCache

const usedBy = (key: IntegrationKey, { generation, grantId }: AccessToken): UsedGrant => ({
  ...key,
  // Only tokens of grants come here: those of client credentials are made again.
  grantId: grantId as GrantId,
  generation
})

const verdictOn = (provider: GrantProvider, key: IntegrationKey, token: AccessToken) =>
  checkAccessToken(provider, key.tenantId, token)

/**
 * An API has answered 401 to a token that cannot be refreshed. Some paths say 401 to everybody, so it is believed only if
 * the definition's check rejects the token too, or, if that cannot tell, by the challenges that the store counts.
 */
export const suspectWithdrawal = Effect.fnUntraced(function* (
  provider: GrantProvider,
  key: IntegrationKey,
  token: AccessToken,
  headers: Headers
): Effect.fn.Return<void, StorageUnavailable, WithdrawalServices> {
  if (token.withdrawal === "told") return
  const refused = yield* RefusedTokens
  if (!(yield* refused.mayLook(token.grantId))) return
  yield* judge(provider, key, token, yield* verdictOn(provider, key, token), headers)
})

/**
 * An API has taken a token that seemed to be withdrawn. A vendor whose check tells by the body answers 200 to withdrawn tokens
 * too, so there the check has the word.
 */
export const clearWithdrawal = Effect.fnUntraced(function* (
  provider: GrantProvider,
  key: IntegrationKey,
  token: AccessToken
): Effect.fn.Return<void, StorageUnavailable, WithdrawalServices> {
  const { acceptedBody, rejectedBody } = provider.definition.check ?? {}
  if (acceptedBody === undefined && rejectedBody === undefined) return yield* clear(key, token)
  const refused = yield* RefusedTokens
  if (!(yield* refused.mayLook(token.grantId))) return
  yield* judge(provider, key, token, yield* verdictOn(provider, key, token))
})

/** What a verdict of the definition's check says of a token, besides what an API has answered. */
export const judge = Effect.fnUntraced(function* (
  provider: GrantProvider,
  key: IntegrationKey,
  token: AccessToken,
  verdict: CheckVerdict,
  challenge?: Headers
): Effect.fn.Return<
  void,
  StorageUnavailable,
  ConnectionStore | SecureRandom.SecureRandom | TokenCache
> {
  if (verdict === "accepted")
    return token.withdrawal === undefined ? undefined : yield* clear(key, token)
  const isProven = verdict === "rejected"
  if (!isProven && (challenge === undefined || !isInvalidToken(challenge))) return
  const connections = yield* ConnectionStore
  const cache = yield* TokenCache
  const isReported = yield* connections
    .noteWithdrawal(usedBy(key, token), {
      isProven,
      publish: { id: yield* newEventId, event: "integration.error", error: "grant_revoked" }
    })
    .pipe(Effect.ensuring(cache.forget(key)))
  if (isReported) {
    yield* Effect.logWarning(
      `${provider.id} takes a token no more, and it cannot be refreshed: its access seems to be withdrawn.`,
      { provider: provider.id, tenantId: key.tenantId, seenBy: isProven ? "check" : "challenges" }
    )
  }
})

const clear = Effect.fnUntraced(function* (key: IntegrationKey, token: AccessToken) {
  const connections = yield* ConnectionStore
  const cache = yield* TokenCache
  yield* connections
    .clearWithdrawal(usedBy(key, token), {
      id: yield* newEventId,
      event: "integration.recovered"
    })
    .pipe(Effect.ensuring(cache.forget(key)))
})

/** Whether a challenge says that the token is not good any more, and not that another is wanted (RFC 6750 §3.1). */
const isInvalidToken = (headers: Headers): boolean =>
  /(?:^|[\s,])error\s*=\s*(?:"invalid_token"|invalid_token(?![\w-]))/i.test(
    headers.get("www-authenticate") ?? ""
  )
