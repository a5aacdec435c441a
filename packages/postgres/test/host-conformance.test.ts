import { postgres } from "@hawser/postgres"
import { storeConformance } from "@hawser/testing"
import { Effect, Layer } from "effect"
import { advance } from "./support/advance.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"
import { quietEventBus } from "./support/quiet.ts"

storeConformance("a host's pg.Pool", {
  layer: Layer.unwrap(
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const pool = yield* hostPool(url)
      return quietEventBus.pipe(
        Layer.provideMerge(postgres({ pool }).layer),
        Layer.provideMerge(clientOf(url))
      )
    })
  ),
  advance,
  timeout: 60_000
})
