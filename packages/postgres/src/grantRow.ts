import type { Sealed, StoredGrant } from "@hawser/core"
import { DateTime } from "effect"

/** A row of `grantColumns`. */
export interface GrantRow {
  readonly integration_id: StoredGrant["integrationId"]
  readonly grant_id: StoredGrant["id"]
  readonly sealed_access_token: Sealed
  readonly sealed_refresh_token: Sealed | null
  readonly sealed_dpop_key: Sealed | null
  readonly token_type: string
  readonly client_fingerprint: string
  readonly generation: string
  readonly expires_at: Date | null
  readonly expired: boolean
  readonly remaining: number | null
  readonly lifetime: number | null
  readonly withdrawal: NonNullable<StoredGrant["withdrawal"]> | null
  readonly refresh_remaining: number | null
  readonly scopes: ReadonlyArray<string>
  readonly fields: StoredGrant["fields"]
  readonly account_id: string | null
  readonly account_issuer: string | null
  readonly grant_subject: string | null
}

export const toGrant = (row: GrantRow): StoredGrant => ({
  id: row.grant_id,
  integrationId: row.integration_id,
  accessToken: row.sealed_access_token,
  refreshToken: row.sealed_refresh_token ?? undefined,
  dpopKey: row.sealed_dpop_key ?? undefined,
  tokenType: row.token_type,
  clientFingerprint: row.client_fingerprint,
  scopes: row.scopes,
  fields: row.fields,
  account:
    row.account_id === null
      ? undefined
      : { id: row.account_id, issuer: row.account_issuer ?? undefined },
  grantSubject: row.grant_subject ?? undefined,
  generation: Number(row.generation),
  expiresAt: row.expires_at === null ? undefined : DateTime.fromDateUnsafe(row.expires_at),
  expired: row.expired,
  remaining: row.remaining ?? undefined,
  lifetime: row.lifetime ?? undefined,
  withdrawal: row.withdrawal ?? undefined,
  refreshRemaining: row.refresh_remaining ?? undefined
})

/** Identifies the tokens that a command was decided on. */
export const grantParameters = (
  tenantId: string,
  { generation, id, integrationId }: StoredGrant
): ReadonlyArray<unknown> => [tenantId, integrationId, id, generation]
