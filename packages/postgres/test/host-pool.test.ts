import { PgClient } from "@effect/sql-pg"
import { describe, expect, it } from "@effect/vitest"
import {
  type BoundFlow,
  ConnectionStore,
  CredentialStore,
  OAuthStateStore,
  type Store
} from "@hawser/core"
import { postgres, type PostgresOptions } from "@hawser/postgres"
import { DateTime, Duration, Effect, Fiber, Layer, Option, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { make, SqlClient } from "effect/sql/SqlClient"
import { makeCompilerSqlite } from "effect/sql/Statement"
import { types } from "pg"
import { pgPoolClient } from "../src/PgPoolClient.ts"
import { migrations } from "../src/Migrations.ts"
import {
  connect,
  connectWithCredential,
  freshTenant,
  hash,
  keyOf,
  newFlow,
  sealed
} from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"
import { holdOpen } from "./support/transactions.ts"

const start = (store: Store) => Effect.scoped(Layer.build(store.layer))
const refusalOf = (options: object) =>
  Effect.map(Effect.flip(start(postgres(options as PostgresOptions))), ({ message }) => message)

type TypeId = (typeof types.builtins)[keyof typeof types.builtins]

/** Sets parsers for the whole process, as a host may, until the scope ends. */
const setGlobalParsers = (oids: ReadonlyArray<TypeId>, parse: (text: string) => unknown) =>
  Effect.forEach(oids, (oid) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const former = types.getTypeParser(oid) as (text: string) => unknown
        types.setTypeParser(oid, parse)
        return former
      }),
      (former) => Effect.sync(() => types.setTypeParser(oid, former))
    )
  )

describe("postgres", () => {
  it.live.each([
    { url: "postgres://localhost/x", pool: {} },
    { pool: {}, sqlClient: {} }
  ])("refuses two ways to the database at once", (options) =>
    Effect.gen(function* () {
      expect(yield* refusalOf(options)).toBe(
        "postgres: give one of url, pool and sqlClient, not several"
      )
    })
  )

  it.live("says what to give where the way is none", () =>
    Effect.gen(function* () {
      expect(yield* refusalOf({})).toMatch(/^postgres\.url: set it to a URL/)
      expect(yield* refusalOf({ pool: { query: () => {} } })).toBe("postgres.pool: give a pg.Pool")
      expect(yield* refusalOf({ sqlClient: { query: () => {} } })).toBe(
        "postgres.sqlClient: give an SqlClient of effect/sql"
      )
    })
  )
})

