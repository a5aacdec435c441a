import type { DueGrant, RefreshLease, SealedTokens, StoredGrant } from "@hawser/core"
import { Duration } from "effect"
import {
  type GrantRow,
  hashKey,
  type Instant,
  integrationKey,
  type IntegrationRow,
  type MemoryState
} from "./MemoryState.ts"

/** An integration whose grant is not ended, and where it is kept. */
export interface Kept {
  readonly key: string
  readonly row: IntegrationRow
  readonly grant: GrantRow
}

export const after = (now: Instant, duration: Duration.Duration): Instant =>
  now + Duration.toMillis(duration)

/** The row that a lease was for, as long as its tokens are still the stored ones. */
export const rowOf = (state: MemoryState, { grant, tenantId }: RefreshLease): Kept | undefined => {
  for (const [key, row] of state.integrations) {
    const { integration } = row
    if (integration.tenantId !== tenantId || integration.id !== grant.integrationId) continue
    return keptAs(key, row, grant)
  }
  return undefined
}

/** Whether these very tokens are stored already: each sealed value is another. */
export const isStored = (
  state: MemoryState,
  { grant, tenantId }: RefreshLease,
  { accessToken }: SealedTokens
): boolean =>
  [...state.integrations.values()].some(
    (row) =>
      row.integration.tenantId === tenantId &&
      row.integration.id === grant.integrationId &&
      row.grant !== undefined &&
      hashKey(row.grant.secrets.accessToken) === hashKey(accessToken)
  )

export const keptAs = (
  key: string,
  row: IntegrationRow | undefined,
  { generation, id }: Pick<StoredGrant, "id" | "generation">
): Kept | undefined =>
  row?.grant?.secrets.id === id && row.grant.generation === generation
    ? { key, row, grant: row.grant }
    : undefined

/** The row that a lease still holds: not given back, and not taken over. */
export const rowHeldBy = (state: MemoryState, lease: RefreshLease): Kept | undefined => {
  const kept = rowOf(state, lease)
  return kept?.grant.lease !== undefined && kept.grant.fence === lease.fence ? kept : undefined
}

export const rowDue = (state: MemoryState, due: DueGrant): Kept | undefined => {
  const key = integrationKey(due)
  return keptAs(key, state.integrations.get(key), due.grant)
}

/** The same integration with its grant as it is from now. */
export const replaceGrant = (state: MemoryState, { key, row }: Kept, grant: GrantRow): void => {
  state.integrations.set(key, { ...row, grant })
}
