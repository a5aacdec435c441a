import { PgClient } from "@effect/sql-pg"
import type { Hawser as AnyHawser } from "@hawser/effect"
import { postgres as openPostgres } from "@hawser/postgres"
import { Effect, Redacted } from "effect"
import { memory, postgres } from "hawser"
import { Client, Pool } from "pg"
import { afterEach, describe, expect, inject, it } from "vitest"
import { startPgBouncer, withPgBouncer } from "../../../test-support/pgbouncer.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import type { AnyStore } from "./support/anyStore.ts"
import { callback, connectProjects, consent, eventually } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"
import { hostTransactions } from "./support/transactions.ts"
import { TestBrowser } from "../../../test-support/browser.ts"

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A host with a pool, a table of its own and Hawser in the same database. */
const start = async (
  through: (url: string) => string = (url) => url,
  store: (options: { readonly pool: Pool }) => AnyStore = postgres
) => {
  const database = await createDatabase()
  closing.push(database.drop)
  const pool = new Pool({ connectionString: through(database.url) })
  // Its last connections may still be closing when the database is dropped.
  pool.on("error", () => {})
  closing.push(() => pool.end())
  await pool.query("CREATE TABLE project (name text PRIMARY KEY)")
  const host = await startTestHost(store({ pool }))
  closing.push(host.close)
  return { ...host, pool, url: database.url }
}

const ada = { tenantId: "acme", userId: "ada", provider: "beacon" }

/** Stores a key and connects with it, all on one connection. */
const connectBeacon = async (hawser: ReturnType<TestHost["hawser"]["transaction"]>) => {
  const acme = hawser.tenant(ada.tenantId, { user: ada.userId })
  const { credentialId } = await acme
    .credentials("beacon")
    .store({ credentials: { api_key: goodApiKey } })
  await acme.connect("beacon", { credentialId })
}

