/**
 * For hosts that know Effect. The types of `effect/sql` that show here are marked unstable there.
 */
export type { PgClient } from "@effect/sql-pg/PgClient"
export {
  type InspectedConnection,
  type InspectedEvent,
  type InspectedFacts,
  type InspectedGrant,
  type InspectedQuery,
  type InspectedServer,
  type InspectedTables,
  inspectPglite,
  inspectPostgres,
  type Inspection
} from "./Inspection.ts"
export { PgliteClient, type PgliteOptions } from "./PgliteClient.ts"
export type { PgliteDatabase } from "./PgliteDuplex.ts"
export { PostgresStores, type PostgresStoresOptions } from "./PostgresStores.ts"
