import { describe, expect, it } from "@effect/vitest"
import { ConnectionStore, CredentialStore, Maintenance, type Sealed } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Duration, Effect } from "effect"
import type { Pool } from "pg"
import {
  connectCommand,
  connectWithCredential,
  disconnect,
  freshTenant
} from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"

/** The tables in which a row, whole, has these bytes. */
const tablesWith = Effect.fnUntraced(function* (pool: Pool, sealed: Sealed) {
  const bytes = Buffer.from(sealed).toString("hex")
  const query = (text: string) =>
    Effect.promise(async () => {
      const { rows } = await pool.query<{ readonly name: string }>(text)
      return rows
    })
  const tables = yield* query(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'hawser'::regnamespace AND relkind = 'r' ORDER BY 1"
  )
  expect(tables.length).toBeGreaterThan(8)
  const found: Array<string> = []
  for (const { name } of tables) {
    const rows = yield* query(`SELECT FROM hawser.${name} t WHERE t::text LIKE '%${bytes}%'`)
    if (rows.length > 0) found.push(name)
  }
  return found
})

describe("S-46 what is destroyed leaves no ciphertext and no data key in any table", () => {
  it.live(
    "a disconnected integration's tokens wait in the queue of revocations, and then nowhere",
    () =>
      Effect.gen(function* () {
        const url = yield* freshDatabase
        const pool = yield* hostPool(url, { max: 1 })
        yield* Effect.gen(function* () {
          const connections = yield* ConnectionStore
          const maintenance = yield* Maintenance
          const tenantId = freshTenant()
          const command = yield* connectCommand(tenantId)
          if (command.with._tag !== "Grant") return expect.fail("an OAuth2 connection was meant")
          const { accessToken, refreshToken } = command.with.grant
          yield* connections.connect(command)
          const tokens = [accessToken, refreshToken ?? expect.fail("no refresh token")]
          for (const token of tokens)
            expect(yield* tablesWith(pool, token)).toStrictEqual(["oauth_grant"])
          yield* disconnect(tenantId)
          for (const token of tokens)
            expect(yield* tablesWith(pool, token)).toStrictEqual(["revocation"])
          const [queued] = yield* maintenance.claimRevocations({
            limit: 1,
            hold: Duration.seconds(10)
          })
          yield* maintenance.removeRevocation(queued ?? expect.fail("nothing is queued"))
          for (const token of tokens) expect(yield* tablesWith(pool, token)).toStrictEqual([])
        }).pipe(Effect.provide(postgres({ url }).layer))
      })
  )

  it.live("a deleted API key, and the one that a disconnected integration was connected with", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const pool = yield* hostPool(url, { max: 1 })
      yield* Effect.gen(function* () {
        const credentials = yield* CredentialStore
        const connections = yield* ConnectionStore
        for (const end of ["delete", "disconnect"] as const) {
          const tenantId = freshTenant()
          const command = yield* connectWithCredential(tenantId)
          const key = { ...command, id: command.with.credentialId }
          const { sealedFields } = yield* credentials.find(key)
          expect(yield* tablesWith(pool, sealedFields)).toStrictEqual(["credential"])
          if (end === "delete") yield* credentials.delete(key)
          else {
            yield* connections.connect(command)
            yield* disconnect(tenantId)
          }
          expect([end, yield* tablesWith(pool, sealedFields)]).toStrictEqual([end, []])
        }
      }).pipe(Effect.provide(postgres({ url }).layer))
    })
  )
})
