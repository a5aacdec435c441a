import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import {
  ConnectionName,
  ConnectionStore,
  tenantsDefault,
  type DueGrant,
  Keeper,
  Maintenance,
  Refreshing
} from "@hawser/core"
import { ann, connectForge, eve, forge, makeHost, type Admin } from "./support/host.ts"

/** So many due grants of one tenant, each of a connection of its own. */
const dueOf = Effect.fnUntraced(function* ({ tenantId }: Admin, count: number) {
  const connections = yield* ConnectionStore
  const key = { tenantId, ...tenantsDefault, provider: forge.definition.id }
  const grant = yield* connections.grant({ ...key, ...tenantsDefault })
  return Array.from({ length: count }, (_, index): DueGrant => ({
    ...key,
    name: ConnectionName.make(`c${index}`),
    integrationId: grant.integrationId,
    grant: { ...grant, refreshToken: grant.accessToken },
    expiryTold: false,
    refreshEndsSoon: false
  }))
})

describe("the keeper's share of a tenant", () => {
  it.effect(
    "S-78 is 16 at once: 300 due grants of one tenant that hang leave room for another's",
    () =>
      Effect.gen(function* () {
        yield* connectForge()
        yield* connectForge(eve)
        const due = [...(yield* dueOf(ann, 300)), ...(yield* dueOf(eve, 1))]
        const begun: Array<string> = []
        const done = yield* Deferred.make<"renewed">()
        const program = Effect.gen(function* () {
          const keeper = yield* Keeper
          while (yield* keeper.begin);
          const of = ({ tenantId }: Admin) => begun.filter((one) => one === tenantId).length
          while (of(eve) === 0 || of(ann) < 16) yield* Effect.yieldNow
          for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
          assert.deepStrictEqual([of(ann), of(eve)], [16, 1])
          // What is done makes room for the tenant's next.
          due.push(...(yield* dueOf(ann, 20)))
          yield* Deferred.succeed(done, "renewed")
          yield* keeper.drain
          assert.isAbove(of(ann), 16)
        })
        yield* program.pipe(
          Effect.provide(
            Layer.fresh(Keeper.layer).pipe(
              Layer.provide(
                Layer.effect(
                  Maintenance,
                  Effect.map(Maintenance, (store) => ({
                    ...store,
                    claimDueGrants: ({ limit }) => Effect.sync(() => due.splice(0, limit))
                  }))
                )
              ),
              Layer.provide(
                Layer.succeed(Refreshing, {
                  refresh: (_provider, { tenantId }) =>
                    Effect.suspend(() => {
                      begun.push(tenantId)
                      return Deferred.await(done)
                    })
                })
              )
            )
          )
        )
      }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect(
    "holds nothing back from a drain: it does all that is due, though it is one tenant's",
    () =>
      Effect.gen(function* () {
        yield* connectForge()
        const due = [...(yield* dueOf(ann, 60))]
        let atOnce = 0
        let most = 0
        let done = 0
        const refresh = Effect.gen(function* () {
          atOnce += 1
          most = Math.max(most, atOnce)
          yield* Effect.yieldNow
          atOnce -= 1
          done += 1
          return "renewed" as const
        })
        const maintenance = Layer.effect(
          Maintenance,
          Effect.map(Maintenance, (store) => ({
            ...store,
            claimDueGrants: ({ limit }: { readonly limit: number }) =>
              Effect.sync(() => due.splice(0, limit))
          }))
        )
        yield* Effect.flatMap(Keeper, (keeper) => keeper.drain).pipe(
          Effect.provide(
            Layer.fresh(Keeper.layer).pipe(
              Layer.provide(maintenance),
              Layer.provide(Layer.succeed(Refreshing, { refresh: () => refresh }))
            )
          )
        )
        assert.deepStrictEqual([done, most], [60, 16])
      }).pipe(Effect.provide(makeHost().layer))
  )
})
