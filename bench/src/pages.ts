import type { Hawser } from "hawser"
import { Pool } from "pg"
import { startPostgres } from "../../test-support/postgres-server.ts"
import { type Caller, makeCallers } from "./callers.ts"
import { callingTenant, callingUsers, fill, ofCallingTenant, ofEachUser, sizeOf } from "./fill.ts"
import { importGrants } from "./grants.ts"
import { makeHawser } from "./hawser.ts"
import type { Settings } from "./settings.ts"

/** Pages that an operation's statements touch, with the calling tenant's integrations alone and with many of others. */
interface PageCounts {
  readonly operation: string
  /** What may be touched with many, in times of what is with few. */
  readonly aim: number
  readonly few: number
  readonly many: number
  /** Bytes of write-ahead log with many, without images of whole pages. */
  readonly wal: number
}

/** What an operation has taken, for each of its units. */
interface Taken {
  /** Pages, by statement. */
  readonly touched: ReadonlyMap<string, number>
  readonly pages: number
  /** Bytes of write-ahead log. */
  readonly wal: number
}

export interface Pages {
  readonly counts: ReadonlyArray<PageCounts>
  /** Integrations stored where many are. */
  readonly many: number
  /** Bytes of the tables and indexes that hold many. */
  readonly bytes: number
  /** Seconds that filling them took. */
  readonly seconds: number
}

/** An operation is done so often to warm up, so that its statements are prepared and planned for all parameters. */
const warmUps = 10
const repeats = 20

const origin = "https://app.example.com"

interface World {
  readonly hawser: Hawser
  readonly schema: string
  readonly database: Pool
  readonly redirectUrl: string
  /** Asks as one of the calling tenant's users. */
  readonly ask: (
    at: number,
    method: string,
    path: string,
    json?: unknown,
    cookie?: string
  ) => Promise<Response>
}

/** What is counted of an operation. */
interface Counted {
  readonly name: string
  readonly aim: number
  /** Words of the statements that count. Default: all. */
  readonly of?: ReadonlyArray<string>
}

interface Operation {
  readonly counted: ReadonlyArray<Counted>
  /** Whatever is not counted; then the call that is, for each of so many. */
  readonly prepare: (world: World, count: number) => Promise<(at: number) => Promise<unknown>>
  /** How many units a call counts for. Default 1. */
  readonly units?: number
  /** How often it is done, before it is counted and for the count. Default `warmUps` and `repeats`. */
  readonly times?: readonly [warmUps: number, repeats: number]
}

const answered = async (response: Response, status: number): Promise<string> => {
  const text = await response.text()
  if (response.status !== status) throw new Error(`Not ${status}: ${response.status} ${text}`)
  return text
}

const nth = <A>(all: ReadonlyArray<A>, at: number): A => {
  const one = all[at % all.length]
  if (one === undefined) throw new Error("There is none.")
  return one
}

/** A name that none of the tenant's connections has yet. */
let named = 0
const newName = (): string => `new-${named++}`

const list = (name: string, pagesBefore: number): Operation => ({
  counted: [{ name, aim: 1.1 }],
  prepare: async ({ ask }) => {
    const path = "/v1/integrations?limit=50"
    let cursor = ""
    for (let page = 0; page < pagesBefore; page++) {
      const text = await answered(await ask(0, "GET", path + cursor), 200)
      const { nextCursor } = JSON.parse(text) as { readonly nextCursor: string }
      cursor = `&cursor=${encodeURIComponent(nextCursor)}`
    }
    return async (at) => {
      const text = await answered(await ask(at, "GET", path + cursor), 200)
      if (!/"total":[0-9]{3}/.test(text)) throw new Error(text)
    }
  }
})

interface Begun {
  readonly name: string
  readonly state: string
  readonly cookie: string
}

