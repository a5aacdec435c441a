import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import { checkAccessToken, type CheckVerdict } from "../auth/index.ts"
import {
  type AccessToken,
  defaultConnection,
  type GrantId,
  newEventId,
  type StorageUnavailable,
  type TokenQuery
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

const usedBy = (query: TokenQuery, { generation, grantId }: AccessToken): UsedGrant => ({
  ...query,
  connection: defaultConnection,
  // Only tokens of grants come here: those of client credentials are made again.
  grantId: grantId as GrantId,
  generation
})

const verdictOn = (provider: GrantProvider, query: TokenQuery, token: AccessToken) =>
  checkAccessToken(provider, query.tenantId, token)

/**
 * An API has answered 401 to a token that cannot be refreshed. Some paths say 401 to everybody, so it is believed only if
 * the definition's check rejects the token too, or, if that cannot tell, by the challenges that the store counts.
 */
export const suspectWithdrawal = Effect.fnUntraced(function* (
  provider: GrantProvider,
  query: TokenQuery,
  token: AccessToken,
  headers: Headers
): Effect.fn.Return<void, StorageUnavailable, WithdrawalServices> {
  if (token.withdrawal === "told") return
  const refused = yield* RefusedTokens
  if (!(yield* refused.mayLook(token.grantId))) return
  yield* judge(provider, query, token, yield* verdictOn(provider, query, token), headers)
})

/**
 * An API has taken a token that seemed to be withdrawn. A vendor whose check tells by the body answers 200 to withdrawn tokens
 * too, so there the check has the word.
 */
export const clearWithdrawal = Effect.fnUntraced(function* (
  provider: GrantProvider,
  query: TokenQuery,
  token: AccessToken
): Effect.fn.Return<void, StorageUnavailable, WithdrawalServices> {
  const { acceptedBody, rejectedBody } = provider.definition.check ?? {}
  if (acceptedBody === undefined && rejectedBody === undefined) return yield* clear(query, token)
  const refused = yield* RefusedTokens
  if (!(yield* refused.mayLook(token.grantId))) return
  yield* judge(provider, query, token, yield* verdictOn(provider, query, token))
})

/** What a verdict of the definition's check says of a token, besides what an API has answered. */
export const judge = Effect.fnUntraced(function* (
  provider: GrantProvider,
  query: TokenQuery,
  token: AccessToken,
  verdict: CheckVerdict,
  challenge?: Headers
): Effect.fn.Return<
  void,
  StorageUnavailable,
  ConnectionStore | SecureRandom.SecureRandom | TokenCache
> {
  if (verdict === "accepted")
    return token.withdrawal === undefined ? undefined : yield* clear(query, token)
  const isProven = verdict === "rejected"
  if (!isProven && (challenge === undefined || !isInvalidToken(challenge))) return
  const connections = yield* ConnectionStore
  const cache = yield* TokenCache
  const isReported = yield* connections
    .noteWithdrawal(usedBy(query, token), {
      isProven,
      publish: { id: yield* newEventId, event: "integration.error", error: "grant_revoked" }
    })
    .pipe(Effect.ensuring(cache.forget(query)))
  if (isReported) {
    yield* Effect.logWarning(
      `${provider.id} takes a token no more, and it cannot be refreshed: its access seems to be withdrawn.`,
      { provider: provider.id, tenantId: query.tenantId, seenBy: isProven ? "check" : "challenges" }
    )
  }
})

const clear = Effect.fnUntraced(function* (query: TokenQuery, token: AccessToken) {
  const connections = yield* ConnectionStore
  const cache = yield* TokenCache
  yield* connections
    .clearWithdrawal(usedBy(query, token), {
      id: yield* newEventId,
      event: "integration.recovered"
    })
    .pipe(Effect.ensuring(cache.forget(query)))
})

/** Whether a challenge says that the token is not good any more, and not that another is wanted (RFC 6750 §3.1). */
const isInvalidToken = (headers: Headers): boolean =>
  /(?:^|[\s,])error\s*=\s*(?:"invalid_token"|invalid_token(?![\w-]))/i.test(
    headers.get("www-authenticate") ?? ""
  )
