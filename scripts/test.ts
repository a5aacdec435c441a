import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join, relative } from "node:path"
import { adoptPostgres } from "../test-support/postgres-adopted.ts"
import { startPostgres } from "../test-support/postgres-server.ts"
import { check } from "./check.ts"
import { packCheck } from "./pack-check.ts"
import { main, record, step, workspace } from "./steps.ts"
import { runVitest } from "./vitest.ts"

const vitest = async (): Promise<void> => {
  const { ok, report } = await runVitest("vitest")
  if (report === undefined) return record("vitest left no report", "failed")

  let failed = 0
  let browserPassed = false
  for (const file of report.testResults) {
    const name = relative(workspace, file.name)
    const failures = file.assertionResults.filter(({ status }) => status === "failed")
    // A file that fails to load, or in a hook of its own, has no failed test to show for it.
    if (file.status === "failed" && failures.length === 0) {
      failed++
      record(name, "failed")
    }
    for (const { fullName, status } of file.assertionResults) {
      if (status === "passed") {
        record(fullName, "passed")
        if (/browser/i.test(name)) browserPassed = true
      } else if (status === "failed") {
        failed++
        record(`${name}: ${fullName}`, "failed")
      } else {
        record(`${name}: ${fullName}`, "skipped")
      }
    }
  }
  // Unhandled errors fail the run without failing a test.
  if (!ok && failed === 0) record("vitest", "failed")
  if (process.env["HAWSER_REQUIRE_BROWSER"] === "1" && !browserPassed) {
    record("the test in a browser must run here", "failed")
  }
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

// With two cores, packing beside the tests would only make both slower.
if (availableParallelism() >= 4) {
  await main(check, async () => {
    await Promise.all([vitest(), packed()])
  })
} else {
  await main(check, vitest, packed)
}
