export type { ConfigurationError, StorageUnavailable, Store, Stores } from "@hawser/core"
export {
  type EffectSqlClient,
  isEffectSqlClient,
  type PgPool,
  type PgPoolClient,
  type PgQuery,
  type PgQueryable,
  type TransactionClient
} from "./HostClient.ts"
export { migrationSql } from "./migrationSql.ts"
export type { NamespaceOptions } from "./Namespace.ts"
export { pglite, type PgliteStoreOptions } from "./pglite.ts"
export { postgres, type PostgresOptions, type PostgresPool, type PostgresUrl } from "./postgres.ts"
export type { PostgresStoresOptions } from "./PostgresStores.ts"
export type { StatementTimeoutOptions } from "./StatementTimeout.ts"
