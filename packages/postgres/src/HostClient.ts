/** A statement in the form of node-postgres. */
export interface PgQuery {
  readonly text: string
  readonly values: Array<unknown>
  /** The parsers of this statement's values, independent of the host's global parsers. */
  readonly types: { readonly getTypeParser: (oid: number) => (text: string) => unknown }
}

/** Runs a statement: a `pg.Client`, a `pg.PoolClient`, or an object of that shape. */
export interface PgQueryable {
  query(query: PgQuery): Promise<{ readonly rows: ReadonlyArray<unknown> }>
}

/** A connection that returns to its pool. */
export interface PgPoolClient extends PgQueryable {
  /** Has its socket, unless a native driver keeps it. */
  readonly connection?: { readonly stream?: object }
  release(destroy?: boolean): void
  on?(event: "error", listener: () => void): unknown
  off?(event: "error", listener: () => void): unknown
}

/** A `pg.Pool`, or an object of its shape. The host decides its size and closes it. */
export interface PgPool extends PgQueryable {
  /** Has the limit of a connection attempt, if it has any. */
  readonly options?: { connectionTimeoutMillis?: number | undefined }
  connect(): Promise<PgPoolClient>
}

const sqlClientBrand = "~effect/sql/SqlClient"

/** An `SqlClient` of `effect/sql`, recognised by its type id, because its type is marked unstable. */
export interface EffectSqlClient {
  readonly [sqlClientBrand]: typeof sqlClientBrand
}

/** The client of the host's transaction: a `pg.PoolClient` after `BEGIN`, or an `SqlClient` inside `withTransaction`. */
export type TransactionClient = PgQueryable | EffectSqlClient

export const isEffectSqlClient = (client: object): client is EffectSqlClient =>
  sqlClientBrand in client

export const isPgQueryable = (client: object): client is PgQueryable =>
  "query" in client && typeof client.query === "function"

export const isPgPool = (client: object): client is PgPool =>
  isPgQueryable(client) && "connect" in client && typeof client.connect === "function"
