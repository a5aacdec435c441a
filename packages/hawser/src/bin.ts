#!/usr/bin/env node
import { spawnSync } from "node:child_process"
import { createRequire, enableCompileCache } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

/**
 * `npx hawser`. The command line is a package of its own, @hawser/cli, with what is for development only: it would be 30 MB in
 * every host. This finds the one that is installed, or has npm fetch it, in this version.
 */

const here = createRequire(import.meta.url)
const { version } = here("../package.json") as { readonly version: string }
const name = "@hawser/cli"

/** The installed one: the host's own, or the one beside this package. */
const installed = (): string | undefined => {
  for (const require of [createRequire(join(process.cwd(), "package.json")), here]) {
    try {
      return join(require.resolve(`${name}/package.json`), "../dist/main.js")
    } catch {
      // Not there.
    }
  }
  return undefined
}

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== "" && value !== "false"

/** Where npm has put the package: in its own cache, as for everything that npx runs. */
const fetched = (): string => {
  // What serves or builds takes nothing that its lock file does not name.
  if (isSet(process.env["CI"]) || process.env["NODE_ENV"] === "production") {
    return fail(
      `Error: ${name} is not installed here, and this machine builds or serves: nothing is fetched.\nNext: npm install --save-dev ${name}@${version}`
    )
  }
  process.stderr.write(`${name} ${version} is not installed here: npm fetches it into its cache.\n`)
  const asked = spawnSync(
    "npm",
    ["exec", "--yes", `--package=${name}@${version}`, "--", "hawser-cli", "--where"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], shell: process.platform === "win32" }
  )
  const main = asked.stdout?.trim().split("\n").at(-1)
  if (asked.status === 0 && main !== undefined) return main
  return fail(
    `Error: ${name} cannot be fetched.\nNext: look at what npm says above, or npm install --save-dev ${name}@${version}`
  )
}

enableCompileCache()
const main = installed() ?? fetched()
process.argv[1] = main
await import(pathToFileURL(main).href).catch((error: unknown) => {
  const said = error instanceof Error ? error.message : String(error)
  fail(`Error: ${fileURLToPath(pathToFileURL(main))} does not run: ${said}`)
})
