import {
  type decide,
  type IntegrationEvent,
  type Maintenance,
  makeWrittenListeners,
  type Sealed,
  type Written
} from "@hawser/core"
import { Clock, Effect, Result } from "effect"

type Tables = decide.Tables

/** Everything that the stores keep, by primary key. Rows are replaced, never changed. */
export interface MemoryState {
  readonly tables: { readonly [T in keyof Tables]: Map<string, Tables[T]> }
  /** The key of keyed hashes. */
  hashKey: Sealed | undefined
  lastPosition: number
  lastFence: bigint
  /** Says what was written. */
  readonly tell: (written: Written) => void
  readonly listen: Maintenance["Service"]["listen"]
}

export const emptyState = (): MemoryState => ({
  tables: {
    integrations: new Map(),
    credentials: new Map(),
    flows: new Map(),
    revocations: new Map(),
    brakes: new Map(),
    barred: new Map(),
    outbox: new Map(),
    subscribers: new Map()
  },
  hashKey: undefined,
  lastPosition: 0,
  lastFence: 0n,
  ...makeWrittenListeners()
})

/** The same value with bytes of its own: they are the one thing that a caller could change under the store. */
export const withOwnBytes = <A>(value: A): A => copied(value) as A

const copied = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return value.slice()
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== "object" || value === null) return value
  // Instants and whatever else is of a class cannot be changed.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copied(member)]))
}

/** What wakes whom: an event and tokens to revoke are waited for, the others move the time of the next work. */
const heard: { readonly [T in keyof Tables]?: Written } = {
  integrations: "times",
  subscribers: "times",
  revocations: "work",
  outbox: "work"
}

export const write = <T extends keyof Tables>(
  { tables, tell }: MemoryState,
  { key, onConflict, row, table }: decide.WriteOf<T>
): void => {
  const rows: Map<string, Tables[T]> = tables[table]
  if (row === undefined) rows.delete(key)
  else if (!rows.has(key) || onConflict === "replace") rows.set(key, withOwnBytes(row))
  // A second row under one key is a defect, as it is to a database: trying again would be refused again.
  else if (onConflict === "fail") throw new Error(`a row of ${table} with this key exists`)
  const written = row && heard[table]
  if (written !== undefined) tell(written)
}

const record = (state: MemoryState, event: IntegrationEvent, recordedAt: decide.Instant): void => {
  state.lastPosition += 1
  const row = { position: state.lastPosition, event, recordedAt }
  write(state, { table: "outbox", key: event.id, row, onConflict: "fail" })
}

/**
 * One command on the state, at one instant. The body is synchronous, so no other fibre sees half of it: what a
 * transaction is to a database.
 */
export const atomically = <Success, Failure = never>(
  state: MemoryState,
  body: (now: decide.Instant) => decide.Decision<Success, Failure>
): Effect.Effect<Success, Failure> =>
  Clock.clockWith((clock) => {
    const now = clock.currentTimeMillisUnsafe()
    const { answer, events, writes } = body(now)
    // A database has no part of a command that fails; events come first, because an id may be there already.
    for (const event of events) record(state, event, now)
    for (const one of writes) write(state, one)
    return Effect.fromResult(Result.map(answer, withOwnBytes))
  })
