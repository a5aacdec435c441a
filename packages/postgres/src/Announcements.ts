import { makeWrittenListeners, type Written } from "@hawser/core"
import { Effect, Queue, Schedule, type Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { createHash } from "node:crypto"
import type { Database } from "./Database.ts"
import type { Tables } from "./Namespace.ts"

/** A connection of the workers, beside those of the pool. */
export interface WorkersConnection {
  /** The id of the server process at the start. */
  readonly processId: number
  readonly run: Database["run"]
  /** Listens to a channel. The returned stream ends when the connection is lost. */
  readonly listen: (
    channel: string,
    heard: (processId: number) => void
  ) => Effect.Effect<Effect.Effect<never, SqlError>, SqlError, Scope.Scope>
}

/** The channel of one set of tables, hashed: PostgreSQL limits a name to 63 bytes, and a table's name with its schema may be longer. */
export const channelOf = ({ outbox }: Tables): string =>
  `hawser_${createHash("sha256").update(outbox).digest("hex").slice(0, 32)}`

/** All writes within this time become one announcement. */
const coalescedFor = "50 millis"

export const announcement = "SELECT pg_notify($1, '')"

/** Reports a write to listeners in this process, and announces it to other processes. */
export interface Announcements {
  readonly tell: (written: Written) => Effect.Effect<void>
  readonly listen: (heard: (written: Written) => void) => Effect.Effect<void, never, Scope.Scope>
  /** Whether writes of other processes are heard. Sends a statement, so that a dead connection is noticed. */
  readonly hearsOthers: Effect.Effect<boolean>
}

/** For a process that no other shares its database with. */
export const ownAnnouncements = (): Announcements => {
  const { listen, tell } = makeWrittenListeners()
  return {
    tell: (written) => Effect.sync(() => tell(written)),
    listen,
    hearsOthers: Effect.succeed(true)
  }
}

/**
 * Announcements by NOTIFY, after the commit: inside the transaction, its lock would serialise all commits of the database
 * (PostgreSQL, NOTIFY). Processes hear them by LISTEN on the workers' own connection, if the host's client allows one.
 */
export const makeAnnouncements = Effect.fnUntraced(function* (
  run: Database["run"],
  channel: string,
  open: Effect.Effect<WorkersConnection, SqlError, Scope.Scope> | undefined
): Effect.fn.Return<Announcements, never, Scope.Scope> {
  const own = ownAnnouncements()
  const news = yield* Queue.sliding<void>(1)
  let connection: WorkersConnection | undefined

  // On the workers' connection, the server process identifies this process's own announcements.
  const announce = Effect.suspend(() => (connection?.run ?? run)(announcement, [channel]))
  yield* Queue.take(news).pipe(
    // Delivery is not guaranteed: a process that misses it finds out at its next look.
    Effect.andThen(Effect.ignore(announce)),
    Effect.andThen(Effect.sleep(coalescedFor)),
    Effect.forever,
    Effect.forkScoped
  )

  const keepListening = (heard: (written: Written) => void) =>
    open === undefined
      ? Effect.void
      : Effect.gen(function* () {
          const opened = yield* open
          const [session] = yield* opened.run<{ readonly pid: number }>(
            "SELECT pg_backend_pid() AS pid",
            []
          )
          // Behind a pooler, the next statement may run in another server process, which does not listen.
          if (session?.pid !== opened.processId) return
          const lost = yield* opened.listen(channel, (processId) => {
            if (processId !== opened.processId) heard("work")
          })
          connection = opened
          yield* Effect.addFinalizer(() =>
            Effect.sync(() => {
              connection = undefined
            })
          )
          // Announcements from before it listened.
          heard("work")
          return yield* lost
        }).pipe(
          Effect.scoped,
          Effect.retry(
            Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")])
          )
        )

  return {
    tell: (written) =>
      Effect.andThen(
        own.tell(written),
        Effect.sync(() => {
          if (written === "work") Queue.offerUnsafe(news, undefined)
        })
      ),
    listen: (heard) =>
      Effect.andThen(own.listen(heard), Effect.asVoid(Effect.forkScoped(keepListening(heard)))),
    hearsOthers: Effect.suspend(() =>
      connection === undefined
        ? Effect.succeed(false)
        : connection.run("SELECT 1", []).pipe(
            Effect.as(true),
            Effect.orElseSucceed(() => false)
          )
    )
  }
})

/**
 * The same database, which announces its writes after the commit. It recognises by the tables in a statement whether the
 * write creates work for a waiting worker, or only moves an instant.
 */
export const announcing = (
  database: Database,
  { deliveryRetry, oauthGrant, outbox, revocation, subscriber }: Tables,
  afterCommit: (effect: Effect.Effect<void>) => Effect.Effect<void>,
  tell: Announcements["tell"]
): Database => {
  const work = writing([outbox, revocation])
  const times = writing([oauthGrant, deliveryRetry, revocation, subscriber])
  const kinds = new Map<string, Written>(
    Object.values(database.statements).flatMap((statement): ReadonlyArray<[string, Written]> => {
      if (work.test(statement)) return [[statement, "work"]]
      return times.test(statement) ? [[statement, "times"]] : []
    })
  )
  return {
    ...database,
    run: <Row extends object>(statement: string, parameters: ReadonlyArray<unknown>) => {
      const written = kinds.get(statement)
      const rows = database.run<Row>(statement, parameters)
      return written === undefined ? rows : Effect.tap(rows, () => afterCommit(tell(written)))
    }
  }
}

/** Matches statements that write to one of these tables. */
export const writing = (tables: ReadonlyArray<string>): RegExp =>
  new RegExp(`(?:INSERT INTO|UPDATE) (?:${tables.join("|").replaceAll(".", "\\.")})`)