const begin = async ({ ask, redirectUrl }: World, at: number): Promise<Begun> => {
  const name = newName()
  const path = `/v1/integrations/acme/connect?name=${name}`
  const response = await ask(at, "POST", path, { redirectUrl })
  const { state } = JSON.parse(await answered(response, 200)) as { readonly state: string }
  const cookie = response.headers.getSetCookie().map((one) => one.split(";")[0])
  return { name, state, cookie: cookie.join("; ") }
}

/** The names that the callbacks have connected, with tokens that this Hawser has sealed. */
const connectedNames = async ({ database, schema }: World): Promise<ReadonlyArray<string>> => {
  const { rows } = await database.query<{ readonly name: string }>(
    `SELECT name FROM ${schema}.integration
     WHERE tenant_id = $1 AND owner = '' AND provider = 'acme' AND status = 'connected' AND name LIKE 'new-%'`,
    [callingTenant]
  )
  return rows.map(({ name }) => name)
}

const dueAt = async ({ database, schema }: World, names: ReadonlyArray<string>): Promise<void> => {
  const { rowCount } = await database.query(
    `UPDATE ${schema}.oauth_grant g SET refresh_due_at = statement_timestamp()
     FROM ${schema}.integration i
     WHERE i.tenant_id = $1 AND i.owner = '' AND i.provider = 'acme' AND i.name = ANY ($2::text[])
       AND g.tenant_id = i.tenant_id AND g.integration_id = i.id`,
    [callingTenant, names]
  )
  if (rowCount !== names.length) throw new Error(`${rowCount} grants are due.`)
}

/** What the callbacks have connected is taken in two halves, the first to warm up. */
const half = (warmUps + repeats) / 2

const refresh: Operation = {
  counted: [
    {
      name: "refresh: claim of a due grant",
      aim: 1.2,
      of: ["due AS MATERIALIZED (\n  SELECT tenant_id, integration_id"]
    },
    { name: "refresh: lease", aim: 1.1, of: ["probe AS"] },
    { name: "refresh: new tokens stored", aim: 1.2, of: ["renewed AS"] }
  ],
  units: half,
  times: [1, 1],
  prepare: async (world) => {
    const names = await connectedNames(world)
    let from = 0
    return async () => {
      await dueAt(world, names.slice(from, from + half))
      from += half
      await world.hawser.tick()
    }
  }
}

const subscriber = "reader"

