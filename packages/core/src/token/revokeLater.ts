import { Effect, Schedule } from "effect"
import type { SecureRandom } from "effect/crypto"
import { type Account, type GrantId, newGrantId, type Secret } from "../model/index.ts"
import type { OAuth2Provider } from "../provider/index.ts"
import { type Cipher, ConnectionStore, SecurityLog, Shutdown, program } from "../services/index.ts"
import type { GrantPlace } from "../vault/index.ts"
import { sealToken } from "./grantTokens.ts"

/** Tokens that a provider issued and that Hawser does not keep. */
export interface UnkeptTokens extends Omit<GrantPlace, "id"> {
  /** What they would have been stored as; left out where they never had a place of their own. */
  readonly id?: GrantId
  readonly accessToken: Secret
  readonly refreshToken: Secret | undefined
  readonly grantSubject?: string | undefined
  /** All accounts that a consent covers, if none of them was chosen. */
  readonly accounts?: ReadonlyArray<Account> | undefined
}

export type RevokeLaterServices = Cipher | ConnectionStore | SecureRandom.SecureRandom | SecurityLog

/** Whoever waits for an answer does not wait for longer than this. */
const patience = "1 second"

/** The store may be away at this very moment, and these tokens are nowhere else. */
const untilQueued = Schedule.exponential("1 second").pipe(
  Schedule.jittered,
  (delays) => Schedule.min([delays, Schedule.spaced("30 seconds")]),
  Schedule.upTo({ duration: "1 hour" })
)

/**
 * The door through which all tokens go that were issued and are not kept: into the queue of those that are revoked.
 * Never fails. If the store is away it goes on in the background, and says so where it has to give up.
 */
export const revokeLater = program("Hawser.revokeLater")(function* (
  /** Undefined if it is not configured here and now: another process may revoke the tokens. */
  provider: Pick<OAuth2Provider, "definition"> | undefined,
  tokens: UnkeptTokens
): Effect.fn.Return<void, never, RevokeLaterServices> {
  const revocation = provider?.definition.revocation
  if (provider !== undefined && (revocation === undefined || revocation.ends === "none")) return
  const { provider: id, tenantId } = tokens
  const shutdown = yield* Shutdown
  const put = enqueueRevocation({ ...tokens, id: tokens.id ?? (yield* newGrantId) })
  const givenUp = Effect.gen(function* () {
    const log = yield* SecurityLog
    yield* log.report({ type: "revocation_given_up", tenantId, provider: id, reason: "not_queued" })
    yield* Effect.logError(
      "Unused tokens could not be queued for revocation. They may still be valid.",
      { tenantId, provider: id }
    )
  })
  yield* put.pipe(
    Effect.timeout(patience),
    Effect.catch(() =>
      shutdown
        .keeping(
          { what: "tokens_to_revoke", provider: id, tenantId },
          put.pipe(
            Effect.retry(untilQueued),
            Effect.catch(() => givenUp),
            Effect.raceFirst(Effect.andThen(shutdown.lastCall, givenUp)),
            Effect.onInterrupt(() => givenUp),
            Effect.interruptible
          )
        )
        .pipe(Effect.forkDetach)
    )
  )
})

/** Seals tokens and puts them into the queue, once. */
export const enqueueRevocation = Effect.fnUntraced(function* (
  unkept: UnkeptTokens & { readonly id: GrantId }
) {
  const { accessToken, accounts, clientFingerprint, name, fields, grantSubject, id } = unkept
  const { integrationId, owner, provider, refreshToken, tenantId } = unkept
  const connections = yield* ConnectionStore
  yield* connections.enqueueRevocation({
    tenantId,
    owner,
    provider,
    name,
    integrationId,
    fields,
    accounts,
    grant: {
      id,
      clientFingerprint,
      grantSubject,
      accessToken: yield* sealToken(unkept, "access_token", accessToken),
      refreshToken:
        refreshToken === undefined
          ? undefined
          : yield* sealToken(unkept, "refresh_token", refreshToken)
    }
  })
})
