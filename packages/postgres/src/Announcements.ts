import { makeWrittenListeners, type Written } from "@hawser/core"
import { Effect, Queue, Schedule, type Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { createHash } from "node:crypto"
import type { Database } from "./Database.ts"
import type { Tables } from "./Namespace.ts"

/** One of the workers' own, beside those of the pool. */
export interface WorkersConnection {
  /** Of the server's process that it has begun with. */
  readonly processId: number
  readonly run: Database["run"]
  /** Hears of what processes announce on a channel. What it gives ends when the connection is lost. */
  readonly listen: (
    channel: string,
    heard: (processId: number) => void
  ) => Effect.Effect<Effect.Effect<never, SqlError>, SqlError, Scope.Scope>
}

/** The channel of one set of tables: a name of PostgreSQL's has 63 bytes, and a table's with its schema may have more. */
export const channelOf = ({ outbox }: Tables): string =>
  `hawser_${createHash("sha256").update(outbox).digest("hex").slice(0, 32)}`

/** What is written within this time is one announcement. */
const coalescedFor = "50 millis"

export const announcement = "SELECT pg_notify($1, '')"

/** What was written, told to who listens in this process and announced to the others. */
export interface Announcements {
  readonly tell: (written: Written) => Effect.Effect<void>
  readonly listen: (heard: (written: Written) => void) => Effect.Effect<void, never, Scope.Scope>
  /** Whether what other processes write is heard of. Asks the connection, so that a silent one is found. */
  readonly hearsOthers: Effect.Effect<boolean>
}

/** Within a process that has the database for itself. */
export const ownAnnouncements = (): Announcements => {
  const { listen, tell } = makeWrittenListeners()
  return {
    tell: (written) => Effect.sync(() => tell(written)),
    listen,
    hearsOthers: Effect.succeed(true)
  }
}

/**
 * Announcements by NOTIFY, after the commit: within the transaction, its lock would have all commits of the database wait
 * for each other (PostgreSQL, NOTIFY). They are heard by LISTEN on the workers' own connection, if there can be one.
 */
export const makeAnnouncements = Effect.fnUntraced(function* (
  run: Database["run"],
  channel: string,
  open: Effect.Effect<WorkersConnection, SqlError, Scope.Scope> | undefined
): Effect.fn.Return<Announcements, never, Scope.Scope> {
  const own = ownAnnouncements()
  const news = yield* Queue.sliding<void>(1)
  let connection: WorkersConnection | undefined

  // On the workers' own connection it is known by its process, and not taken for another's.
  const announce = Effect.suspend(() => (connection?.run ?? run)(announcement, [channel]))
  yield* Queue.take(news).pipe(
    // Nobody is sure to hear it: whoever does not finds out when it asks again.
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
          // A pooler in between gives the next statement another process, which does not listen.
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
          // What was announced before it listened.
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
 * The same database, which tells of what it has written once it is committed. Tables are known by their names in the
 * statement: what leads to work for somebody who waits, and what only moves a time.
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

/** Statements that put something into one of these tables. */
export const writing = (tables: ReadonlyArray<string>): RegExp =>
  new RegExp(`(?:INSERT INTO|UPDATE) (?:${tables.join("|").replaceAll(".", "\\.")})`)
