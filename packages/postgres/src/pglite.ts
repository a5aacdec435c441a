import { hostOptions, type Store } from "@hawser/core"
import { Layer, Schema } from "effect"
import { ofStores } from "./optionSchemas.ts"
import { PgliteClient, type PgliteOptions } from "./PgliteClient.ts"
import { openStores, type PostgresStoresOptions } from "./PostgresStores.ts"

export interface PgliteStoreOptions extends PgliteOptions, PostgresStoresOptions {}

const checkOptions = hostOptions<PgliteStoreOptions>({ ...ofStores, dataDir: Schema.String })

/**
 * Keeps everything in a PostgreSQL inside this process (PGlite, which the host installs): for demos, tests and hosts
 * of one process. A folder is used by one process at a time.
 *
 * @example
 * import { pglite } from "@hawser/postgres"
 *
 * const store = pglite({ dataDir: ".data/hawser" })
 */
export const pglite = (options: PgliteStoreOptions = {}): Store => {
  const wrong = checkOptions("pglite", options)
  if (wrong !== undefined) throw wrong
  const { dataDir, ...others } = options
  return {
    layer: openStores(others, "pglite", { isAlone: true }).pipe(
      Layer.provide(PgliteClient.layer({ dataDir }))
    )
  }
}
