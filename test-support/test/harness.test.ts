import { expect, test } from "vitest"
import { createDatabase } from "../postgres.ts"
import { createPGlite } from "../pglite.ts"
import { query } from "../postgres-query.ts"

test("a database of its own, gone after drop", async () => {
  const one = await createDatabase()
  const other = await createDatabase()
  await query(one.url, "CREATE TABLE mine (id int)")
  const tables = (url: string) =>
    query<{ n: number }>(url, "SELECT count(*)::int AS n FROM pg_tables WHERE tablename = 'mine'")
  expect(await tables(one.url)).toEqual([{ n: 1 }])
  expect(await tables(other.url)).toEqual([{ n: 0 }])
  await one.drop()
  await expect(query(one.url, "SELECT 1")).rejects.toThrow()
  await other.drop()
})

test("PGlite starts empty, also from the kept dump", async () => {
  for (const _ of [1, 2]) {
    const db = await createPGlite()
    await db.exec("CREATE TABLE mine (id int)")
    await db.close()
  }
}, 60_000)
