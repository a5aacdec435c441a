import { parseArgs } from "node:util"
import { startPostgres } from "../../../test-support/postgres-server.ts"
import { endurance } from "./endurance.ts"

const { values } = parseArgs({ options: { minutes: { type: "string", default: "15" } } })
const minutes = Number(values.minutes)

/** MiB by which the heap may grow: what a few hundred tenants and the program's own notes come to. */
const growth = 16

const database = await startPostgres({ durable: true })
try {
  const figures = await endurance(database, minutes)
  const [first, last] = figures.heap
  const isRight =
    figures.connects > 0 &&
    figures.events >= figures.connects &&
    figures.undelivered === 0 &&
    figures.outOfOrder === 0 &&
    figures.lostConnections === 0 &&
    figures.reuses === 0 &&
    figures.unhandledRejections === 0 &&
    figures.deadWorkers.length === 0 &&
    figures.stuckHandlers === 0 &&
    figures.hookFailures > 0 &&
    Object.values(figures.faults).every((times) => times > 0) &&
    last - first <= growth &&
    figures.closedInMs < 21_000
  console.log(`endurance: ${isRight ? "right" : "wrong"} ${JSON.stringify(figures)}`)
  process.exitCode = isRight ? 0 : 1
} finally {
  await database.stop()
}