describe("A host's pool", () => {
  it.live("is read the same whatever parsers the host has set for its process", () =>
    Effect.gen(function* () {
      const text = (value: string) => `the host's own ${value}`
      const { BOOL, BYTEA, FLOAT8, INT4, JSONB, TIMESTAMPTZ } = types.builtins
      yield* setGlobalParsers([BOOL, BYTEA, FLOAT8, INT4, JSONB, TIMESTAMPTZ], text)
      const pool = yield* hostPool(yield* freshDatabase, { types: { getTypeParser: () => text } })
      const { rows } = yield* Effect.promise(() => pool.query<{ a: unknown }>("SELECT 1 AS a"))
      expect(rows).toStrictEqual([{ a: "the host's own 1" }])
      yield* Effect.gen(function* () {
        const tenant = freshTenant()
        const before = Date.now() - 60_000
        yield* connect(tenant)
        const found = yield* (yield* ConnectionStore).find(keyOf(tenant))
        expect(found.scopes).toStrictEqual(["repo"])
        expect(DateTime.toEpochMillis(found.connectedAt)).toBeGreaterThan(before)
        const grant = yield* (yield* ConnectionStore).grant(keyOf(tenant))
        expect(grant.accessToken).toBeInstanceOf(Uint8Array)
        expect(grant.accessToken.length).toBe(64)
        expect(grant.expired).toBe(false)

        const flows = yield* OAuthStateStore
        const flow = newFlow(freshTenant())
        const limits = { perUser: 1, perTenant: 1 }
        yield* flows.start(flow, { lifetime: Duration.minutes(10), limits })
        const burned = Option.getOrThrow(yield* flows.burn(flow.stateHash))
        const flowIdHash = hash()
        yield* flows.park(burned as unknown as BoundFlow, {
          as: "choosing",
          flowIdHash,
          sealedResponse: sealed(),
          lifetime: Duration.minutes(10),
          userHash: flow.userHash
        })
        const { remaining } = Option.getOrThrow(yield* flows.takeParked(flowIdHash))
        expect(Duration.toMinutes(remaining)).toBeGreaterThan(5)
      }).pipe(Effect.provide(postgres({ pool }).layer))
    })
  )

  it.live.each([
    ["-c DateStyle=SQL,DMY", "timestamptz"],
    ["-c bytea_output=escape", "bytea"]
  ])("with %s is refused at the start, by the type that cannot be read", ([options, type]) =>
    Effect.gen(function* () {
      const pool = yield* hostPool(yield* freshDatabase, { options: options ?? "" })
      expect(yield* refusalOf({ pool })).toBe(
        `postgres.pool: ${type} must arrive as node-postgres reads it by default; give a client without parsers of its own`
      )
    })
  )

  it.live("in any time zone gives the same instants", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const tenant = freshTenant()
      const instants: Array<number> = []
      for (const zone of ["UTC", "Asia/Kolkata", "America/St_Johns", "Asia/Tokyo"]) {
        const pool = yield* hostPool(url, { options: `-c TimeZone=${zone}` })
        yield* Effect.gen(function* () {
          if (zone === "UTC") yield* connect(tenant)
          const { connectedAt } = yield* (yield* ConnectionStore).find(keyOf(tenant))
          instants.push(DateTime.toEpochMillis(connectedAt))
        }).pipe(Effect.provide(postgres({ pool }).layer))
      }
      expect(new Set(instants).size).toBe(1)
    })
  )

  it.live("stays open when Hawser is closed, with all its connections back", () =>
    Effect.gen(function* () {
      const pool = yield* hostPool(yield* freshDatabase)
      yield* start(postgres({ pool }))
      expect(pool.totalCount).toBeGreaterThan(0)
      expect(pool.idleCount).toBe(pool.totalCount)
      const { rows } = yield* Effect.promise(() =>
        pool.query("SELECT version FROM hawser.migration")
      )
      expect(rows).toStrictEqual(migrations.map(({ version }) => ({ version })))
    })
  )

  it.live(
    "without its server fails with StorageUnavailable, and without its database says so",
    () =>
      Effect.gen(function* () {
        const nowhere = yield* hostPool("postgres://ann@127.0.0.1:1/hawser")
        expect((yield* Effect.flip(start(postgres({ pool: nowhere }))))._tag).toBe(
          "StorageUnavailable"
        )
        const url = new URL(yield* freshDatabase)
        url.pathname = "/no_such_database"
        const pool = yield* hostPool(url.href)
        expect(yield* refusalOf({ pool })).toBe(
          "postgres.pool: the server has no database of this name; create it"
        )
      })
  )

  it.live("whose account may not use the tables is told which rights it lacks", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const owner = yield* hostPool(url)
      const account = `hawser_stranger_${crypto.randomUUID().slice(0, 8)}`
      yield* Effect.acquireRelease(
        Effect.promise(() => owner.query(`CREATE ROLE ${account} LOGIN PASSWORD 'stranger'`)),
        () => Effect.promise(() => owner.query(`DROP ROLE ${account}`))
      )
      const asAccount = new URL(url)
      asAccount.username = account
      asAccount.password = "stranger"
      const pool = yield* hostPool(asAccount.href)
      expect(yield* refusalOf({ pool })).toMatch(/^migrate: this account may not use/)
    })
  )

  it.live("gets no connection back whose transaction failed", () =>
    Effect.gen(function* () {
      const pool = yield* hostPool(yield* freshDatabase)
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        yield* sql.withTransaction(sql.unsafe("SELECT 1"))
        expect(pool.totalCount).toBe(1)
        yield* Effect.flip(sql.withTransaction(sql.unsafe("SELECT 1 / 0")))
        expect(pool.totalCount).toBe(0)
      }).pipe(Effect.provide(pgPoolClient(pool, Duration.seconds(15))))
    })
  )

  it.live("gets no connection back whose transaction broke, and the process goes on", () =>
    Effect.gen(function* () {
      const pool = yield* hostPool(yield* freshDatabase)
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        const pid = sql.unsafe<{ readonly pid: number }>("SELECT pg_backend_pid() AS pid")
        const open = yield* holdOpen(pid)
        const ended = Effect.promise(
          () => new Promise<void>((resolve) => pool.once("remove", () => resolve()))
        )
        const removal = yield* Effect.forkScoped(ended)
        yield* sql.unsafe("SELECT pg_terminate_backend($1::int, 5000)", [open.result[0]?.pid])
        const failure = yield* Effect.flip(open.commit)
        expect(failure._tag).toBe("SqlError")
        yield* Fiber.join(removal)
        expect(pool.idleCount).toBe(pool.totalCount)
        expect((yield* pid).length).toBe(1)
      }).pipe(Effect.provide(pgPoolClient(pool, Duration.seconds(15))))
    })
  )
})

