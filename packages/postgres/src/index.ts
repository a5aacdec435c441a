export type { ConfigurationError, StorageUnavailable, Store, Stores } from "@hawser/core"
export type {
  EffectSqlClient,
  PgPool,
  PgPoolClient,
  PgQuery,
  PgQueryable,
  TransactionClient
} from "./HostClient.ts"
export { migrationSql } from "./migrationSql.ts"
export type { NamespaceOptions } from "./Namespace.ts"
export { pglite, type PgliteStoreOptions } from "./pglite.ts"
export { postgres, type PostgresOptions } from "./postgres.ts"
