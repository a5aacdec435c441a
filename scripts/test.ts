import { randomInt } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { adoptPostgres } from "../test-support/postgres-adopted.ts"
import { startPostgres } from "../test-support/postgres-server.ts"
import { check } from "./check.ts"
import { packCheck } from "./pack-check.ts"
import { main, record, step } from "./steps.ts"
import { recordVitest, runVitest } from "./vitest.ts"

const vitest = async (): Promise<void> => {
  // Which providers are played beside those that were changed; the test command says how to play the same again.
  const seed = (process.env["HAWSER_SEED"] ??= String(randomInt(1_000_000)))
  console.log(`\nHAWSER_SEED=${seed} plays the same sample of providers again`)
  const result = await runVitest("vitest")
  recordVitest(result)
  if (process.env["HAWSER_REQUIRE_BROWSER"] !== "1") return
  const browser = result.report?.testResults.find(({ name }) => /browser/i.test(name))
  if (browser?.assertionResults.some(({ status }) => status === "passed") !== true)
    record("the test in a browser must run here", "failed")
}

/** The demo's story, first as a newcomer runs it, then on a PostgreSQL of its own. */
const demo = async (): Promise<void> => {
  const args = ["--conditions=@hawser/source", "examples/demo/src/check.ts"]
  const timeoutMs = 120_000
  await step("demo:check on PGlite", "node", args, { timeoutMs, env: { DATABASE_URL: undefined } })
  const given = process.env["DATABASE_URL"]
  const server = await (given === undefined || given === ""
    ? startPostgres()
    : adoptPostgres(given))
  try {
    await step("demo:check on PostgreSQL", "node", args, {
      timeoutMs,
      env: { DATABASE_URL: server.url }
    })
  } finally {
    await server.stop()
  }
}

/** What CONTRIBUTING.md has a newcomer do, for two providers that nobody knows. */
const newProviders = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "hawser-catalog-"))
  try {
    for (const auth of ["oauth2", "api_key"]) {
      await step(`providers:add by ${auth}`, "node", [
        "--conditions=@hawser/source",
        "scripts/providers.ts",
        "add",
        `made-up-${auth.replace("_", "-")}`,
        `--auth=${auth}`,
        `--folder=${folder}`
      ])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const packed = async (): Promise<void> => {
  await newProviders()
  await demo()
  await packCheck()
}

// Many tests wait for a database or a process: what checking and packing need of the cores is free then. Both the tests
// and the packages need the build, which is a step of `check`.
await main(async () => {
  const built = Promise.withResolvers<void>()
  const checked = check(built.resolve)
  const ends = await Promise.allSettled([
    Promise.race([built.promise, checked]).then(vitest),
    checked.then(packed)
  ])
  for (const end of ends) if (end.status === "rejected") throw end.reason
})
