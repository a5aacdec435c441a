import { query } from "../../../../test-support/postgres-query.ts"

/** All rows of all of Hawser's tables, as text, by table: bytes show as hex. */
export const dumpOf = async (url: string): Promise<ReadonlyMap<string, string>> => {
  const tables = await query<{ table_name: string }>(
    url,
    "select table_name from information_schema.tables where table_schema = 'hawser' order by 1"
  )
  return new Map(
    await Promise.all(
      tables.map(async ({ table_name }) => {
        const rows = await query<{ row: string }>(
          url,
          `select t::text as row from hawser."${table_name}" t`
        )
        return [table_name, rows.map(({ row }) => row).join("\n")] as const
      })
    )
  )
}
