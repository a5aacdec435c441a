import { PostgresStores } from "@hawser/postgres/effect"
import { storeConformance } from "@hawser/testing"
import { Layer } from "effect"
import { advance } from "./support/advance.ts"
import { serverClient } from "./support/databases.ts"
import { quietEventBus } from "./support/quiet.ts"

storeConformance("PostgreSQL", {
  layer: quietEventBus.pipe(
    Layer.provideMerge(PostgresStores.layer()),
    Layer.provideMerge(serverClient)
  ),
  advance,
  timeout: 60_000
})
