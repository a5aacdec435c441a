import * as PgClient from "@effect/sql-pg/PgClient"
import { Duration, Effect, Exit, Layer, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { make, SqlClient } from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import { Socket } from "node:net"
import type { PgPool, PgPoolClient } from "./HostClient.ts"
import { pgConnection, pgError } from "./PgConnection.ts"
import { dropping } from "./StatementTimeout.ts"
import { keepAliveMs } from "./UrlClient.ts"

/** A connection that breaks between two statements fails the next one. Without a listener, its event would end the process. */
const heard = (): void => {}

/** A connection of the host's pool, which is released exactly once. */
class Lease {
  readonly client: PgPoolClient
  isOpen = true

  constructor(client: PgPoolClient) {
    this.client = client
    client.on?.("error", heard)
    const stream = client.connection?.stream
    if (stream instanceof Socket) stream.setKeepAlive(true, keepAliveMs)
  }

  end(destroy: boolean): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.client.off?.("error", heard)
    this.client.release(destroy)
  }
}

/** After an interruption, a connection that arrives late is released. */
const checkOut = (pool: PgPool): Effect.Effect<Lease, SqlError> =>
  Effect.callback((resume) => {
    let waits = true
    pool.connect().then(
      (client) => (waits ? resume(Effect.succeed(new Lease(client))) : client.release()),
      (cause: unknown) => resume(Effect.fail(pgError(cause)))
    )
    return Effect.sync(() => {
      waits = false
    })
  })

const lease = (
  pool: PgPool,
  destroys: (exit: Exit.Exit<unknown, unknown>) => boolean
): Effect.Effect<Lease, SqlError, Scope.Scope> =>
  Effect.acquireRelease(
    checkOut(pool),
    (lease, exit) => Effect.sync(() => lease.end(destroys(exit))),
    { interruptible: true }
  )

/**
 * A `pg.Pool` waits for a new connection without limit, and nothing else can end the attempt: each hanging attempt would
 * keep its place in the pool.
 */
const limitAttempts = ({ options }: PgPool, timeout: Duration.Duration) =>
  options === undefined || (options.connectionTimeoutMillis ?? 0) > 0
    ? Effect.void
    : Effect.acquireRelease(
        Effect.sync(() => {
          options.connectionTimeoutMillis = Duration.toMillis(timeout)
        }),
        () =>
          Effect.sync(() => {
            options.connectionTimeoutMillis = 0
          })
      )

/** An `SqlClient` over the host's pool, which stays open when Hawser is closed. */
export const pgPoolClient = (pool: PgPool, timeout: Duration.Duration): Layer.Layer<SqlClient> => {
  const leases = new WeakMap<Connection, Lease>()
  const connected = (lease: Lease): Connection => {
    const connection = dropping(pgConnection(lease.client), timeout, () => lease.end(true))
    leases.set(connection, lease)
    return connection
  }
  return Layer.effect(
    SqlClient,
    Effect.andThen(
      limitAttempts(pool, timeout),
      make({
        // A statement that was interrupted still runs on its connection.
        acquirer: Effect.map(lease(pool, Exit.hasInterrupts), connected),
        // After a failure, the state of the connection is unknown.
        transactionAcquirer: Effect.map(lease(pool, Exit.isFailure), connected),
        // Nothing may be sent on a released connection.
        isTransaction: (connection) => leases.get(connection)?.isOpen === true,
        compiler: PgClient.makeCompiler(),
        driver: "pg",
        spanAttributes: [["db.system.name", "postgresql"]]
      })
    )
  ).pipe(Layer.provide(Reactivity.layer))
}