describe("A host's SqlClient", () => {
  const sqlClientOf = (url: string) =>
    Effect.map(
      Layer.build(
        PgClient.layer({
          url: Redacted.make(url),
          transformResultNames: (name) => name.toUpperCase()
        })
      ),
      (context) => ({ context, sqlClient: PgClient.PgClient.pipe(Effect.provide(context)) })
    )

  it.live("is used as it is, without its renaming of columns", () =>
    Effect.gen(function* () {
      const { sqlClient } = yield* sqlClientOf(yield* freshDatabase)
      const client = yield* sqlClient
      expect(yield* client`SELECT 1 AS a`).toStrictEqual([{ A: 1 }])
      const tenant = freshTenant()
      yield* Effect.gen(function* () {
        yield* connect(tenant)
        const found = yield* (yield* ConnectionStore).find(keyOf(tenant))
        expect(found.tenantId).toBe(tenant)
      }).pipe(Effect.provide(postgres({ sqlClient: client }).layer))
    })
  )

  it.live("of another database is refused", () =>
    Effect.gen(function* () {
      const sqlClient = yield* make({
        acquirer: Effect.never,
        compiler: makeCompilerSqlite(),
        driver: "sqlite",
        spanAttributes: []
      }).pipe(Effect.provide(Reactivity.layer))
      expect(yield* refusalOf({ sqlClient })).toBe(
        "postgres.sqlClient: give a client that speaks to PostgreSQL"
      )
    })
  )

  it.live("takes our writes into the transaction that its fibre is in", () =>
    Effect.gen(function* () {
      const { sqlClient } = yield* sqlClientOf(yield* freshDatabase)
      const client = yield* sqlClient
      yield* Effect.gen(function* () {
        const commands: Array<Effect.Success<ReturnType<typeof connectWithCredential>>> = []
        const rolledBack = Effect.gen(function* () {
          commands.push(yield* connectWithCredential(freshTenant()))
          return yield* Effect.fail("the host changed its mind")
        })
        yield* Effect.flip(client.withTransaction(rolledBack))
        const [command] = commands
        if (command === undefined) return yield* Effect.die("nothing was stored")
        const credentials = yield* CredentialStore
        const missing = yield* Effect.flip(
          credentials.find({ ...command, id: command.with.credentialId })
        )
        expect(missing._tag).toBe("CredentialNotFound")
      }).pipe(Effect.provide(postgres({ sqlClient: client }).layer))
    })
  )
})
