import { DateTime, Duration } from "effect"
import {
  type Credential,
  CredentialInUse,
  CredentialNotFound,
  type Forbidden,
  mostCredentials,
  type NewCredential,
  type StoredCredential,
  TooManyCredentials
} from "../model/index.ts"
import type { ListCredentials } from "../services/index.ts"
import { barrier, type BarredRows } from "./barred.ts"
import { isCredentialInUse } from "./connections.ts"
import { type Decision, decided, refused } from "./Decision.ts"
import { type CredentialRow, type Instant, type IntegrationRow, put, remove } from "./rows.ts"

const metadata = (stored: StoredCredential): Credential => {
  const { account: _, sealedFields: __, ...credential } = stored
  return credential
}

const ofProvider = (
  credentials: Iterable<CredentialRow>,
  { owner, provider, tenantId }: Pick<Credential, "owner" | "provider" | "tenantId">
): ReadonlyArray<StoredCredential> =>
  [...credentials]
    .map(({ credential }) => credential)
    .filter((one) => one.tenantId === tenantId && one.owner === owner && one.provider === provider)

export const insertCredential = (
  rows: {
    /** At least the owner's of the provider. */
    readonly credentials: Iterable<CredentialRow>
  } & BarredRows,
  { userHash, ...credential }: NewCredential,
  now: Instant
): Decision<Credential, Forbidden | TooManyCredentials> => {
  const barred = barrier(rows, credential.tenantId, [userHash], now)
  if (barred !== undefined) return refused(barred)
  if (ofProvider(rows.credentials, credential).length >= mostCredentials)
    return refused(new TooManyCredentials())
  const stored = { ...credential, createdAt: DateTime.makeUnsafe(now) }
  return decided(metadata(stored), [
    put("credentials", { credential: stored, connectedOnce: false }, "fail")
  ])
}

export const findCredential = ({
  credential
}: {
  readonly credential: CredentialRow | undefined
}): Decision<StoredCredential, CredentialNotFound> =>
  credential === undefined ? refused(new CredentialNotFound()) : decided(credential.credential)

type Age = Pick<Credential, "createdAt" | "id">

/** The oldest first; of one millisecond by id. */
const byAge = (a: Age, b: Age): number =>
  DateTime.toEpochMillis(a.createdAt) - DateTime.toEpochMillis(b.createdAt) ||
  Number(a.id > b.id) - Number(a.id < b.id)

export const listCredentials = (
  { credentials }: { readonly credentials: Iterable<CredentialRow> },
  { page, ...query }: ListCredentials
): Decision<{ readonly items: ReadonlyArray<Credential>; readonly total: number }> => {
  const matching = ofProvider(credentials, query).map(metadata).toSorted(byAge)
  const last = page?.after
  const items = last === undefined ? matching : matching.filter((one) => byAge(one, last) > 0)
  return decided({ items: items.slice(0, page?.limit), total: matching.length })
}

export const deleteCredential = (rows: {
  readonly credential: CredentialRow | undefined
  /** At least those that are connected with it. */
  readonly integrations: Iterable<IntegrationRow>
}): Decision<void, CredentialInUse | CredentialNotFound> => {
  const { credential: row, integrations } = rows
  if (row === undefined) return refused(new CredentialNotFound())
  const { id: credentialId, tenantId } = row.credential
  if (isCredentialInUse(integrations, { credentialId, tenantId }))
    return refused(new CredentialInUse())
  return decided(undefined, [remove("credentials", row)])
}

export const sweepUnused = (
  { credentials }: { readonly credentials: Iterable<CredentialRow> },
  retention: Duration.Duration,
  now: Instant
): Decision<number> => {
  const before = now - Duration.toMillis(retention)
  const unused = [...credentials].filter(
    ({ connectedOnce, credential }) =>
      !connectedOnce && DateTime.toEpochMillis(credential.createdAt) < before
  )
  return decided(
    unused.length,
    unused.map((row) => remove("credentials", row))
  )
}
