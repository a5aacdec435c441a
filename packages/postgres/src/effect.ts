/**
 * For hosts that know Effect. The types of `effect/sql` that show here are marked unstable there.
 */
export type { PgClient } from "@effect/sql-pg/PgClient"
export { PgliteClient, type PgliteOptions } from "./PgliteClient.ts"
export type { PgliteDatabase } from "./PgliteDuplex.ts"
export { PostgresStores, type PostgresStoresOptions } from "./PostgresStores.ts"
