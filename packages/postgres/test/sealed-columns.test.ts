import { expect, it } from "@effect/vitest"
import { PostgresStores } from "@hawser/postgres/effect"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { canonicalNamespace } from "../src/Namespace.ts"
import { sealedColumns } from "../src/SealedColumns.ts"
import { serverClient } from "./support/databases.ts"

it.live(
  "S-45 the rotation of keys knows every column of sealed values and the key of its table",
  () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const columns = yield* sql<{ readonly name: string; readonly key: string }>`
      SELECT format('"hawser"."%s".%s', c.table_name, c.column_name) AS name, (
        SELECT string_agg(k.column_name, ', ' ORDER BY k.ordinal_position)
        FROM information_schema.table_constraints p
        JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
        WHERE p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
      ) AS key
      FROM information_schema.columns c
      WHERE c.table_schema = 'hawser' AND c.column_name LIKE 'sealed%'`
      const known = sealedColumns(canonicalNamespace.tables).map(({ column, key, table }) => ({
        name: `${table}.${column}`,
        key: key.join(", ")
      }))
      const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
        a.name < b.name ? -1 : 1
      expect(known.toSorted(byName)).toStrictEqual(columns.toSorted(byName))
    }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), serverClient)))
)