/** In this order: what a later one needs, an earlier one has written. */
const operations: ReadonlyArray<Operation> = [
  list("list, its first page of 50", 0),
  list("list, its eleventh page", 10),
  {
    counted: [{ name: "get one by its name", aim: 1.2 }],
    prepare:
      async ({ ask }) =>
      async (at) =>
        answered(await ask(at, "GET", `/v1/integrations/acme?name=n-${at}`), 200)
  },
  {
    counted: [{ name: "get one by its id", aim: 1.2 }],
    prepare: async ({ ask, database, schema }) => {
      const { rows } = await database.query<{ readonly id: string }>(
        `SELECT id FROM ${schema}.integration WHERE tenant_id = $1 AND owner = '' AND provider = 'acme'`,
        [callingTenant]
      )
      return async (at) =>
        answered(await ask(at, "GET", `/v1/integrations/${nth(rows, at).id}`), 200)
    }
  },
  {
    counted: [{ name: "connect-start", aim: 1.1 }],
    prepare: async (world) => (at) => begin(world, at)
  },
  {
    counted: [{ name: "callback", aim: 1.1 }],
    prepare: async (world, count) => {
      const begun: Array<Begun> = []
      for (let at = 0; at < count; at++) begun.push(await begin(world, at))
      return async (at) => {
        const { cookie, state } = nth(begun, at)
        const path = `/v1/integrations/acme/callback?code=code-${at}&state=${encodeURIComponent(state)}`
        const response = await world.ask(at, "GET", path, undefined, cookie)
        if (!response.headers.get("location")?.includes("status=connected"))
          throw new Error(`${response.status} ${response.headers.get("location")}`)
      }
    }
  },
  {
    counted: [{ name: "API-key connect", aim: 1.2 }],
    prepare: async ({ ask, database, schema }, count) => {
      const { rows } = await database.query<{ readonly id: string }>(
        `INSERT INTO ${schema}.credential (tenant_id, provider, id, status, created_by, created_at, sealed_fields)
         SELECT $1, 'beacon', 'crd_' || lpad(n::text, 26, '0'), 'unverified', 'user', now(),
           decode(repeat('5a', 160), 'hex')
         FROM generate_series(1, $2) AS n RETURNING id`,
        [callingTenant, count]
      )
      return async (at) => {
        const path = `/v1/integrations/beacon/connect?name=${newName()}`
        await answered(await ask(at, "POST", path, { credentialId: nth(rows, at).id }), 200)
      }
    }
  },
  {
    counted: [{ name: "access token, first read", aim: 1.1 }],
    prepare: async (world) => {
      const names = await connectedNames(world)
      return (at) =>
        world.hawser
          .tenant(callingTenant)
          .connection("acme", { name: nth(names, at) })
          .token()
    }
  },
  refresh,
  {
    counted: [
      {
        name: `events: claim and settle, for each of ${half}`,
        aim: 1.2,
        of: ["reach AS MATERIALIZED", "outcome AS MATERIALIZED"]
      },
      {
        name: `revocations: claim, for each of ${half}`,
        aim: 1.2,
        of: ["FROM claimed c"]
      }
    ],
    units: half,
    times: [1, 1],
    prepare: async (world) => {
      const heard: Array<string> = []
      await world.hawser.on("integration.disconnected", { as: subscriber }, ({ event }) => {
        heard.push(event.id)
      })
      let from = 0
      return async () => {
        const names = (await connectedNames(world)).slice(0, half)
        if (names.length < half) throw new Error("Too few are connected.")
        for (const name of names) {
          const path = `/v1/integrations/acme?name=${name}`
          await answered(await world.ask(from++, "DELETE", path), 204)
        }
        const before = heard.length
        await world.hawser.tick()
        if (heard.length !== before + half) throw new Error(`${heard.length - before} events`)
      }
    }
  },
  {
    counted: [{ name: "disconnect", aim: 1.2 }],
    prepare:
      async ({ ask }) =>
      async (at) =>
        answered(await ask(at, "DELETE", `/v1/integrations/acme?name=n-${at}`), 204)
  },
  {
    counted: [{ name: `suspend a user who has ${ofEachUser}`, aim: 1.2 }],
    times: [2, 3],
    prepare:
      async ({ hawser }) =>
      (at) =>
        hawser.admin.suspendUser({ tenantId: callingTenant, userId: `user_${at}` })
  },
  {
    counted: [{ name: `erase a user who has ${ofEachUser}`, aim: 1.2 }],
    times: [2, 3],
    prepare:
      async ({ hawser }) =>
      (at) =>
        hawser.admin.eraseUser({ tenantId: callingTenant, userId: `user_${callingUsers - 1 - at}` })
  }
]

const askerOf =
  (hawser: Hawser, callers: ReadonlyArray<Caller>): World["ask"] =>
  (at, method, path, json, cookie) => {
    const caller = nth(callers, at)
    return hawser.handler(
      new Request(`${origin}${path}`, {
        method,
        headers: {
          ...(cookie === undefined ? { authorization: `Bearer ${caller.token}` } : { cookie }),
          ...(json !== undefined && { "content-type": "application/json" })
        },
        ...(json !== undefined && { body: JSON.stringify(json) })
      })
    )
  }

interface StatementRow {
  readonly query: string
  readonly pages: number
  readonly wal: number
}

/** What the statements of this database have touched since it was last asked. */
const takenSince = async (database: Pool): Promise<ReadonlyArray<StatementRow>> => {
  const { rows } = await database.query<StatementRow>(
    `SELECT query, sum(shared_blks_hit + shared_blks_read)::float8 AS pages, sum(wal_bytes)::float8 AS wal
     FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'
     GROUP BY query HAVING sum(shared_blks_hit + shared_blks_read) > 0`
  )
  await database.query("SELECT pg_stat_statements_reset()")
  return rows
}