/** How many rows there are of the host's and of ours. */
const rows = async (pool: Pool) => {
  const tables = ["project", "hawser.credential", "hawser.integration", "hawser.outbox"]
  const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS "${table}"`)
  const result = await pool.query<Record<string, number>>(`SELECT ${counts.join(", ")}`)
  return result.rows[0]
}

const none = {
  project: 0,
  "hawser.credential": 0,
  "hawser.integration": 0,
  "hawser.outbox": 0
}
const oneEach = {
  project: 1,
  "hawser.credential": 1,
  "hawser.integration": 1,
  "hawser.outbox": 1
}

describe.each(hostTransactions)("hawser.transaction of %s", (_, transaction) => {
  it("a rollback takes our write and its event with it", async () => {
    const { hawser, pool } = await start()
    const changedItsMind = new Error("the host changed its mind")
    const rolledBack = transaction(pool, "Apollo", async (client) => {
      await connectBeacon(hawser.transaction(client))
      await expect(
        hawser.transaction(client).tenant(ada.tenantId).connection(ada.provider).get()
      ).resolves.toMatchObject({ status: "connected" })
      throw changedItsMind
    })
    await expect(rolledBack).rejects.toBe(changedItsMind)
    expect(await rows(pool)).toStrictEqual(none)
    await expect(hawser.tenant(ada.tenantId).connection(ada.provider).get()).rejects.toMatchObject({
      code: "integration_not_found"
    })
  })

  it("a commit makes all of it seen, and the event arrives though nobody was woken", async () => {
    const { hawser, pool } = await start()
    const heard: Array<string> = []
    await hawser.on(
      "integration.connected",
      { as: "heard" },
      ({ event }) => void heard.push(event.tenantId)
    )
    await transaction(pool, "Apollo", async (client) => {
      await connectBeacon(hawser.transaction(client))
      // Another connection sees nothing of it yet.
      await expect(
        hawser
          .tenant("acme")
          .connections()
          .then(({ items }) => items)
      ).resolves.toStrictEqual([])
    })
    expect(await rows(pool)).toStrictEqual(oneEach)
    await eventually("the event", () => heard.length === 1)
    await expect(
      hawser.tenant(ada.tenantId).connection(ada.provider).apiKey()
    ).resolves.toMatchObject({ fields: ["api_key"] })
  })
})

withPgBouncer((binary) => {
  it("hawser.transaction behind PgBouncer keeps to the host's transaction", async () => {
    const pgBouncer = await startPgBouncer(binary, inject("postgresUrl"))
    closing.push(pgBouncer.stop)
    const { hawser, pool } = await start(pgBouncer.through)
    for (const [name, transaction] of hostTransactions) {
      const rolledBack = transaction(pool, name, async (client) => {
        await connectBeacon(hawser.transaction(client))
        throw new Error("the host changed its mind")
      })
      await expect(rolledBack).rejects.toThrow("the host changed its mind")
    }
    expect(await rows(pool)).toStrictEqual(none)
    const [, withPg] = hostTransactions[0] ?? []
    await withPg?.(pool, "Apollo", (client) => connectBeacon(hawser.transaction(client)))
    expect(await rows(pool)).toStrictEqual(oneEach)
  })
})

describe("hawser.transaction", () => {
  it("disconnects, lists and deletes in the host's transaction too", async () => {
    const { hawser, pool } = await start()
    await connectBeacon(hawser)
    const spare = await hawser
      .tenant(ada.tenantId, { user: ada.userId })
      .credentials(ada.provider)
      .store({ credentials: { api_key: goodApiKey } })
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const inside = hawser.transaction(client)
      await inside.tenant(ada.tenantId, { user: ada.userId }).connection(ada.provider).disconnect()
      await inside
        .tenant(ada.tenantId, { user: ada.userId })
        .credentials(ada.provider)
        .delete(spare.credentialId)
      await expect(
        inside
          .tenant("acme")
          .connections({ status: "connected" })
          .then(({ items }) => items)
      ).resolves.toEqual([])
      await expect(
        inside
          .tenant(ada.tenantId, { user: ada.userId })
          .credentials(ada.provider)
          .list()
          .then(({ items }) => items)
      ).resolves.toEqual([])
      await client.query("ROLLBACK")
    } finally {
      client.release()
    }
    await expect(hawser.tenant(ada.tenantId).connection(ada.provider).get()).resolves.toMatchObject(
      { status: "connected" }
    )
    await expect(
      hawser
        .tenant(ada.tenantId, { user: ada.userId })
        .credentials(ada.provider)
        .list()
        .then(({ items }) => items)
    ).resolves.toHaveLength(2)
  })

  it("has no callback, no token and no refresh: a token just issued commits alone", async () => {
    const { hawser, pool } = await start()
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const inside = hawser.transaction(client)
      expect(Object.keys(inside)).toStrictEqual(["tenant"])
      const acme = inside.tenant("acme", { user: "ada" })
      expect(Object.keys(acme).toSorted()).toStrictEqual([
        "connect",
        "connection",
        "connections",
        "credentials"
      ])
      expect(Object.keys(acme.connection("beacon")).toSorted()).toStrictEqual([
        "disconnect",
        "get",
        "reconnect",
        "swapCredential"
      ])
      await client.query("ROLLBACK")
    } finally {
      client.release()
    }
  })

  it("a flow begun in it lives if the host commits, and is unknown if it rolls back", async () => {
    const host = await start()
    const begin = async (end: "COMMIT" | "ROLLBACK") => {
      const client = await host.pool.connect()
      try {
        await client.query("BEGIN")
        const started = await host.hawser
          .transaction(client)
          .tenant(ada.tenantId, { user: ada.userId })
          .connect("projects", { redirectUrl: host.cookieRedirect })
        await client.query(end)
        if (!("authorizationUrl" in started)) throw new Error("No flow was begun")
        const browser = new TestBrowser()
        browser.setCookie(host.origin, started.setCookie ?? "")
        const flow = { browser, authorizationUrl: started.authorizationUrl }
        return (await callback(flow, await consent(host, flow))).location
      } finally {
        client.release()
      }
    }
    expect(await begin("ROLLBACK")).toBeUndefined()
    expect(host.securityEvents.at(-1)).toMatchObject({ type: "state_unknown" })
    expect((await begin("COMMIT"))?.searchParams.get("status")).toBe("connected")
  })

  it("S-127 no token is given out from the commit of a disconnect on", async () => {
    const host = await start()
    const query = { tenantId: ada.tenantId, provider: "projects" }
    await connectProjects(host)
    await host.hawser.tenant(query.tenantId).connection(query.provider).token()
    const client = await host.pool.connect()
    try {
      await client.query("BEGIN")
      await host.hawser
        .transaction(client)
        .tenant(ada.tenantId, { user: ada.userId })
        .connection("projects")
        .disconnect()
      // Not committed: it is connected, and what is read now must not be kept.
      await host.hawser.tenant(query.tenantId).connection(query.provider).token()
      await client.query("COMMIT")
    } finally {
      client.release()
    }
    await expect(
      host.hawser.tenant(query.tenantId).connection(query.provider).token()
    ).rejects.toMatchObject({ code: "not_connected" })
  })

  it("an answer that is not an SQL error leaves the host's transaction as it was", async () => {
    const { hawser, pool } = await start()
    await connectBeacon(hawser)
    const { credentialId } = await hawser
      .tenant(ada.tenantId, { user: ada.userId })
      .credentials(ada.provider)
      .store({ credentials: { api_key: goodApiKey } })
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const again = hawser
        .transaction(client)
        .tenant(ada.tenantId, { user: ada.userId })
        .connect(ada.provider, { credentialId })
      await expect(again).rejects.toMatchObject({ code: "already_connected" })
      await client.query("INSERT INTO project (name) VALUES ('Apollo')")
      await client.query("COMMIT")
    } finally {
      client.release()
    }
    expect((await rows(pool))?.["project"]).toBe(1)
  })

  it("of two writers in a stricter isolation one is told to try again", async () => {
    const { hawser, pool } = await start()
    await connectBeacon(hawser)
    const client = await pool.connect()
    try {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      const inside = hawser.transaction(client)
      await expect(
        inside.tenant(ada.tenantId).connection(ada.provider).get()
      ).resolves.toMatchObject({ status: "connected" })
      await hawser.tenant(ada.tenantId, { user: ada.userId }).connection(ada.provider).disconnect()
      await expect(
        inside.tenant(ada.tenantId, { user: ada.userId }).connection(ada.provider).disconnect()
      ).rejects.toMatchObject({ code: "storage_unavailable" })
      await client.query("ROLLBACK")
    } finally {
      client.release()
    }
    expect((await rows(pool))?.["hawser.outbox"]).toBe(2)
  })

  it("refuses a client without a transaction, and writes nothing", async () => {
    const { hawser, pool } = await start()
    const client = await pool.connect()
    try {
      for (const wrong of [client, pool]) {
        await expect(connectBeacon(hawser.transaction(wrong))).rejects.toMatchObject({
          message:
            "transaction(client): give the client on which a transaction is open: a pg client after BEGIN, or an SqlClient within withTransaction"
        })
      }
    } finally {
      client.release()
    }
    expect(await rows(pool)).toStrictEqual(none)
  })

  it("refuses a client after the commit", async () => {
    const { hawser, pool } = await start()
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const inside = hawser.transaction(client)
      await expect(
        inside
          .tenant("acme")
          .connections()
          .then(({ items }) => items)
      ).resolves.toEqual([])
      await client.query("COMMIT")
      await expect(connectBeacon(inside)).rejects.toMatchObject({ code: "configuration_error" })
    } finally {
      client.release()
    }
    expect(await rows(pool)).toStrictEqual(none)
  })

  it("refuses a client of another database, which has no tables of Hawser's", async () => {
    const { hawser, pool } = await start()
    const other = await createDatabase()
    closing.push(other.drop)
    const client = new Client({ connectionString: other.url })
    await client.connect()
    try {
      await client.query("BEGIN")
      await expect(
        hawser
          .transaction(client)
          .tenant("acme")
          .connections()
          .then(({ items }) => items)
      ).rejects.toMatchObject({
        message: "transaction(client): give a client of the database that has Hawser's tables"
      })
      await client.query("ROLLBACK")
    } finally {
      await client.end()
    }
    expect(await rows(pool)).toStrictEqual(none)
  })

  it("refuses a client whose values cannot be read, before it writes", async () => {
    const { hawser, pool } = await start()
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const withOwnParsers = {
        query: async ({
          text,
          values
        }: {
          readonly text: string
          readonly values: Array<unknown>
        }) => {
          const { rows } = await client.query<Record<string, unknown>>(text, values)
          return {
            rows: rows.map((row) => ({ ...row, instant: "24 November" }))
          }
        }
      }
      await expect(connectBeacon(hawser.transaction(withOwnParsers))).rejects.toThrow(
        /^transaction\(client\): timestamptz must arrive as node-postgres reads it/
      )
      await client.query("ROLLBACK")
    } finally {
      client.release()
    }
    expect(await rows(pool)).toStrictEqual(none)
  })

  it("refuses on a store that no host can hold a transaction on", async () => {
    const host = await startTestHost(memory())
    closing.push(host.close)
    const client = { query: () => Promise.reject(new Error("never asked")) }
    await expect(
      host.hawser
        .transaction(client)
        .tenant("acme")
        .connections()
        .then(({ items }) => items)
    ).rejects.toMatchObject({
      message:
        "transaction(client): only postgres(…) is a store on which a host can hold a transaction"
    })
  })
})

describe("hawser.transaction of an SqlClient", () => {
  const run = <A, E>(url: string, effect: Effect.Effect<A, E, PgClient.PgClient>) =>
    Effect.runPromise(Effect.provide(effect, PgClient.layer({ url: Redacted.make(url) })))

  /** The Hawser of @hawser/effect takes such a client. */
  const inClient = (hawser: TestHost["hawser"], sql: PgClient.PgClient) =>
    (hawser as unknown as AnyHawser).transaction(sql)

  it("finds the transaction of the fibre that calls it: rolled back and committed with the host's", async () => {
    const { hawser, pool, url } = await start(undefined, openPostgres)
    const work = Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* sql`INSERT INTO project (name) VALUES ('Apollo')`
      yield* Effect.promise(() => connectBeacon(inClient(hawser, sql)))
    })
    await run(
      url,
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        yield* Effect.flip(sql.withTransaction(Effect.andThen(work, Effect.fail("no"))))
      })
    )
    expect(await rows(pool)).toStrictEqual(none)
    await run(
      url,
      Effect.flatMap(PgClient.PgClient, (sql) => sql.withTransaction(work))
    )
    expect(await rows(pool)).toStrictEqual(oneEach)
  })

  it("refuses outside of one", async () => {
    const { hawser, pool, url } = await start(undefined, openPostgres)
    const refused = run(
      url,
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        yield* Effect.tryPromise(() => connectBeacon(inClient(hawser, sql)))
      }).pipe(Effect.mapError(({ cause }) => cause))
    )
    await expect(refused).rejects.toMatchObject({ code: "configuration_error" })
    expect(await rows(pool)).toStrictEqual(none)
  })
})
