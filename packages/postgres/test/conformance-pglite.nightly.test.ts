import { PostgresStores } from "@hawser/postgres/effect"
import { storeConformance } from "@hawser/testing"
import { Layer } from "effect"
import { advance } from "./support/advance.ts"
import { pgliteClient } from "./support/databases.ts"
import { quietEventBus } from "./support/quiet.ts"

storeConformance("PGlite", {
  layer: quietEventBus.pipe(
    Layer.provideMerge(PostgresStores.layer()),
    Layer.provideMerge(pgliteClient)
  ),
  advance,
  timeout: 60_000
})