const sumOf = (numbers: ReadonlyArray<number>): number => numbers.reduce((sum, one) => sum + one, 0)

/** Counts every operation on a schema that is filled, with the pages of each statement. */
const countPages = async (
  settings: Settings,
  database: Pool
): Promise<ReadonlyMap<string, Taken>> => {
  const { callers, jwks } = await makeCallers(callingUsers, callingTenant)
  const hawser = await makeHawser({ ...settings, jwks, connections: "many" }, "off")
  const { redirectUrl, schema } = settings
  const world: World = { hawser, schema, database, redirectUrl, ask: askerOf(hawser, callers) }
  const counted = new Map<string, Taken>()
  for (const { counted: parts, prepare, times = [warmUps, repeats], units = 1 } of operations) {
    const [before, counting] = times
    const call = await prepare(world, before + counting)
    for (let at = 0; at < before; at++) await call(at)
    await takenSince(database)
    for (let at = before; at < before + counting; at++) await call(at)
    const taken = await takenSince(database)
    const each = counting * units
    for (const { name, of = [] } of parts) {
      const rows = taken.filter(
        ({ query }) => of.length === 0 || of.some((words) => query.includes(words))
      )
      const pages = sumOf(rows.map((row) => row.pages)) / each
      if (pages === 0) throw new Error(`${name}: nothing was counted.`)
      counted.set(name, {
        touched: new Map(rows.map((row) => [row.query, row.pages / each])),
        pages,
        wal: sumOf(rows.map((row) => row.wal)) / each
      })
    }
  }
  await hawser.close()
  return counted
}

/** Makes the tables, and answers the fingerprint that grants through the host's client have. */
const fingerprintOf = async (settings: Settings, database: Pool): Promise<string> => {
  const hawser = await makeHawser(settings, "off")
  await importGrants(hawser, ["somebody"])
  await hawser.close()
  const { rows } = await database.query<{ readonly client_fingerprint: string }>(
    `SELECT client_fingerprint FROM ${settings.schema}.oauth_grant`
  )
  return nth(rows, 0).client_fingerprint
}

/** Counts with the calling tenant's integrations alone, and with so many in all, on a server that is not timed. */
export const measurePages = async (
  settings: Settings,
  many: number,
  progress: (text: string) => void
): Promise<Pages> => {
  const server = await startPostgres({
    durable: true,
    settings: [
      "shared_preload_libraries=pg_stat_statements",
      "fsync=off",
      // Else it would depend on the last checkpoint how much is logged.
      "full_page_writes=off",
      "shared_buffers=1GB",
      "max_wal_size=8GB"
    ]
  })
  const database = new Pool({ connectionString: server.url, max: 2 })
  // A connection that is ending when the server stops is told so.
  database.on("error", () => {})
  const countWith = async (integrations: number) => {
    const own = { ...settings, databaseUrl: server.url, schema: `pages_${integrations}` }
    const fingerprint = await fingerprintOf(own, database)
    const began = performance.now()
    await fill(server.url, own.schema, { fingerprint, integrations }, progress)
    const seconds = (performance.now() - began) / 1_000
    return {
      counted: await countPages(own, database),
      bytes: await sizeOf(database, own.schema),
      seconds
    }
  }
  try {
    await database.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    const few = await countWith(ofCallingTenant)
    const { bytes, counted, seconds } = await countWith(many)
    const all = operations.flatMap((operation) => operation.counted)
    const counts = all.map(({ aim, name }) => ({
      operation: name,
      aim,
      few: few.counted.get(name)?.pages ?? Number.NaN,
      many: counted.get(name)?.pages ?? Number.NaN,
      wal: counted.get(name)?.wal ?? Number.NaN
    }))
    return { counts, many, bytes, seconds }
  } finally {
    await database.end()
    await server.stop()
  }
}
