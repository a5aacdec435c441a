import * as PgClient from "@effect/sql-pg/PgClient"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { Context, Duration, Effect, Layer, Pool, Queue, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { make, SqlClient } from "effect/sql/SqlClient"
import type { Borrower, Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import { connect, type Socket } from "node:net"
import type { WorkersConnection } from "./Announcements.ts"
import type { ConnectionTarget } from "./ConnectionUrl.ts"
import { LentConnections } from "./DatabaseClient.ts"
import { dropping, droppedAfter } from "./StatementTimeout.ts"

export interface UrlClientOptions {
  readonly target: ConnectionTarget
  readonly maxConnections: number | undefined
  /** Whether statements stay prepared on their connection. */
  readonly prepare: boolean
  readonly timeout: Duration.Duration
}

/** One connection of the pool, and the socket below it. */
interface Session {
  readonly connection: PgConnection.PgConnection
  readonly socket: Socket
  /** The connection as it is lent: dropped by any statement that is not answered in time. */
  readonly lent: Connection
}

const connectTimeout = Duration.seconds(5)
const idleTimeout = Duration.seconds(60)
/** After this time without traffic the kernel asks whether the other end is still there. */
export const keepAliveMs = 10_000

const ignore = (): void => {}

const dial = ({ host, port }: ConnectionTarget, within: Duration.Duration): Socket => {
  const socket = host.startsWith("/")
    ? connect(`${host}/.s.PGSQL.${port}`)
    : connect({
        host,
        port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveMs,
        // Node gives each address of a name 250 ms, which a busy process can use up by itself.
        autoSelectFamilyAttemptTimeout: Duration.toMillis(within) / 2
      })
  // Who uses the socket stops listening before it is closed; unheard, its error would end the process.
  return socket.on("error", ignore)
}

const open = Effect.fnUntraced(function* ({ prepare, target, timeout }: UrlClientOptions) {
  const within = [target.connectTimeout ?? connectTimeout, connectTimeout, timeout].reduce(
    (one, other) => Duration.min(one, other)
  )
  const dialed: Array<Socket> = []
  const connection = yield* PgConnection.make({
    ...target.session,
    host: target.host,
    prepare,
    connectTimeout: within,
    // Called again when a statement is to be cancelled, which has a socket of its own.
    stream: () => {
      const socket = dial(target, within)
      dialed.push(socket)
      return socket
    }
  })
  const [socket] = dialed
  if (socket === undefined) return yield* Effect.die("a connection without a socket")
  // A farewell that nobody takes must not keep the process alive.
  yield* Effect.addFinalizer(() => Effect.sync(() => socket.unref()))
  const lent = dropping(plain(connection), timeout, () => socket.destroy())
  return { connection, socket, lent } satisfies Session
})

const plain = (connection: PgConnection.PgConnection): Connection => {
  const rows =
    (prepare: boolean): Connection["execute"] =>
    (text, parameters, transform) =>
      Effect.map(connection.query(text, parameters, prepare), ({ rows }) =>
        transform === undefined ? rows : transform(rows)
      )
  return {
    execute: rows(true),
    executeUnprepared: rows(false),
    executeRaw: (text, parameters) => connection.query(text, parameters),
    executeValues: (text, parameters) => connection.queryValues(text, parameters),
    executeValuesUnprepared: (text, parameters) => connection.queryValues(text, parameters, false),
    executeStream: (text, parameters) => connection.stream(text, parameters)
  }
}

const makePool = Effect.fnUntraced(function* (options: UrlClientOptions) {
  const runFork = Effect.runForkWith(yield* Effect.context())
  const pool: Pool.Pool<Session, SqlError> = yield* Pool.makeWithTTL({
    acquire: Effect.tap(open(options), (session) => {
      const retire = () => runFork(Pool.invalidate(pool, session))
      session.socket.once("close", retire)
      return Effect.addFinalizer(() => Effect.sync(() => session.socket.off("close", retire)))
    }),
    min: 0,
    max: options.maxConnections ?? 10,
    timeToLive: idleTimeout,
    timeToLiveStrategy: "usage"
  })
  return pool
})

/** One more connection, for the workers alone. */
export const workersConnection = (
  options: UrlClientOptions
): Effect.Effect<WorkersConnection, SqlError, Scope.Scope> =>
  Effect.gen(function* () {
    const { connection, socket } = yield* open(options)
    const drop = () => void socket.destroy()
    const own = yield* connection.pin
    const bounded = dropping(plain(own), options.timeout, drop)
    return {
      processId: connection.processId,
      run: (statement, parameters) => bounded.execute(statement, parameters, undefined),
      listen: Effect.fnUntraced(function* (channel, heard) {
        const announced = yield* droppedAfter(own.listen(channel), options.timeout, drop)
        // Whoever stops listening would wait for an answer to UNLISTEN, which may not come.
        yield* Effect.addFinalizer(() => Effect.sync(drop))
        return Effect.forever(
          Effect.map(Queue.take(announced), ({ processId }) => heard(processId))
        )
      })
    }
  })

/**
 * An `SqlClient` over connections of its own. Not `PgClient`, whose sockets cannot be reached: one that is silent would
 * be held for five seconds more.
 */
export const urlClient = (options: UrlClientOptions): Layer.Layer<SqlClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const pool = yield* makePool(options)
      const borrower: Borrower = (use) => Pool.use(pool, ({ lent }) => use(lent))
      const client = yield* make({
        acquirer: Effect.map(Pool.get(pool), ({ lent }) => lent),
        borrower,
        prepareTransactionControls: true,
        compiler: PgClient.makeCompiler(),
        driver: "pg",
        spanAttributes: [["db.system.name", "postgresql"]]
      })
      return Context.make(SqlClient, client).pipe(Context.add(LentConnections, borrower))
    })
  ).pipe(Layer.provide(Reactivity.layer))
