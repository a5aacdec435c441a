import { type Account, type IntegrationKey, mostConnections, type TenantFields } from "@hawser/core"
import type { Tables } from "./Namespace.ts"

/**
 * A number that a connection of this name has or may get among those of its owner to the provider, as the relation `free`: no
 * row if others have all of them. Two statements at one moment may take the same, and then the unique index refuses one. Each
 * member is SQL; the tenant is `$1`.
 */
export const freeNumber = (
  t: Tables,
  of: { readonly owner: string; readonly provider: string; readonly name: string }
): string =>
  `(SELECT n AS number FROM generate_series(1, ${mostConnections}) n
    WHERE NOT EXISTS (
      SELECT FROM ${t.integration} i
      WHERE i.tenant_id = $1 AND i.owner = ${of.owner} AND i.provider = ${of.provider} AND i.number = n AND i.name <> ${of.name}
    ) LIMIT 1) AS free`

/**
 * The other connections of an owner, in use, to the same account. On two hosts, or in two regions, one id means two
 * accounts: the server that named it and the fields count as well. Each member is SQL; the tenant is `$1`.
 */
export const twins = (
  t: Tables,
  of: {
    readonly owner: string
    readonly provider: string
    readonly name: string
    readonly accountId: string
    readonly accountIssuer: string
    readonly fields: string
  },
  columns = ""
): string =>
  `SELECT ${columns} FROM ${t.integration} i
    WHERE i.tenant_id = $1 AND i.owner = ${of.owner} AND i.provider = ${of.provider} AND i.name <> ${of.name}
      AND i.status <> 'disconnected' AND i.account_id = ${of.accountId}::text
      AND i.account_issuer IS NOT DISTINCT FROM ${of.accountIssuer}::text AND i.fields = ${of.fields}::jsonb`

/** The parameters of `findTwin`, the statement for `twins` by itself. */
export const twinParameters = (
  { name, owner, provider, tenantId }: IntegrationKey,
  account: Account,
  fields: TenantFields
): ReadonlyArray<unknown> => [
  tenantId,
  owner,
  provider,
  name,
  account.id,
  JSON.stringify(fields),
  account.issuer
]
