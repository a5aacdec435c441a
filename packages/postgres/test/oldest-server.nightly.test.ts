import { postgres } from "@hawser/postgres"
import { storeConformance } from "@hawser/testing"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { expect, it } from "vitest"
import { startPostgres } from "../../../test-support/postgres-server.ts"
import { advance } from "./support/advance.ts"
import { clientOf } from "./support/databases.ts"
import { quietEventBus } from "./support/quiet.ts"

// The binaries of the oldest version come from npm for the platform of CI alone (package.json).
const isHere = process.platform === "linux" && process.arch === "x64"

const oldestServer = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => startPostgres({ version: "15" })),
    ({ stop }) => Effect.promise(stop)
  ),
  ({ url }) => url
)

it("PostgreSQL 15, the oldest supported, is the one that is tested", async ({ skip }) => {
  if (!isHere) skip("no binaries of PostgreSQL 15 for this platform")
  const version = Effect.gen(function* () {
    const sql = yield* SqlClient
    return yield* sql.unsafe("SELECT current_setting('server_version_num')::int / 10000 AS major")
  })
  const rows = await Effect.gen(function* () {
    return yield* Effect.provide(version, clientOf(yield* oldestServer))
  }).pipe(Effect.scoped, Effect.runPromise)
  expect(rows).toStrictEqual([{ major: 15 }])
})

if (isHere) {
  storeConformance("PostgreSQL 15", {
    layer: Layer.unwrap(
      Effect.map(oldestServer, (url) =>
        quietEventBus.pipe(
          Layer.provideMerge(postgres({ url }).layer),
          Layer.provideMerge(clientOf(url))
        )
      )
    ),
    advance,
    timeout: 60_000
  })
}
