import type { Tables } from "./Namespace.ts"
import { type SealedColumn, sealedColumns } from "./SealedColumns.ts"

/**
 * The statements of key rotation, for all tenants. They read the key's id from the envelope: version 1, the length of the
 * id, the id.
 */
export const sealedValueStatements = (t: Tables) => {
  const columns = sealedColumns(t)
  return {
    inUse: `
SELECT key_id, count(*)::int AS count
FROM (
  ${columns.map(({ column, table }) => `SELECT ${keyIdOf(column)} AS key_id FROM ${table} WHERE ${column} IS NOT NULL`).join("\n  UNION ALL\n  ")}
) AS sealed
GROUP BY key_id
ORDER BY key_id`,
    columns: columns.map((column) => ({
      ...column,
      // Every address sorts after the empty one, so the first batch is read like the others.
      batch: `
SELECT ARRAY[${column.key.map((part) => (column.isBinaryKey ? `encode(v.${part}, 'hex')` : `v.${part}`)).join(", ")}] AS key,
  ${column.place}, v.${column.column} AS sealed
FROM ${column.table} v ${column.join}
WHERE v.${column.column} IS NOT NULL AND ${keyIdOf(`v.${column.column}`)} <> $1::bytea
  AND (${column.key.map((part) => `v.${part}`).join(", ")}) > (${keyParameters(column, 3)})
ORDER BY ${column.key.map((part) => `v.${part}`).join(", ")}
LIMIT $2::bigint`,
      replace: `
UPDATE ${column.table} v SET ${column.column} = $1::bytea
WHERE (${column.key.map((part) => `v.${part}`).join(", ")}) = (${keyParameters(column, 3)}) AND v.${column.column} = $2::bytea
RETURNING 1`
    }))
  }
}

const keyIdOf = (sealed: string): string =>
  `CASE WHEN length(${sealed}) > 1 AND get_byte(${sealed}, 0) = 1 THEN substring(${sealed} FROM 3 FOR get_byte(${sealed}, 1)) ELSE '' END`

const keyParameters = ({ isBinaryKey, key }: SealedColumn, from: number): string =>
  key
    .map((_, index) => `$${from + index}::text`)
    .map((text) => (isBinaryKey ? `decode(${text}, 'hex')` : text))
    .join(", ")
