import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const packages = fileURLToPath(new URL("../../", import.meta.url))

/** Prints the URL of every module that is loaded for `hawser/client`. */
const program = `
import { registerHooks } from "node:module"
const loaded = []
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    loaded.push(found.url)
    return found
  }
})
const { createClient } = await import("hawser/client")
console.log(JSON.stringify({ loaded, made: Object.keys(createClient({ baseUrl: "" })) }))
`

it("hawser/client loads three files of its own, nothing of Node and nothing of Effect", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@hawser/source", "--input-type=module", "-e", program],
    { cwd: `${packages}hawser` }
  )
  const { loaded, made } = JSON.parse(stdout) as Record<"loaded" | "made", ReadonlyArray<string>>
  expect(loaded.map((url) => fileURLToPath(url).replace(packages, ""))).toEqual([
    "hawser/src/client.ts",
    "http/src/createClient.ts",
    "http/src/returned.ts"
  ])
  expect(made).toContain("completeIfReturned")
})
