import { expect, it } from "@effect/vitest"
import {
  type ConnectIntegration,
  ConnectionStore,
  CredentialStore,
  Maintenance,
  ownedBy,
  type TenantId,
  UserId
} from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { Duration, Effect, Fiber, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { connectCommand, connectWithCredential, freshTenant } from "./support/commands.ts"
import { serverClient } from "./support/databases.ts"
import { holdOpen } from "./support/transactions.ts"

const ann = UserId.make("user-ann")

/** A connection of Ann's own. */
const ownCommand = Effect.fnUntraced(function* (tenantId: TenantId) {
  const command: ConnectIntegration = {
    ...(yield* connectCommand(tenantId)),
    owner: ownedBy(ann)
  }
  return command
})

const eraseBy = ({ tenantId, userHash }: ConnectIntegration) =>
  Effect.flatMap(Maintenance, (maintenance) =>
    maintenance.eraseUser({
      tenantId,
      userId: ann,
      userHash,
      by: UserId.make("erased"),
      barredFor: Duration.minutes(90)
    })
  )

/** Until somebody of this database waits for another's lock. */
const untilSomebodyWaits = Effect.gen(function* () {
  const sql = yield* SqlClient
  const waiting = sql`SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  yield* waiting.pipe(
    Effect.repeat({ until: (rows) => rows.length > 0, schedule: Schedule.spaced("10 millis") })
  )
})

const outcomeOf = <R>(effect: Effect.Effect<unknown, { readonly _tag: string }, R>) =>
  Effect.match(effect, { onSuccess: () => "done", onFailure: ({ _tag }) => _tag })

const onServer = Effect.provide(Layer.provideMerge(PostgresStores.layer(), serverClient))

it.live("S-98 erasing waits for a connect that is under way, and then finds it", () =>
  Effect.gen(function* () {
    const connections = yield* ConnectionStore
    const command = yield* ownCommand(freshTenant())
    const connecting = yield* holdOpen(connections.connect(command))
    const erasing = yield* Effect.forkScoped(eraseBy(command))
    yield* untilSomebodyWaits
    yield* connecting.commit
    expect(yield* Fiber.join(erasing)).toMatchObject({ isConnected: true })
  }).pipe(onServer)
)

it.live("S-98 whoever writes at once for one user does not wait for each other", () =>
  Effect.gen(function* () {
    const connections = yield* ConnectionStore
    const tenantId = freshTenant()
    const connecting = yield* holdOpen(connections.connect(yield* ownCommand(tenantId)))
    yield* connections.connect(yield* connectCommand(tenantId))
    yield* connecting.commit
  }).pipe(onServer)
)

/** What a user's write is that began before the user was erased and did not see it. */
const writes = {
  connect: Effect.fnUntraced(function* (command: ConnectIntegration) {
    const connections = yield* ConnectionStore
    return Effect.asVoid(connections.connect(command))
  }),
  "connect with a key": Effect.fnUntraced(function* ({ tenantId }: ConnectIntegration) {
    const connections = yield* ConnectionStore
    return Effect.asVoid(connections.connect(yield* connectWithCredential(tenantId)))
  }),
  "store a key": Effect.fnUntraced(function* ({ tenantId, userHash }: ConnectIntegration) {
    const credentials = yield* CredentialStore
    const command = yield* connectWithCredential(tenantId)
    const stored = yield* credentials.find({ ...command, id: command.with.credentialId })
    yield* credentials.delete({ ...command, id: stored.id })
    return Effect.asVoid(credentials.insert({ ...stored, userHash }))
  }),
  import: Effect.fnUntraced(function* ({ userHash, ...command }: ConnectIntegration) {
    const maintenance = yield* Maintenance
    const { with: granted } = command
    if (granted._tag !== "Grant") return expect.fail("a grant was meant")
    return Effect.asVoid(
      maintenance.importConnection({
        ...command,
        userHashes: [userHash],
        connectedAt: undefined,
        with: granted
      })
    )
  })
}

for (const [name, prepare] of Object.entries(writes))
  it.live(
    `S-98 ${name}: a statement that began before the user was erased sees it, and writes nothing`,
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const command = yield* ownCommand(freshTenant())
        const write = yield* prepare(command)
        const erasing = yield* holdOpen(eraseBy(command))
        const writing = yield* Effect.forkScoped(outcomeOf(write))
        // Its snapshot is from before the commit.
        yield* untilSomebodyWaits
        yield* erasing.commit
        expect(yield* Fiber.join(writing)).toBe("Forbidden")
        const left =
          yield* sql`SELECT 1 FROM hawser.integration WHERE tenant_id = ${command.tenantId}
        UNION ALL SELECT 1 FROM hawser.outbox WHERE tenant_id = ${command.tenantId}`
        expect(left).toHaveLength(0)
      }).pipe(onServer)
  )

it.live("S-98 a write goes on beside the erasing of another user whose fence is the same", () =>
  Effect.gen(function* () {
    const connections = yield* ConnectionStore
    const command = yield* ownCommand(freshTenant())
    const erasing = yield* holdOpen(eraseBy({ ...command, tenantId: freshTenant() }))
    const writing = yield* Effect.forkScoped(outcomeOf(connections.connect(command)))
    yield* untilSomebodyWaits
    yield* erasing.commit
    expect(yield* Fiber.join(writing)).toBe("done")
  }).pipe(onServer)
)
