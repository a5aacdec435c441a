import type { Account, Integration, IntegrationKey } from "@hawser/core"
import { DateTime } from "effect"

/** A row of `integrationColumns`. */
export interface IntegrationRow {
  readonly tenant_id: Integration["tenantId"]
  readonly owner: Integration["owner"]
  readonly provider: Integration["provider"]
  readonly name: Integration["name"]
  readonly id: Integration["id"]
  readonly status: Integration["status"]
  readonly connected_by: Integration["connectedBy"]
  readonly connected_at: Date
  readonly scopes: ReadonlyArray<string>
  readonly credential_id: NonNullable<Integration["credentialId"]> | null
  readonly fields: Integration["fields"]
  readonly account_id: string | null
  readonly account_label: string | null
  readonly account_issuer: string | null
  readonly problem: NonNullable<Integration["problem"]> | null
  readonly suspended: boolean
}

export type AccountColumns = Pick<IntegrationRow, "account_id" | "account_issuer" | "account_label">

export const toAccount = ({
  account_id: id,
  account_issuer: issuer,
  account_label: label
}: AccountColumns): Account | undefined =>
  id === null ? undefined : { id, label: label ?? undefined, ...(issuer !== null && { issuer }) }

export const toKey = ({
  name,
  owner,
  provider,
  tenant_id: tenantId
}: Pick<IntegrationRow, "name" | "owner" | "provider" | "tenant_id">): IntegrationKey => ({
  tenantId,
  owner,
  provider,
  name
})

export const toIntegration = (row: IntegrationRow): Integration => ({
  id: row.id,
  tenantId: row.tenant_id,
  owner: row.owner,
  provider: row.provider,
  name: row.name,
  status: row.status,
  connectedBy: row.connected_by,
  connectedAt: DateTime.fromDateUnsafe(row.connected_at),
  scopes: row.scopes,
  credentialId: row.credential_id ?? undefined,
  fields: row.fields,
  account: toAccount(row),
  problem: row.problem ?? undefined,
  ...(row.suspended && { isSuspended: true })
})

/** An integration of this alias as it is read back. */
export const integrationColumns = (from: string): string =>
  [
    "tenant_id",
    "owner",
    "provider",
    "name",
    "id",
    "status",
    "connected_by",
    "connected_at",
    "scopes",
    "credential_id",
    "fields",
    "account_id",
    "account_label",
    "account_issuer",
    "problem",
    "suspended"
  ]
    .map((column) => `${from}.${column}`)
    .join(", ")

/** What a connection is connected with: columns by name, each with the SQL of what it is set to. */
export interface ConnectedWithColumns {
  readonly owner: string
  readonly scopes: string
  readonly credentialId: string
  readonly fields: string
  readonly accountId: string
  readonly accountLabel: string
  readonly accountIssuer: string
  readonly grantSubject: string
  readonly clientFingerprint: string
}
