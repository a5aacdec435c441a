import { describe, expect, it } from "@effect/vitest"
import { StorageUnavailable, type Stores } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { type Context, Effect, Layer, Logger } from "effect"
import { afterAll, beforeAll } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { type PostgresServer, startPostgres } from "../../../test-support/postgres-server.ts"
import { connectWithCredential, freshTenant } from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { proxy } from "./support/proxy.ts"
import { securedDatabase } from "./support/secured.ts"
import { ways } from "./support/ways.ts"

const maxConnections = 3

const write = (stores: Context.Context<Stores>) =>
  connectWithCredential(freshTenant()).pipe(Effect.provide(stores))

/** As many at once as there are connections. */
const onAll = <A, E>(one: Effect.Effect<A, E>) =>
  Effect.forEach(Array.from({ length: maxConnections }), () => one, { concurrency: "unbounded" })

/** Whatever is left of broken connections takes one attempt each; one that is never dropped fails them all. */
const retried = Effect.retry({ times: 2 * maxConnections })

describe("After a failover", () => {
  let former: PostgresServer
  let primary: Awaited<ReturnType<typeof createDatabase>>
  let formerUrl: string

  // Both servers have the database, as a standby has what its primary has.
  beforeAll(async () => {
    const started = await Promise.all([startPostgres(), createDatabase()])
    former = started[0]
    primary = started[1]
    const { pathname } = new URL(primary.url)
    formerUrl = new URL(pathname, former.url).href
    await query(former.url, `CREATE DATABASE ${pathname.slice(1)}`)
    for (const url of [primary.url, formerUrl]) {
      await Effect.runPromise(Effect.scoped(Layer.build(postgres({ url }).layer)))
    }
    await former.becomeStandby()
  })
  afterAll(async () => {
    await former.stop()
    await primary.drop()
  })

  it.live.each(ways)(
    "connections through %s that lead to the former primary are dropped, and the next lead to the new one",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const way = yield* proxy(formerUrl)
        const options = yield* optionsFor(way.url, maxConnections)
        const lines: Array<unknown> = []
        const stores = yield* Layer.build(postgres({ ...options, migrate: "check" }).layer).pipe(
          Effect.provide(Logger.layer([Logger.make(({ message }) => lines.push(message))]))
        )
        expect(String(lines)).toContain("is a standby, or recovers: nothing can be stored")
        for (const error of yield* onAll(Effect.flip(write(stores))))
          expect(error).toBeInstanceOf(StorageUnavailable)
        yield* way.lead(primary.url)
        yield* retried(onAll(write(stores)))
      })
  )
})

describe("A connection", () => {
  it.live.each(ways)("through %s that the server ended is replaced", ([, optionsFor]) =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const options = yield* optionsFor(url, maxConnections)
      const stores = yield* Layer.build(postgres(options).layer)
      yield* onAll(write(stores))
      yield* Effect.promise(() =>
        query(
          url,
          `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`
        )
      )
      yield* retried(onAll(write(stores)))
    })
  )

  it.live.each(ways)(
    "through %s that breaks within a transaction is an outage, and no defect",
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
