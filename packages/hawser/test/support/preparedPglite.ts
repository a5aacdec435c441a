import { PgliteClient, PostgresStores } from "@hawser/postgres/effect"
import type { HawserOptions } from "hawser"
import { Effect, Layer } from "effect"
import { createPGlite } from "../../../../test-support/pglite.ts"

/** What `pglite()` gives, on a database that was prepared once: its initdb takes seconds of a core for each. */
export const preparedPglite = (): HawserOptions["store"] => ({
  layer: PostgresStores.layer().pipe(
    Layer.provide(
      Layer.unwrap(
        Effect.map(
          Effect.acquireRelease(
            Effect.promise(() => createPGlite()),
            (database) => Effect.promise(() => database.close())
          ),
          PgliteClient.layerFrom
        )
      )
    )
  )
})
