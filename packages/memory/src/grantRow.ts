import {
  type Integration,
  type SealedGrant,
  type SealedTokens,
  type StoredGrant,
  tenantsOwn
} from "@hawser/core"
import { DateTime } from "effect"
import {
  copyBytes,
  hashKey,
  type GrantRow,
  type GrantSecrets,
  type Instant
} from "./MemoryState.ts"

const after = (now: Instant, seconds: number | undefined): Instant | undefined =>
  seconds === undefined ? undefined : now + seconds * 1000

const copySecrets = (
  { clientFingerprint, dpopKey, id }: Pick<GrantSecrets, "id" | "clientFingerprint" | "dpopKey">,
  {
    accessToken,
    refreshToken,
    tokenType
  }: Pick<SealedTokens, "accessToken" | "refreshToken" | "tokenType">
): GrantSecrets => ({
  id,
  accessToken: copyBytes(accessToken),
  refreshToken: copyBytes(refreshToken),
  dpopKey: copyBytes(dpopKey),
  tokenType,
  clientFingerprint
})

/** A grant as a code exchange issued it. */
export const issuedGrant = (grant: SealedGrant, now: Instant, held?: Uint8Array): GrantRow => ({
  secrets: copySecrets(grant, grant),
  generation: 1,
  issuedAt: now,
  expiresAt: after(now, grant.expiresIn),
  dueAt: earliest(after(now, grant.dueIn), after(now, grant.refreshNoticeIn)),
  lease: undefined,
  fence: 0n,
  sent: false,
  interrupted: false,
  failures: 0,
  retry: undefined,
  renewedAt: undefined,
  refusedAt: undefined,
  triedBy: undefined,
  expiryTold: false,
  challengedAt: undefined,
  refreshExpiresAt: after(now, grant.refreshExpiresIn),
  refreshNoticeAt: after(now, grant.refreshNoticeIn),
  held: held && hashKey(held)
})

const earliest = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)

/** An end that is later than this by what was told before is another end, which is told again. */
const laterBy = 60 * 60 * 1000

/** The same grant with newer tokens. */
export const renewedGrant = (
  grant: GrantRow,
  tokens: SealedTokens,
  clientVersion: string,
  now: Instant
): GrantRow => {
  const renewed = issuedGrant({ ...tokens, ...copySecrets(grant.secrets, tokens) }, now)
  const { refreshExpiresAt = grant.refreshExpiresAt } = renewed
  const isLater =
    renewed.refreshExpiresAt !== undefined &&
    (grant.refreshExpiresAt === undefined ||
      renewed.refreshExpiresAt > grant.refreshExpiresAt + laterBy)
  const expiryTold = grant.expiryTold && !isLater
  const refreshNoticeAt = isLater ? renewed.refreshNoticeAt : grant.refreshNoticeAt
  return {
    ...renewed,
    generation: grant.generation + 1,
    fence: grant.fence,
    renewedAt: now,
    held: grant.held,
    triedBy: clientVersion,
    expiryTold,
    refreshExpiresAt,
    refreshNoticeAt,
    dueAt: earliest(after(now, tokens.dueIn), expiryTold ? undefined : refreshNoticeAt)
  }
}

/** Whole seconds, none if the end has passed. */
const seconds = (from: Instant, until: Instant | undefined): number | undefined =>
  until === undefined ? undefined : Math.max(0, Math.floor((until - from) / 1000))

/** A grant as the store answers it, with bytes of the caller's own. */
export const readGrant = (
  integration: Pick<Integration, "id" | "scopes" | "fields" | "account" | "problem">,
  { challengedAt, expiresAt, generation, issuedAt, refreshExpiresAt, secrets }: GrantRow,
  now: Instant
): StoredGrant => ({
  ...copySecrets(secrets, secrets),
  owner: tenantsOwn,
  integrationId: integration.id,
  scopes: [...integration.scopes],
  fields: { ...integration.fields },
  accountId: integration.account?.id,
  generation,
  expiresAt: expiresAt === undefined ? undefined : DateTime.makeUnsafe(expiresAt),
  expired: expiresAt !== undefined && expiresAt <= now,
  remaining: seconds(now, expiresAt),
  lifetime: seconds(issuedAt, expiresAt),
  withdrawal:
    challengedAt === undefined
      ? undefined
      : integration.problem === "grant_revoked"
        ? "told"
        : "suspected",
  refreshRemaining: seconds(now, refreshExpiresAt)
})
