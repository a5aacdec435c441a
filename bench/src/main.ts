import { randomBytes } from "node:crypto"
import { availableParallelism } from "node:os"
import { Pool } from "pg"
import { startPostgres } from "../../test-support/postgres-server.ts"
import { audience, issuer, makeCallers } from "./callers.ts"
import { startContender } from "./ContenderProcess.ts"
import { startHawser } from "./hawser.ts"
import { measure, scenarios, type World } from "./scenarios.ts"
import type { ContenderName, Mount, Settings } from "./settings.ts"

const quick = process.argv.includes("--quick")
const concurrency = 8
const rounds = quick ? 2 : 9

const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2
}

const server = await startPostgres({ durable: true })
const database = new Pool({ connectionString: server.url, max: 2 })
// A connection that is ending when the server stops is told so.
database.on("error", () => {})
const { callers, jwks } = await makeCallers(500)
const redirectUrl = "https://app.example.com/settings/integrations"
const world: World = { database, callers, redirectUrl }

const settingsOf = (contender: ContenderName, mount: Mount): Settings => ({
  contender,
  mount,
  databaseUrl: server.url,
  schema: `${contender.replace("-", "_")}_${mount}`,
  issuer,
  audience,
  jwks,
  encryptionKey: randomBytes(32).toString("base64"),
  publicUrl: "https://app.example.com",
  redirectUrl,
  tokenEndpoint: "http://127.0.0.1:9/token"
})

const contenders = []
for (const mount of ["node", "express"] as const) {
  for (const name of ["hawser", "by-hand"] as const) {
    const settings = settingsOf(name, mount)
    // What is written by hand uses the same tables.
    if (name !== "hawser") await (await startHawser(settings)).close()
    contenders.push(await startContender(settings))
  }
}

console.log(
  `${availableParallelism()} cores, node ${process.version}, PostgreSQL ${server.version}`
)
for (const scenario of scenarios) {
  const results = contenders.map(() => new Array<Awaited<ReturnType<typeof measure>>>())
  for (let round = -1; round < rounds; round++) {
    for (const [at, contender] of contenders.entries()) {
      const result = await measure(scenario, world, contender, {
        concurrency,
        count: scenario.requests
      })
      if (round >= 0) results[at]?.push(result)
    }
  }
  for (const [at, { settings }] of contenders.entries()) {
    const of = results[at] ?? []
    console.log(
      scenario.name,
      settings.contender,
      settings.mount,
      `${median(of.map(({ rate }) => rate)).toFixed(0)}/s`,
      `${median(of.map(({ cpu }) => cpu)).toFixed(2)} ms CPU`,
      `p50 ${median(of.flatMap(({ latencies }) => latencies)).toFixed(2)} ms`
    )
  }
}

for (const contender of contenders) await contender.close()
await database.end()
await server.stop()
