import { PgClient } from "@effect/sql-pg"
import { describe, expect, it } from "@effect/vitest"
import { ConnectionStore, Maintenance, type Stores, type Written } from "@hawser/core"
import { postgres, type PostgresOptions } from "@hawser/postgres"
import { Context, Duration, Effect, Exit, Layer, Redacted, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { vi } from "vitest"
import { withPgBouncer } from "../../../test-support/pgbouncer.ts"
import { connect, connectCommand, disconnect, freshTenant } from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { pgBouncer } from "./support/pgBouncer.ts"
import { hostPool } from "./support/pools.ts"
import { proxy } from "./support/proxy.ts"
import { holdOpen } from "./support/transactions.ts"
import { ways } from "./support/ways.ts"

const next = (stores: Context.Context<Stores>) =>
  Context.get(stores, Maintenance).dueTimes({
    subscribers: [],
    eventRetention: Duration.days(7),
    unusedCredentialRetention: undefined
  })

const askAgainIn = (stores: Context.Context<Stores>) =>
  Effect.map(next(stores), (times) => Duration.toSeconds(times.askAgainIn))

/** Listens from now on, for the length of the scope. */
const listening = Effect.fnUntraced(function* (stores: Context.Context<Stores>) {
  const heard: Array<Written> = []
  yield* Context.get(stores, Maintenance).listen((written) => heard.push(written))
  return heard
})

/** A short statementTimeout may end what a healthy server does on a busy machine: what must succeed is tried until it does. */
const patiently = Effect.retry(Schedule.spaced("5 millis"))

/** Fails while it does not hear of other processes. */
const askHearing = (stores: Context.Context<Stores>) =>
  Effect.flatMap(askAgainIn(stores), (seconds) =>
    seconds === 30 ? Effect.void : Effect.fail("not yet")
  )

/** A process with workers, once it hears of the others. */
const hearing = Effect.fnUntraced(function* (options: PostgresOptions) {
  const stores = yield* patiently(Layer.build(postgres(options).layer))
  const heard = yield* listening(stores)
  yield* patiently(askHearing(stores))
  heard.length = 0
  return { stores, heard }
})

/** What both connections of a PgBouncer listen to: each is held by a transaction while the other is asked. */
const channelsKeptBy = (url: string) =>
  Effect.gen(function* () {
    const asked = Effect.flatMap(
      SqlClient,
      (sql) => sql<{ readonly channel: string }>`SELECT pg_listening_channels() AS channel`
    )
    const first = yield* holdOpen(asked)
    const second = yield* holdOpen(asked)
    yield* Effect.all([first.commit, second.commit])
    return [first.result, second.result]
  }).pipe(Effect.scoped, Effect.provide(clientOf(url, { prepare: false })))

const hears = (heard: ReadonlyArray<Written>) =>
  Effect.promise(() => vi.waitFor(() => expect(heard).toContain("work"), 10_000))

describe("Processes on one database by URL", () => {
  it.live("hear of what another has written, and of their own writes once", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const one = yield* hearing({ url })
      const other = yield* hearing({ url })
      const tenant = freshTenant()
      yield* Effect.provide(connect(tenant), one.stores)
      yield* hears(other.heard)
      // What was announced so far has come by now: it comes before the answer on the connection that listens.
      yield* askAgainIn(one.stores)
      expect(one.heard.filter((written) => written === "work")).toStrictEqual(["work"])
      yield* Effect.provide(disconnect(tenant), other.stores)
      yield* Effect.promise(() =>
        vi.waitFor(
          () => expect(one.heard.filter((written) => written === "work")).toHaveLength(2),
          10_000
        )
      )
    })
  )

  it.live("hear in their own schema alone", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const here = yield* hearing({ url })
      const alsoHere = yield* hearing({ url })
      const elsewhere = yield* hearing({ url, schema: "elsewhere" })
      yield* Effect.provide(connect(freshTenant()), here.stores)
      // By now it is announced, and whoever listens elsewhere would have it before the next answer.
      yield* hears(alsoHere.heard)
      yield* askAgainIn(elsewhere.stores)
      expect(elsewhere.heard).toStrictEqual([])
    })
  )

  it.live("hear of a host's own transaction with its commit", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const { heard, stores } = yield* hearing({ url })
      const pool = yield* hostPool(url, { max: 1 })
      const client = yield* Effect.acquireRelease(
        Effect.promise(() => pool.connect()),
        (one) => Effect.sync(() => one.release())
      )
      const inTransaction = Effect.fnUntraced(function* (end: "COMMIT" | "ROLLBACK") {
        const command = yield* Effect.provide(connectCommand(freshTenant()), stores)
        yield* Effect.promise(() => client.query("BEGIN"))
        const inside = postgres({ url }).inTransaction?.(client) ?? Effect.die("not there")
        yield* Context.get(yield* inside, ConnectionStore).connect(command)
        yield* askAgainIn(stores)
        expect(heard).toStrictEqual([])
        yield* Effect.promise(() => client.query(end))
      })
      yield* inTransaction("ROLLBACK")
      yield* inTransaction("COMMIT")
      yield* hears(heard)
      expect(heard).toStrictEqual(["work"])
    })
  )

  it.live("ask twice in a minute, in two statements, and listen again after a silence", () =>
    Effect.gen(function* () {
      const way = yield* proxy(yield* freshDatabase)
      const { stores } = yield* hearing({ url: way.url, statementTimeout: "2 seconds" })
      let before = 0
      yield* patiently(
        Effect.suspend(() => {
          before = way.statements()
          return askHearing(stores)
        })
      )
      expect(way.statements() - before).toBe(2)

      yield* way.silence
      expect(Exit.isFailure(yield* Effect.exit(next(stores)))).toBe(true)
      yield* way.recover
      yield* patiently(askHearing(stores))
    })
  )
})

