import { expect, it } from "@effect/vitest"
import { ConnectionStore, Maintenance } from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { Duration, Effect, Layer } from "effect"
import { connect, disconnectCommand, freshTenant } from "./support/commands.ts"
import { serverClient } from "./support/databases.ts"
import { holdOpen } from "./support/transactions.ts"

const stores = Layer.provideMerge(PostgresStores.layer(), serverClient)

it.live(
  "S-39 a claim passes over what another is about to claim, and does not wait for it",
  () =>
    Effect.gen(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      for (const tenant of [freshTenant(), freshTenant(), freshTenant()]) {
        yield* connect(tenant)
        yield* connections.disconnect(yield* disconnectCommand(tenant))
      }
      const hold = Duration.minutes(1)
      const first = yield* holdOpen(maintenance.claimRevocations({ limit: 2, hold }))
      const others = yield* maintenance.claimRevocations({ limit: 20, hold })
      yield* first.commit
      const ids = [...first.result, ...others].map(({ grant }) => grant.id)
      expect([first.result.length, others.length, new Set(ids).size]).toStrictEqual([2, 1, 3])
    }).pipe(Effect.provide(stores)),
  60_000
)
