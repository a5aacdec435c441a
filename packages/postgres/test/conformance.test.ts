import { PostgresStores } from "@hawser/postgres/effect"
import { storeConformance } from "@hawser/testing"
import { Layer } from "effect"
import { advance } from "./support/advance.ts"
import { databases } from "./support/databases.ts"
import { quietEventBus } from "./support/quiet.ts"

for (const [name, client] of databases) {
  storeConformance(name, {
    layer: quietEventBus.pipe(
      Layer.provideMerge(PostgresStores.layer()),
      Layer.provideMerge(client)
    ),
    advance,
    timeout: 60_000
  })
}
