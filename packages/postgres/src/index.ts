export { migrationSql } from "./migrationSql.ts"
export { pglite, type PgliteStoreOptions } from "./pglite.ts"
export { postgres, type PostgresOptions } from "./postgres.ts"
