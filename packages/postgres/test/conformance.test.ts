import { PostgresStores } from "@hawser/postgres/effect"
import { storeConformance } from "@hawser/testing"
import { Layer } from "effect"
import { advance } from "./support/advance.ts"
import { databases } from "./support/databases.ts"

for (const [name, client] of databases) {
  storeConformance(name, {
    layer: Layer.provideMerge(PostgresStores.layer(), client),
    advance,
    timeout: 60_000
  })
}
