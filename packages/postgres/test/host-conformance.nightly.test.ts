import { postgres, type PostgresOptions } from "@hawser/postgres"
import { storeConformance } from "@hawser/testing"
import { Effect, Layer, type Scope } from "effect"
import { withPgBouncer } from "../../../test-support/pgbouncer.ts"
import { advance } from "./support/advance.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { pgBouncer } from "./support/pgBouncer.ts"
import { hostPool } from "./support/pools.ts"
import { quietEventBus } from "./support/quiet.ts"

const conformance = (
  name: string,
  optionsFor: (url: string) => Effect.Effect<PostgresOptions, never, Scope.Scope>
) =>
  storeConformance(name, {
    layer: Layer.unwrap(
      Effect.gen(function* () {
        const url = yield* freshDatabase
        const store = postgres(yield* optionsFor(url))
        return quietEventBus.pipe(
          Layer.provideMerge(store.layer),
          Layer.provideMerge(clientOf(url))
        )
      })
    ),
    advance,
    timeout: 60_000
  })

conformance("a host's pg.Pool", (url) => Effect.map(hostPool(url), (pool) => ({ pool })))

withPgBouncer((binary) => {
  conformance("a URL behind PgBouncer", (url) =>
    Effect.map(pgBouncer(binary), ({ through }) => ({ url: through(url), pgBouncer: true }))
  )
  conformance("a host's pg.Pool behind PgBouncer", (url) =>
    Effect.gen(function* () {
      const { through } = yield* pgBouncer(binary)
      return { pool: yield* hostPool(through(url)) }
    })
  )
})
