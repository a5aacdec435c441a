import { postgres } from "@hawser/postgres"
import { storeConformance } from "@hawser/testing"
import { Effect, Layer } from "effect"
import { advance } from "./support/advance.ts"
import { clientOf } from "./support/databases.ts"
import { quietEventBus } from "./support/quiet.ts"
import { securedDatabase } from "./support/secured.ts"

storeConformance("S-83 an account under row-level security", {
  layer: Layer.unwrap(
    Effect.map(securedDatabase, ({ app, url }) =>
      quietEventBus.pipe(
        Layer.provideMerge(
          postgres({ url: app.url, migrate: "check", rowLevelSecurity: true }).layer
        ),
        Layer.provideMerge(clientOf(url))
      )
    )
  ),
  advance,
  timeout: 60_000
})
