import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import {
  type decide,
  type IntegrationKey,
  makeWrittenListeners,
  type Sealed,
  type Written
} from "@hawser/core"
import { Clock, DateTime, Effect, Result } from "effect"
import { Hex } from "effect/encoding"

type Tables = decide.Tables
type Table = keyof Tables

/** In the order of core, which is that of code units: SQLite would compare the bytes of UTF-8. */
export const placeOf = ({ name, owner, provider, tenantId }: IntegrationKey): Uint8Array =>
  new Uint8Array(Buffer.from([tenantId, owner, provider, name].join("\0"), "utf16le").swap16())

/** The columns that rows are looked up by, beside their key. The rest of a row is one JSON value. */
const columns: {
  readonly [T in Table]: Readonly<Record<string, (row: Tables[T]) => SQLInputValue | undefined>>
} = {
  integrations: {
    place: ({ integration }) => placeOf(integration),
    tenant: ({ integration }) => integration.tenantId,
    provider: ({ integration }) => integration.provider,
    id: ({ integration }) => integration.id,
    status: ({ integration }) => integration.status,
    account: ({ integration }) => integration.account?.id,
    credential: ({ integration }) => integration.credentialId,
    grant_id: ({ grant, quarantined }) => (grant ?? quarantined?.grant)?.secrets.id,
    held_account: ({ grant, quarantined }) => (grant ?? quarantined?.grant)?.heldAccount,
    tried_by: ({ grant, quarantined }) => (grant ?? quarantined?.grant)?.triedBy,
    due_at: ({ grant }) => grant?.dueAt,
    quarantined_until: ({ quarantined }) => quarantined?.until
  },
  credentials: {
    tenant: ({ credential }) => credential.tenantId,
    owner: ({ credential }) => credential.owner,
    provider: ({ credential }) => credential.provider
  },
  flows: {
    tenant: ({ flow }) => flow.tenantId,
    flow_id: ({ parked }) => parked && Hex.encode(parked.flowIdHash)
  },
  revocations: {
    due_at: ({ dueAt }) => dueAt,
    expires_at: ({ expiresAt }) => expiresAt
  },
  barred: {
    tenant: ({ tenantId }) => tenantId,
    until: ({ until }) => until
  },
  brakes: { client: ({ clientFingerprint }) => clientFingerprint },
  outbox: {
    position: ({ position }) => position,
    tenant: ({ event }) => event.tenantId,
    recorded_at: ({ recordedAt }) => recordedAt
  },
  subscribers: {}
}

const tables = Object.keys(columns) as ReadonlyArray<Table>

/** JSON with the values that rows have and JSON has not. */
const encode = (value: unknown): unknown => {
  if (value === undefined) return { $: "undefined" }
  if (typeof value === "bigint") return { $: "bigint", of: String(value) }
  if (value instanceof Uint8Array) return { $: "bytes", of: Hex.encode(value) }
  if (DateTime.isDateTime(value)) return { $: "instant", of: DateTime.toEpochMillis(value) }
  if (Array.isArray(value)) return value.map(encode)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, encode(one)]))
}

const decode = (_name: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null || !("$" in value)) return value
  const { $, of } = value as unknown as { readonly $: string; readonly of: unknown }
  if ($ === "bigint") return BigInt(String(of))
  if ($ === "bytes") return new Uint8Array(Buffer.from(String(of), "hex"))
  if ($ === "instant") return DateTime.makeUnsafe(Number(of))
  return value
}

/** A reviver that answers undefined would take the property away. */
const withUndefined = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value
  if (DateTime.isDateTime(value)) return value
  if ("$" in value && value.$ === "undefined") return undefined
  if (Array.isArray(value)) return value.map(withUndefined)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withUndefined(one)]))
}

/** Rows in SQLite: what a store of decisions needs of a database. */
export class SqliteRows {
  readonly #db = new DatabaseSync(":memory:")
  readonly #listeners = makeWrittenListeners()
  readonly listen = this.#listeners.listen

