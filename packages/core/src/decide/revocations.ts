import type { Duration } from "effect"
import { isSameAccount } from "../model/index.ts"
import type {
  EnqueueRevocation,
  GivenUpRevocation,
  Maintenance,
  QueuedRevocation
} from "../services/index.ts"
import { type Decision, decided } from "./Decision.ts"
import { after, queued } from "./grants.ts"
import { type Instant, type IntegrationRow, put, remove, type RevocationRow } from "./rows.ts"

/** What is stored by now is kept: whoever would give it back was told otherwise by a connection that broke. */
export const enqueue = (
  /** At least those with the grant of the command, in use or in quarantine. */
  { integrations }: { readonly integrations: Iterable<IntegrationRow> },
  command: EnqueueRevocation,
  now: Instant
): Decision<void> => {
  for (const { grant, integration, quarantined } of integrations)
    if (
      integration.tenantId === command.tenantId &&
      [grant, quarantined?.grant].some((kept) => kept?.secrets.id === command.grant.id)
    )
      return decided(undefined)
  return decided(undefined, [queued(command, now)])
}

/** Whether a live integration holds tokens of the same consent through the same client, as far as can be known. */
const isShared = (
  integrations: Iterable<IntegrationRow>,
  { accounts = [], grant, provider }: EnqueueRevocation
): boolean => {
  for (const { grant: other, integration } of integrations)
    if (
      integration.provider === provider &&
      other?.secrets.clientFingerprint === grant.clientFingerprint &&
      (grant.grantSubject === undefined ||
        other.secrets.grantSubject === undefined ||
        other.secrets.grantSubject === grant.grantSubject ||
        accounts.some((one) => integration.account && isSameAccount(one, integration.account)))
    )
      return true
  return false
}

export const claimRevocations = (
  rows: {
    /** At least those that are due. */
    readonly revocations: Iterable<RevocationRow>
    readonly integrations: Iterable<IntegrationRow>
  },
  { hold, limit }: Parameters<Maintenance["Service"]["claimRevocations"]>[0],
  now: Instant
): Decision<ReadonlyArray<QueuedRevocation>> => {
  const due = [...rows.revocations]
    .filter(({ dueAt, expiresAt }) => dueAt <= now && expiresAt > now)
    .toSorted((a, b) => a.dueAt - b.dueAt)
    .slice(0, limit)
    .map((row) => ({ ...row, attempt: row.attempt + 1, dueAt: after(now, hold) }))
  return decided(
    due.map(({ attempt, command }) => {
      const { accounts: _accounts, grant: stored, ...revocation } = command
      const { grantSubject: _subject, ...grant } = stored
      return { ...revocation, grant, attempt, shared: isShared(rows.integrations, command) }
    }),
    due.map((row) => put("revocations", row))
  )
}

interface Found {
  readonly revocation: RevocationRow | undefined
}

export const removeRevocation = ({ revocation }: Found): Decision<void> =>
  decided(undefined, revocation === undefined ? [] : [remove("revocations", revocation)])

export const postponeRevocation = (
  { revocation }: Found,
  retryIn: Duration.Duration,
  now: Instant
): Decision<void> =>
  decided(
    undefined,
    revocation === undefined
      ? []
      : [put("revocations", { ...revocation, dueAt: after(now, retryIn) })]
  )

export const giveUp = (
  /** At least those that have waited too long. */
  { revocations }: { readonly revocations: Iterable<RevocationRow> },
  now: Instant
): Decision<ReadonlyArray<GivenUpRevocation>> => {
  const expired = [...revocations].filter(({ expiresAt }) => expiresAt <= now)
  return decided(
    expired.map(({ command: { provider, tenantId } }) => ({ tenantId, provider })),
    expired.map((row) => remove("revocations", row))
  )
}
