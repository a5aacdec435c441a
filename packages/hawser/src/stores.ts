import { ConfigurationError, type Store as OpenStore } from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import {
  pglite as openPglite,
  type PgliteStoreOptions,
  postgres as openPostgres,
  type PostgresPool,
  type PostgresStoresOptions,
  type PostgresUrl,
  type StatementTimeoutOptions
} from "@hawser/postgres"

export type { PgliteStoreOptions }

/** How Hawser reaches the database: exactly one of `url` and `pool`. */
export type PostgresOptions = PostgresStoresOptions &
  StatementTimeoutOptions &
  (PostgresUrl | PostgresPool)

/** A store that a host chose: what `postgres(…)`, `pglite(…)` and `memory()` return. It opens when Hawser starts. */
export interface Store {
  readonly kind: "memory" | "pglite" | "postgres"
}

/** The error for a value that a host's own copy of Effect has made: the copy in the bundle cannot run it. */
export const needsAnyStore = (setting: string, what: string): ConfigurationError =>
  new ConfigurationError({
    setting,
    problem: `${what} works with @hawser/effect. Here give postgres({ url }) or postgres({ pool }), pglite(…) or memory() of hawser, and a pg client.`
  })

const described = (kind: Store["kind"], options?: object): Store =>
  // Not enumerable: the URL has a password, and whoever logs a store would show it.
  Object.defineProperty({ kind }, "options", { value: options })

/**
 * Keeps everything in a PostgreSQL, from version 15 on: in a schema of its own (`hawser`), so it may be the database
 * that the host already has. Reaches it by a URL or through the host's `pg.Pool`.
 *
 * A URL, account or table that cannot be used stops the start with a `ConfigurationError`; an option of a wrong type or
 * name throws it.
 *
 * @example
 * import { postgres } from "hawser"
 *
 * const store = postgres({ url: process.env["DATABASE_URL"], migrate: "check" })
 */
export const postgres = (options: PostgresOptions): Store => {
  if (typeof options === "object" && options !== null && options.sqlClient !== undefined) {
    throw needsAnyStore("postgres.sqlClient", "An SqlClient")
  }
  openPostgres(options)
  return described("postgres", options)
}

/**
 * Keeps everything in a PostgreSQL inside this process (PGlite, which the host installs): for demos, tests and hosts
 * of one process. A folder is used by one process at a time.
 *
 * @example
 * import { pglite } from "hawser"
 *
 * const store = pglite({ dataDir: ".data/hawser" })
 */
export const pglite = (options: PgliteStoreOptions = {}): Store => {
  openPglite(options)
  return described("pglite", options)
}

/** A store in the memory of this process, for unit tests. Its data is gone when Hawser is closed. */
export const memory = (): Store => described("memory")

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/**
 * The described store, not open yet. Anything else is left as it is, for the check of the options to name.
 *
 * Throws `ConfigurationError` for a store that is made of layers, whose Effect is another copy than the one in here.
 */
export const openStore = (store: unknown): OpenStore => {
  if (!isObject(store)) return store as OpenStore
  const { kind, options } = store
  if (kind === "memory") return { layer: MemoryStores.layer }
  // A copy of a store has lost its options, and must not open another database.
  if (kind === "pglite" && isObject(options)) return openPglite(options)
  if (kind === "postgres" && isObject(options))
    return openPostgres(options as unknown as PostgresOptions)
  if ("layer" in store || isLayer(store)) {
    throw needsAnyStore("store", "A store of another package, or of your own layers,")
  }
  return store as unknown as OpenStore
}

/** By its mark, since it is of another copy of the library. */
const isLayer = (value: object): boolean => "~effect/Layer" in value
