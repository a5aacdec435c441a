import { describe, expect, it } from "@effect/vitest"
import { AlreadyConnected, ConfigurationError, Maintenance } from "@hawser/core"
import { pglite } from "@hawser/postgres"
import { PgliteClient } from "@hawser/postgres/effect"
import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { createPGlite } from "../../../test-support/pglite.ts"
import { lockFolder } from "../src/FolderLock.ts"
import { pgliteDuplex } from "../src/PgliteDuplex.ts"
import { connect, freshTenant } from "./support/commands.ts"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "hawser-pglite-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

describe("PGlite in a folder", () => {
  it.live(
    "keeps what was stored, makes the folders on the way, and gives the folder free when it closes",
    Effect.fnUntraced(function* () {
      const dataDir = join(yield* temporaryFolder, "some/where")
      const tenant = freshTenant()
      yield* Effect.gen(function* () {
        yield* connect(tenant)
        const { askAgainIn } = yield* (yield* Maintenance).dueTimes({
          subscribers: [],
          eventRetention: Duration.days(7),
          unusedCredentialRetention: undefined
        })
        // Nobody else can write to it.
        expect(Duration.toSeconds(askAgainIn)).toBe(30)
      }).pipe(Effect.provide(pglite({ dataDir }).layer))
      expect(existsSync(`${dataDir}.lock`)).toBe(false)
      const again = yield* Effect.flip(
        connect(tenant).pipe(Effect.provide(pglite({ dataDir }).layer))
      )
      expect(again).toBeInstanceOf(AlreadyConnected)
    }),
    60_000
  )
})

describe("The lock of a folder", () => {
  const holder = (overrides: object): string =>
    JSON.stringify({ pid: process.pid, host: hostname(), token: "another", ...overrides })

  /** A process that has ended. */
  const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid

  it.live(
    "keeps a second opener out, in this process too, with a sentence that names the first",
    Effect.fnUntraced(function* () {
      const folder = join(yield* temporaryFolder, "data")
      yield* lockFolder(folder)
      const error = yield* Effect.flip(lockFolder(folder))
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.message).toContain(`is open in process ${process.pid} on ${hostname()}`)
    })
  )

  it.live(
    "keeps out whoever comes while another process holds it",
    Effect.fnUntraced(function* () {
      const folder = join(yield* temporaryFolder, "data")
      writeFileSync(`${folder}.lock`, holder({ pid: process.ppid }))
      expect((yield* Effect.flip(lockFolder(folder))).message).toContain(`process ${process.ppid}`)
      writeFileSync(`${folder}.lock`, holder({ host: "another-machine", pid: deadPid() }))
      expect((yield* Effect.flip(lockFolder(folder))).message).toContain("another-machine")
    })
  )

  it.live.each<readonly [string, () => string]>([
    ["a process that has ended", () => holder({ pid: deadPid() })],
    ["an earlier process with this one's pid, as in a container", () => holder({})],
    [
      "an earlier process whose pid another has now",
      () => holder({ pid: process.ppid, started: "1" })
    ],
    ["a file that was cut off", () => '{"pid":']
  ])("does not count when it is left by %s", ([, left]) =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "data")
      writeFileSync(`${folder}.lock`, left())
      yield* lockFolder(folder)
      expect(JSON.parse(readFileSync(`${folder}.lock`, "utf8"))).toMatchObject({ pid: process.pid })
    })
  )
})

describe("The wire to PGlite", () => {
  it.live(
    "forgets a lost connection's transaction and prepared statements, as a server does",
    Effect.fnUntraced(function* () {
      const db = yield* Effect.acquireRelease(
        Effect.promise(() => createPGlite()),
        (db) => Effect.promise(() => db.close())
      )
      yield* Effect.promise(() => db.exec("CREATE TABLE written (id int)"))
      const lost = pgliteDuplex(db)
      const until = (type: string) =>
        new Promise<void>((resolve) => {
          lost.on("data", (data: Buffer) => {
            if (data.toString("latin1").includes(type)) resolve()
          })
        })
      const startup = Buffer.from(
        "\0\0\0\0\0\x03\0\0user\0postgres\0database\0postgres\0\0",
        "latin1"
      )
      startup.writeInt32BE(startup.length)
      const query = (sql: string): Buffer => {
        const message = Buffer.from(`Q\0\0\0\0${sql}\0`, "latin1")
        message.writeInt32BE(message.length - 1, 1)
        return message
      }
      lost.write(startup)
      lost.write(query("BEGIN; PREPARE kept AS SELECT 1; INSERT INTO written VALUES (1)"))
      yield* Effect.promise(() => until("INSERT 0 1"))
      yield* Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            lost.once("close", resolve)
            lost.destroy()
          })
      )
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        expect(yield* sql`SELECT id FROM written`).toStrictEqual([])
        expect(
          yield* sql`SELECT name FROM pg_prepared_statements WHERE name = 'kept'`
        ).toStrictEqual([])
      }).pipe(Effect.provide(PgliteClient.layerFrom(db)))
    }),
    60_000
  )
})
