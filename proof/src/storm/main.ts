import { startPostgres } from "../../../test-support/postgres-server.ts"
import { storm } from "./storm.ts"

const processes = 4
const callers = 100
const expiries = 1_000

const database = await startPostgres({ durable: true })
try {
  console.log(
    `PostgreSQL ${database.version}, fsync and synchronous_commit on: ${processes} processes of ${callers} callers, ${expiries} expiries`
  )
  let shown = 0
  const result = await storm({
    databaseUrl: database.url,
    processes,
    callers,
    grants: 125,
    expiries,
    onProgress: (done) => {
      if (done - shown < 100) return
      shown = done
      console.log(`${done} of ${expiries}`)
    }
  })
  console.table(result)
  const isRight =
    result.refreshes >= expiries &&
    result.needless === 0 &&
    result.reuses === 0 &&
    result.expired === 0 &&
    Object.keys(result.errors).length === 0
  console.log(
    isRight
      ? "Each expiry was refreshed exactly once, nothing was reused, nobody got an expired token."
      : "The storm was not weathered."
  )
  process.exitCode = isRight ? 0 : 1
} finally {
  await database.stop()
}
