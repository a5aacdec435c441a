import { describe, expect, it } from "@effect/vitest"
import { StorageUnavailable, type Stores } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { type Context, Effect, Layer } from "effect"
import { inject } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { startPostgres } from "../../../test-support/postgres-server.ts"
import { connectWithCredential, freshTenant } from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { proxy } from "./support/proxy.ts"
import { securedDatabase } from "./support/secured.ts"
import { ways } from "./support/ways.ts"

const maxConnections = 3

/** As many writes at once as there are connections. */
const writes = (stores: Context.Context<Stores>) =>
  Effect.all(
    Array.from({ length: maxConnections }, () => Effect.flip(write(stores))),
    { concurrency: "unbounded" }
  )

const write = (stores: Context.Context<Stores>) =>
  connectWithCredential(freshTenant()).pipe(Effect.provide(stores))

describe("After a failover", () => {
  it.live.each(ways)(
    "connections through %s that lead to the former primary are dropped, and the next lead to the new one",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const former = yield* Effect.acquireRelease(
          Effect.promise(() => startPostgres()),
          ({ stop }) => Effect.promise(stop)
        )
        const primary = yield* freshDatabase
        // Both have the database, as a standby has what its primary has.
        const { pathname } = new URL(primary)
        yield* Effect.promise(() => query(former.url, `CREATE DATABASE ${pathname.slice(1)}`))
        const formerUrl = new URL(pathname, former.url).href
        for (const url of [primary, formerUrl])
          yield* Effect.scoped(Layer.build(postgres({ url }).layer))
        yield* Effect.promise(former.becomeStandby)

        const way = yield* proxy(formerUrl)
        const options = yield* optionsFor(way.url, maxConnections)
        const stores = yield* Layer.build(postgres({ ...options, migrate: "check" }).layer)
        for (const error of yield* writes(stores)) expect(error).toBeInstanceOf(StorageUnavailable)
        yield* way.lead(inject("postgresUrl"))
        // Each failure takes one connection with it, so this ends; unless one is kept, which fails for ever.
        yield* Effect.forEach(Array.from({ length: maxConnections }), () => write(stores), {
          concurrency: "unbounded"
        }).pipe(Effect.retry({ times: 2 * maxConnections }))
      })
  )

  it.live.each(ways)(
    "connections through %s that the server ended are replaced",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const url = yield* freshDatabase
        const options = yield* optionsFor(url, maxConnections)
        const stores = yield* Layer.build(postgres(options).layer)
        const all = Effect.forEach(Array.from({ length: maxConnections }), () => write(stores), {
          concurrency: "unbounded"
        })
        yield* all
        yield* Effect.promise(() =>
          query(
            url,
            `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`
          )
        )
        yield* all.pipe(Effect.retry({ times: 2 * maxConnections }))
      })
  )

  it.live.each(ways)(
    "a connection through %s that breaks within a transaction is an outage, and no defect",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const { app } = yield* securedDatabase
        const way = yield* proxy(app.url)
        const options = yield* optionsFor(way.url, maxConnections)
        const secured = { ...options, migrate: "check", rowLevelSecurity: true } as const
        const stores = yield* Layer.build(postgres(secured).layer)
        yield* write(stores)
        yield* way.breakAfter(1)
        expect(yield* Effect.flip(write(stores))).toBeInstanceOf(StorageUnavailable)
      })
  )
})
