import { readFileSync, writeFileSync } from "node:fs"
import { openApi } from "../packages/http/src/openApi.ts"

/** Writes docs/openapi.json, or, with `--check`, fails where it is not what the declaration says. */
const file = new URL("../docs/openapi.json", import.meta.url)
const document = `${JSON.stringify(openApi(), null, 2)}\n`

if (!process.argv.includes("--check")) {
  writeFileSync(file, document)
} else if (readFileSync(file, "utf8") !== document) {
  console.log("docs/openapi.json is stale: run `pnpm docs:openapi` and commit what it writes.")
  process.exitCode = 1
}