describe("Processes that hear nothing of others", () => {
  it.live.each(ways.slice(1))(
    "ask every five seconds through %s, in one statement",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const way = yield* proxy(yield* freshDatabase)
        const stores = yield* Layer.build(postgres(yield* optionsFor(way.url, 2)).layer)
        const heard = yield* listening(stores)
        const before = way.statements()
        expect(yield* askAgainIn(stores)).toBe(5)
        expect(way.statements() - before).toBe(1)
        yield* Effect.provide(connect(freshTenant()), stores)
        expect(heard).toContain("work")
      })
  )

  withPgBouncer((binary) => {
    it.live.each([true, false])("leave no listener at PgBouncer, told of it: %s", (told) =>
      Effect.gen(function* () {
        const database = yield* freshDatabase
        yield* Effect.scoped(Layer.build(postgres({ url: database }).layer))
        const { through } = yield* pgBouncer(binary)
        const url = through(database)
        const store = postgres({ url, pgBouncer: told, maxConnections: 1, migrate: "check" })
        const stores = yield* Layer.build(store.layer)
        yield* listening(stores)
        yield* Effect.provide(connect(freshTenant()), stores)
        expect(yield* askAgainIn(stores)).toBe(5)
        expect(yield* channelsKeptBy(url)).toStrictEqual([[], []])
      })
    )
  })
})

describe("A host's SqlClient", () => {
  it.live("tells of a transaction of its own once it is committed, and of none that is not", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const client = yield* Layer.build(PgClient.layer({ url: Redacted.make(url) }))
      const sqlClient = Context.get(client, PgClient.PgClient)
      const stores = yield* Layer.build(postgres({ sqlClient }).layer)
      const heard = yield* listening(stores)
      const writing = Effect.gen(function* () {
        yield* Effect.provide(connect(freshTenant()), stores)
        expect(heard).toStrictEqual([])
      })
      yield* Effect.flip(
        sqlClient.withTransaction(Effect.andThen(writing, Effect.fail("the host changed its mind")))
      )
      expect(heard).toStrictEqual([])
      yield* sqlClient.withTransaction(writing)
      expect(heard).toContain("work")
    })
  )
})
