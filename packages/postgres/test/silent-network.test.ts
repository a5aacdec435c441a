import { PgClient } from "@effect/sql-pg"
import { describe, expect, it } from "@effect/vitest"
import { ConnectionStore, StorageUnavailable, type Store, type Stores } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Context, Duration, Effect, Layer, Logger, Redacted, Schedule } from "effect"
import { readFileSync } from "node:fs"
import { vi } from "vitest"
import { freshTenant, keyOf } from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"
import { proxy } from "./support/proxy.ts"
import { securedDatabase } from "./support/secured.ts"
import { ways } from "./support/ways.ts"

const statementTimeout = "1 second"

/** A busy machine can keep a healthy server waiting too: what must succeed is tried until it does. */
const retried = Effect.retry(Schedule.spaced("20 millis"))

const opened = (store: Store) => retried(Layer.build(store.layer))

/** Asks for what is not there: with an answer it fails with `IntegrationNotFound`. */
const ask = (stores: Context.Context<Stores>) =>
  Context.get(stores, ConnectionStore).find(keyOf(freshTenant()))

const answered = (stores: Context.Context<Stores>) =>
  Effect.flip(ask(stores)).pipe(
    Effect.flatMap((error) => (error._tag === "IntegrationNotFound" ? Effect.void : error)),
    retried
  )

/** The error, and how many seconds it took. */
const timed = <A, E, R>(failing: Effect.Effect<A, E, R>) =>
  Effect.map(
    Effect.timed(Effect.flip(failing)),
    ([took, one]) => [one, Duration.toSeconds(took)] as const
  )

const expectUnavailable = ([error, took]: readonly [unknown, number]) => {
  expect(error).toBeInstanceOf(StorageUnavailable)
  expect(took).toBeLessThan(1 + 9)
}

describe.concurrent("Behind a network that goes silent", () => {
  it.live.each(ways)(
    "a statement through %s ends in time, and the next connection works",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const way = yield* proxy(yield* freshDatabase)
        const options = yield* optionsFor(way.url, 2)
        const stores = yield* opened(postgres({ ...options, statementTimeout }))
        yield* answered(stores)
        yield* way.silence
        const silent = way.clients()
        expect(silent).not.toStrictEqual([])
        // More than there are connections: to wait for one counts.
        const all = yield* Effect.all(
          Array.from({ length: 5 }, () => timed(ask(stores))),
          { concurrency: "unbounded" }
        )
        all.forEach(expectUnavailable)
        yield* way.recover
        yield* answered(stores)
        yield* Effect.promise(() =>
          vi.waitFor(
            () => expect(way.clients()).not.toEqual(expect.arrayContaining(silent)),
            10_000
          )
        )
      })
  )

  it.live.each(ways)(
    "a statement through %s ends where nothing can be interrupted",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const way = yield* proxy(yield* freshDatabase)
        const options = yield* optionsFor(way.url, 2)
        const stores = yield* opened(postgres({ ...options, statementTimeout }))
        yield* way.silence
        expectUnavailable(yield* timed(Effect.uninterruptible(ask(stores))))
      })
  )

  it.live.each(ways)("a transaction through %s ends in time as well", ([, optionsFor]) =>
    Effect.gen(function* () {
      const { app } = yield* securedDatabase
      const way = yield* proxy(app.url)
      const options = yield* optionsFor(way.url, 2)
      const stores = yield* opened(
        postgres({ ...options, migrate: "check", rowLevelSecurity: true, statementTimeout })
      )
      yield* answered(stores)
      // BEGIN is answered, and nothing after it: a rollback cannot be sent either.
      yield* way.silenceAfter(1)
      expectUnavailable(yield* timed(ask(stores)))
      yield* way.recover
      yield* answered(stores)
    })
  )

  it.live("a command in a host's own transaction ends in time", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const way = yield* proxy(url)
      const store = postgres({ url: way.url, statementTimeout })
      yield* opened(store)
      const pool = yield* hostPool(way.url, { max: 1 })
      const client = yield* Effect.acquireRelease(
        Effect.promise(() => pool.connect()),
        (one) => Effect.sync(() => one.release(true))
      )
      yield* Effect.promise(() => client.query("BEGIN"))
      yield* way.silence
      const inside = store.inTransaction?.(client) ?? Effect.die("not there")
      expectUnavailable(yield* timed(inside))
    })
  )

  it.live.each(ways)(
    "a start through %s ends in time where a server accepts and says nothing",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const way = yield* proxy("postgres://ann@127.0.0.1:1/x")
        yield* way.silence
        const start = Effect.map(optionsFor(way.url, 2), (options) =>
          postgres({ ...options, statementTimeout })
        ).pipe(Effect.flatMap(({ layer }) => Layer.build(layer)))
        const [error, took] = yield* timed(Effect.scoped(start))
        expectUnavailable([error, took])
      })
  )
})

/** Connections of this process whose keep-alive timer runs, by their remote port (proc(5), net/tcp: timer 2). */
const keptAlive = () =>
  readFileSync("/proc/self/net/tcp", "utf8")
    .split("\n")
    .map((line) => /^ *\d+: \S+:\S+ \S+:(\S+) 01 \S+ 02:/.exec(line)?.[1])
    .flatMap((port) => (port === undefined ? [] : [Number.parseInt(port, 16)]))

describe.runIf(process.platform === "linux")("A connection", () => {
  it.live.each(ways.slice(0, 2))(
    "through %s asks in its pauses whether the server is still there",
    ([, optionsFor]) =>
      Effect.gen(function* () {
        const way = yield* proxy(yield* freshDatabase)
        const stores = yield* opened(postgres(yield* optionsFor(way.url, 1)))
        yield* answered(stores)
        const port = Number(new URL(way.url).port)
        yield* Effect.promise(() => vi.waitFor(() => expect(keptAlive()).toContain(port), 10_000))
      })
  )
})

describe("A host's PgClient", () => {
  it.live.each([
    { config: {}, told: 1 },
    { config: { keepAlive: "10 seconds" as const }, told: 0 }
  ])("without TCP keep-alive is told of at the start: $told times", ({ config, told }) =>
    Effect.gen(function* () {
      const lines: Array<unknown> = []
      const logger = Logger.make(({ message }) => lines.push(message))
      const client = PgClient.layer({ url: Redacted.make(yield* freshDatabase), ...config })
      const sqlClient = yield* PgClient.PgClient.pipe(Effect.provide(yield* Layer.build(client)))
      yield* Layer.build(postgres({ sqlClient }).layer).pipe(Effect.provide(Logger.layer([logger])))
      expect(String(lines).match(/no TCP keep-alive/g) ?? []).toHaveLength(told)
    })
  )
})

describe("statementTimeout", () => {
  it.live.each([0, "601 seconds"] as const)("%s is refused", (statementTimeout) =>
    Effect.gen(function* () {
      const store = postgres({ url: "postgres://127.0.0.1:1/x", statementTimeout })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(store.layer)))
      expect(error.message).toBe("postgres.statementTimeout: set a duration above 0 and up to 10m")
    })
  )
})
