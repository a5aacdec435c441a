import * as PgClient from "@effect/sql-pg/PgClient"
import { ConfigurationError, type StorageUnavailable } from "@hawser/core"
import { Effect, type Layer } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { mkdirSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { lockFolder } from "./FolderLock.ts"
import { type PgliteDatabase, pgliteDuplex } from "./PgliteDuplex.ts"
import { startError } from "./StorageErrors.ts"

export interface PgliteOptions {
  /** The folder of the data, created if it does not exist. Without it, the data is gone when the process ends. */
  readonly dataDir?: string | undefined
}

// An optional peer, imported only when used: a bundler that saw its name here would require it in every host.
const packageName = "@electric-sql/pglite"

interface PgliteModule {
  readonly PGlite: {
    readonly create: (options: { readonly dataDir?: string }) => Promise<PgliteDatabase>
  }
}

const loadPglite = Effect.tryPromise({
  // A bundler would look for it, and stop the build of a host that has no PGlite.
  try: () =>
    import(
      /* turbopackIgnore: true */ /* webpackIgnore: true */ packageName
    ) as Promise<PgliteModule>,
  catch: () =>
    new ConfigurationError({
      setting: "pglite",
      problem: `the package ${packageName} is not installed; add it to the host's dependencies`
    })
})

const open = Effect.fnUntraced(function* ({ dataDir }: PgliteOptions) {
  const { PGlite } = yield* loadPglite
  const folder = dataDir === undefined ? undefined : resolve(dataDir)
  if (folder !== undefined) {
    yield* Effect.try({
      try: () => mkdirSync(dirname(folder), { recursive: true }),
      catch: () =>
        new ConfigurationError({
          setting: "dataDir",
          problem: `${dirname(folder)} cannot be made; choose a folder where this account may write`
        })
    })
    yield* lockFolder(folder)
  }
  return yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => PGlite.create(folder === undefined ? {} : { dataDir: folder }),
      catch: (cause) =>
        new ConfigurationError({
          setting: "dataDir",
          problem: `PGlite cannot open ${folder ?? "a database in memory"} (${cause instanceof Error ? cause.message : "unknown reason"})`
        })
    }),
    (db) => Effect.promise(() => db.close())
  )
})

const connect = (db: PgliteDatabase) =>
  PgClient.make({
    stream: () => pgliteDuplex(db),
    username: "postgres",
    database: "postgres",
    applicationName: "hawser",
    minConnections: 1,
    maxConnections: 1
  }).pipe(Effect.mapError((error) => startError(error)))

/** Clients of a PostgreSQL that runs inside this process. It has one session: statements wait for each other. */
export const PgliteClient = {
  /**
   * Opens Hawser's own database. A lock file beside the folder allows one process at a time.
   *
   * @example
   * import { PgliteClient, PostgresStores } from "@hawser/postgres/effect"
   * import { Layer } from "effect"
   *
   * const stores = PostgresStores.layer().pipe(Layer.provide(PgliteClient.layer({ dataDir: ".data/hawser" })))
   */
  layer: (
    options: PgliteOptions
  ): Layer.Layer<PgClient.PgClient | SqlClient, ConfigurationError | StorageUnavailable> =>
    PgClient.layerFrom(Effect.flatMap(open(options), connect)),

  /** Uses a database that the host opens and closes. */
  layerFrom: (
    db: PgliteDatabase
  ): Layer.Layer<PgClient.PgClient | SqlClient, ConfigurationError | StorageUnavailable> =>
    PgClient.layerFrom(connect(db))
}
