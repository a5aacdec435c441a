import type { Namespace } from "./Namespace.ts"

/**
 * Prints the SQL and runs it, whole or not at all. A namespace holds plain names only, so nothing needs quoting.
 */
export const migrationCommand = (
  { schema, tablePrefix }: Namespace,
  more: { readonly from: number; readonly rowLevelSecurity?: boolean }
): string => {
  const options = JSON.stringify({
    schema,
    ...(tablePrefix !== "" && { tablePrefix }),
    ...(more.from > 0 && { from: more.from }),
    ...(more.rowLevelSecurity === true && { rowLevelSecurity: true })
  })
  return (
    `node -e 'import("hawser").catch(() => import("@hawser/postgres"))` +
    `.then((h) => console.log(h.migrationSql(${options})))' | psql -1 -v ON_ERROR_STOP=1 -f - "$DATABASE_URL"`
  )
}