  constructor() {
    for (const table of tables) {
      const names = Object.keys(columns[table])
      this.#db.exec(
        `CREATE TABLE ${table} (${["key PRIMARY KEY", "body NOT NULL", ...names].join()})`
      )
    }
    this.#db.exec("CREATE TABLE counters (name PRIMARY KEY, value NOT NULL)")
    this.#db.exec("INSERT INTO counters VALUES ('position', 0), ('fence', 0)")
    this.#db.exec("CREATE TABLE hash_key (sealed NOT NULL)")
  }

  /** Rows of a table. A condition is on its key and on `columns`. */
  select = <T extends Table>(
    table: T,
    where = "true",
    ...values: ReadonlyArray<SQLInputValue>
  ): ReadonlyArray<Tables[T]> =>
    this.#db
      .prepare(`SELECT body FROM ${table} WHERE ${where}`)
      .all(...values)
      .map(({ body }) => withUndefined(JSON.parse(String(body), decode)) as Tables[T])

  one = <T extends Table>(table: T, key: string): Tables[T] | undefined =>
    this.select(table, "key = ?", key)[0]

  get lastPosition(): number {
    const row = this.#db.prepare("SELECT value FROM counters WHERE name = 'position'").get()
    return Number(row?.["value"])
  }

  next = (counter: "position" | "fence"): number => {
    const row = this.#db
      .prepare("UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value")
      .get(counter)
    return Number(row?.["value"])
  }

  get hashKey(): Sealed | undefined {
    const sealed = this.#db.prepare("SELECT sealed FROM hash_key").get()?.["sealed"]
    return sealed === undefined ? undefined : (new Uint8Array(sealed as Uint8Array) as Sealed)
  }

  set hashKey(sealed: Sealed) {
    this.#db.exec("DELETE FROM hash_key")
    this.#db.prepare("INSERT INTO hash_key VALUES (?)").run(sealed)
  }

  write = <T extends Table>({ key, onConflict, row, table }: decide.WriteOf<T>): void => {
    if (row === undefined) {
      this.#db.prepare(`DELETE FROM ${table} WHERE key = ?`).run(key)
      return
    }
    const found: Readonly<Record<string, (row: Tables[T]) => SQLInputValue | undefined>> =
      columns[table]
    const values = [
      key,
      JSON.stringify(encode(row)),
      ...Object.values(found).map((column) => column(row) ?? null)
    ]
    const verb = { replace: "REPLACE", fail: "INSERT", keep: "INSERT OR IGNORE" }[onConflict]
    this.#db
      .prepare(`${verb} INTO ${table} VALUES (${values.map(() => "?").join()})`)
      .run(...values)
  }

  /** SELECT, decide, writes and events, in one transaction. */
  transact = <Success, Failure = never>(
    body: (now: decide.Instant) => decide.Decision<Success, Failure>
  ): Effect.Effect<Success, Failure> =>
    Clock.clockWith((clock) => {
      const now = clock.currentTimeMillisUnsafe()
      this.#db.exec("BEGIN IMMEDIATE")
      try {
        const { answer, events, writes } = body(now)
        for (const event of events) {
          const row = { position: this.next("position"), event, recordedAt: now }
          this.write({ table: "outbox", key: event.id, row, onConflict: "fail" })
        }
        for (const write of writes) this.write(write)
        this.#db.exec("COMMIT")
        if (events.length > 0) this.#listeners.tell("work")
        for (const { row, table } of writes) {
          const written = row && heard[table]
          if (written !== undefined) this.#listeners.tell(written)
        }
        return Effect.fromResult(answer)
      } catch (cause) {
        this.#db.exec("ROLLBACK")
        throw cause
      }
    })

  /** A reading or writing of the hash key, or of a sealed value, alone. */
  atOnce = <A>(body: () => A): Effect.Effect<A> =>
    this.transact(() => ({ writes: [], events: [], answer: Result.succeed(body()) }))
}

const heard: { readonly [T in Table]?: Written } = {
  integrations: "times",
  subscribers: "times",
  revocations: "work"
}
