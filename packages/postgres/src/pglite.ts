import type { Store } from "@hawser/core"
import { Layer } from "effect"
import { PgliteClient, type PgliteOptions } from "./PgliteClient.ts"
import { openStores, type PostgresStoresOptions } from "./PostgresStores.ts"

export interface PgliteStoreOptions extends PgliteOptions, PostgresStoresOptions {}

/**
 * Keeps everything in a PostgreSQL inside this process (PGlite, which the host installs): for demos, tests and hosts
 * of one process. A folder is used by one process at a time.
 *
 * @example
 * import { pglite } from "@hawser/postgres"
 *
 * const store = pglite({ dataDir: ".data/hawser" })
 */
export const pglite = ({ dataDir, ...options }: PgliteStoreOptions = {}): Store => ({
  layer: openStores(options, "pglite", { isAlone: true }).pipe(
    Layer.provide(PgliteClient.layer({ dataDir }))
  )
})
