import { DateTime, Duration } from "effect"
import {
  type EndReason,
  type SealedGrant,
  type SealedTokens,
  type StoredGrant
} from "../model/index.ts"
import type { EnqueueRevocation } from "../services/index.ts"
import {
  type GrantRow,
  type GrantSecrets,
  type Instant,
  type IntegrationRow,
  keys,
  put,
  type Write
} from "./rows.ts"

export const after = (now: Instant, duration: Duration.Duration): Instant =>
  now + Duration.toMillis(duration)

const afterSeconds = (now: Instant, seconds: number | undefined): Instant | undefined =>
  seconds === undefined ? undefined : now + seconds * 1000

export const earliest = (instants: Iterable<Instant | undefined>): Instant | undefined => {
  let first: Instant | undefined
  for (const one of instants)
    if (one !== undefined && (first === undefined || one < first)) first = one
  return first
}

const pickSecrets = (
  {
    clientFingerprint,
    dpopKey,
    grantSubject,
    id
  }: Pick<GrantSecrets, "id" | "clientFingerprint" | "dpopKey" | "grantSubject">,
  {
    accessToken,
    refreshToken,
    tokenType
  }: Pick<SealedTokens, "accessToken" | "refreshToken" | "tokenType">
): GrantSecrets => ({
  id,
  accessToken,
  refreshToken,
  dpopKey,
  tokenType,
  clientFingerprint,
  grantSubject
})

/** A grant as a code exchange issued it. */
export const issuedGrant = (
  grant: SealedGrant,
  now: Instant,
  heldAccount?: Uint8Array
): GrantRow => ({
  secrets: pickSecrets(grant, grant),
  generation: 1,
  issuedAt: now,
  expiresAt: afterSeconds(now, grant.expiresIn),
  dueAt: earliest([afterSeconds(now, grant.dueIn), afterSeconds(now, grant.refreshNoticeIn)]),
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
  refreshExpiresAt: afterSeconds(now, grant.refreshExpiresIn),
  refreshNoticeAt: afterSeconds(now, grant.refreshNoticeIn),
  heldAccount: heldAccount && keys.hash(heldAccount)
})

/** An end that is later than this by what was told before is another end, which is told again. */
const laterBy = 60 * 60 * 1000

/** The same grant with newer tokens. */
export const renewedGrant = (
  grant: GrantRow,
  tokens: SealedTokens,
  clientVersion: string,
  now: Instant
): GrantRow => {
  const renewed = issuedGrant({ ...tokens, ...pickSecrets(grant.secrets, tokens) }, now)
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
    heldAccount: grant.heldAccount,
    triedBy: clientVersion,
    expiryTold,
    refreshExpiresAt,
    refreshNoticeAt,
    dueAt: earliest([afterSeconds(now, tokens.dueIn), expiryTold ? undefined : refreshNoticeAt])
  }
}

/** Whole seconds, none if the end has passed. */
const seconds = (from: Instant, until: Instant | undefined): number | undefined =>
  until === undefined ? undefined : Math.max(0, Math.floor((until - from) / 1000))

/** A grant as it is read back. */
export const storedGrant = (
  { integration }: Pick<IntegrationRow, "integration">,
  { challengedAt, expiresAt, generation, issuedAt, refreshExpiresAt, secrets }: GrantRow,
  now: Instant
): StoredGrant => ({
  ...pickSecrets(secrets, secrets),
  integrationId: integration.id,
  scopes: integration.scopes,
  fields: integration.fields,
  account: integration.account && {
    id: integration.account.id,
    issuer: integration.account.issuer
  },
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

/** The integration that a command is about, as it is stored now. */
export interface Found {
  readonly row: IntegrationRow | undefined
}

/** A row whose grant is in use. */
export interface RowInUse extends IntegrationRow {
  readonly grant: GrantRow
}

/** The row, as long as its tokens are those that the caller has read. */
export const sameTokens = (
  row: IntegrationRow | undefined,
  { generation, id }: Pick<StoredGrant, "id" | "generation">
): RowInUse | undefined =>
  row?.grant?.secrets.id === id && row.grant.generation === generation
    ? { ...row, grant: row.grant }
    : undefined

export const isLeased = ({ lease }: GrantRow, now: Instant): boolean =>
  lease !== undefined && lease.deadline > now

/** The row of an integration that its provider ended; without `until` nothing of its tokens is kept. */
export const endedRow = (
  { grant, integration }: IntegrationRow,
  reason: EndReason,
  now: Instant,
  until: Instant | undefined
): IntegrationRow => ({
  integration: {
    ...integration,
    status: "disconnected",
    credentialId: undefined,
    scopes: [],
    fields: {},
    problem: reason
  },
  grant: undefined,
  quarantined:
    grant === undefined || until === undefined
      ? undefined
      : {
          grant: {
            ...grant,
            dueAt: undefined,
            lease: undefined,
            sent: false,
            interrupted: false,
            failures: 0,
            retry: undefined
          },
          scopes: integration.scopes,
          fields: integration.fields,
          reason,
          endedAt: now,
          until
        }
})

/** How long tokens wait to be revoked. */
const revocationLifetime = Duration.hours(24)

/** Puts tokens into the queue, once. */
export const queued = (
  {
    accounts,
    name,
    fields,
    grant: { accessToken, clientFingerprint, grantSubject, id, refreshToken },
    integrationId,
    owner,
    provider,
    tenantId
  }: EnqueueRevocation,
  now: Instant
): Write =>
  put(
    "revocations",
    {
      command: {
        tenantId,
        owner,
        provider,
        name,
        integrationId,
        grant: { id, clientFingerprint, grantSubject, accessToken, refreshToken },
        fields,
        accounts
      },
      attempt: 0,
      dueAt: now,
      expiresAt: after(now, revocationLifetime)
    },
    "keep"
  )

/** Puts what an integration has of tokens into the queue: the part of the commands that keep them no longer. */
export const queueTokens = (
  { grant, integration, quarantined }: IntegrationRow,
  now: Instant
): ReadonlyArray<Write> =>
  [grant?.secrets, quarantined?.grant.secrets].flatMap((secrets) =>
    secrets === undefined
      ? []
      : [
          queued(
            {
              ...integration,
              integrationId: integration.id,
              fields: quarantined?.fields ?? integration.fields,
              grant: secrets
            },
            now
          )
        ]
  )
