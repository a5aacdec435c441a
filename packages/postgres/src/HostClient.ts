/** A statement as node-postgres takes it. */
export interface PgQuery {
  readonly text: string
  readonly values: Array<unknown>
  /** How this statement's values are read, whatever parsers the host has set for its own. */
  readonly types: { readonly getTypeParser: (oid: number) => (text: string) => unknown }
}

/** What runs a statement: a `pg.Client`, a `pg.PoolClient`, or a function of that shape. */
export interface PgQueryable {
  query(query: PgQuery): Promise<{ readonly rows: ReadonlyArray<unknown> }>
}

/** A connection that goes back to its pool. */
export interface PgPoolClient extends PgQueryable {
  /** Has its socket, unless a native driver keeps it. */
  readonly connection?: { readonly stream?: object }
  release(destroy?: boolean): void
  on?(event: "error", listener: () => void): unknown
  off?(event: "error", listener: () => void): unknown
}

/** A `pg.Pool`, or one of its shape. Its size and its end are the host's. */
export interface PgPool extends PgQueryable {
  /** Has the limit of a connection attempt, if it has any. */
  readonly options?: { connectionTimeoutMillis?: number | undefined }
  connect(): Promise<PgPoolClient>
}

const sqlClientBrand = "~effect/sql/SqlClient"

/** An `SqlClient` of `effect/sql`, known by its mark alone: its type is marked unstable. */
export interface EffectSqlClient {
  readonly [sqlClientBrand]: typeof sqlClientBrand
}

/** What a host holds a transaction on: a `pg.PoolClient` after `BEGIN`, or an `SqlClient` within `withTransaction`. */
export type TransactionClient = PgQueryable | EffectSqlClient

export const isEffectSqlClient = (client: object): client is EffectSqlClient =>
  sqlClientBrand in client

export const isPgQueryable = (client: object): client is PgQueryable =>
  "query" in client && typeof client.query === "function"

export const isPgPool = (client: object): client is PgPool =>
  isPgQueryable(client) && "connect" in client && typeof client.connect === "function"
