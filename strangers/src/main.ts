import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { findChromium, launchChromium } from "@hawser/example-demo/chromium"
import { packPackages, startRegistry } from "../../scripts/pack-check.ts"
import { main, verify } from "../../scripts/steps.ts"
import { databaseUrl, query } from "../../test-support/postgres-query.ts"
import { startPostgres } from "../../test-support/postgres-server.ts"
import { type Figures, follow } from "./follow.ts"
import { starters } from "./starters.ts"
import { startVendors } from "./vendors.ts"

/** A page that makes a host longer than this is too long. */
const limit = { lines: 20 }

const { values } = parseArgs({ options: { only: { type: "string" } } })
const chosen = values.only?.split(",") ?? Object.keys(starters)
const unknown = chosen.find((name) => starters[name] === undefined)
if (unknown !== undefined)
  throw new Error(`--only= takes some of ${Object.keys(starters).join(",")}, and no "${unknown}".`)

/** As a stranger has it: one framework after the other, each with nothing in npm's cache. */
const strangers = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-strangers-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  const executablePath = await findChromium()
  if (executablePath === undefined) throw new Error("There is no Chromium: set CHROMIUM_PATH.")

  const packages = await packPackages(folder)
  if (packages === undefined) return
  const tarball = packages.find(({ manifest }) => manifest.name === "hawser")?.tarball ?? ""
  const registry = await startRegistry(packages)
  const postgres = await startPostgres()
  const figures: Array<Figures> = []
  for (const framework of chosen) {
    await verify(framework, async () => {
      const vendors = await startVendors()
      const browser = await launchChromium(executablePath, vendors.browserArguments)
      const own = join(folder, framework)
      const npmrc = join(folder, `${framework}.npmrc`)
      mkdirSync(own)
      writeFileSync(
        npmrc,
        `@hawser:registry=${registry.origin}\ncache=${join(folder, `${framework}-cache`)}\nupdate-notifier=false\nfund=false\naudit=false\n`
      )
      try {
        await query(postgres.url, `CREATE DATABASE ${framework}`)
        const found = await follow(framework, {
          browser,
          vendors,
          databaseUrl: databaseUrl(postgres.url, framework),
          folder: own,
          npmrc,
          tarball
        })
        figures.push(found)
        if (found.lines > limit.lines)
          throw new Error(`${found.lines} lines of host code, and ${limit.lines} are allowed.`)
      } finally {
        await browser.close()
        await vendors.close()
        rmSync(own, { recursive: true, force: true })
      }
    })
  }
  await postgres.stop()
  registry.close()
  print(figures)
}

const minutes = (seconds: number): string => (seconds / 60).toFixed(1)

const print = (figures: ReadonlyArray<Figures>): void => {
  console.log(
    "\n| framework | minutes | of which the starter | lines of the host | of the settings page | files |\n|---|---|---|---|---|---|"
  )
  for (const { files, framework, lines, pageLines, pageSeconds, starterSeconds } of figures) {
    const whole = minutes(starterSeconds + pageSeconds)
    console.log(
      `| ${framework} | ${whole} | ${minutes(starterSeconds)} | ${lines} | ${pageLines} | ${files.length}: ${files.join(", ")} |`
    )
  }
}

await main(strangers)
