import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { runHere } from "./runHere.ts"
import { workspace } from "./steps.ts"

/** TypeScript's errors and Effect's, from one program, which remembers what it has checked. */
const folder = `${workspace}node_modules/.cache/hawser`
mkdirSync(folder, { recursive: true })
const compiler = execFileSync("effect-tsgo", ["get-exe-path"], { encoding: "utf8" }).trim()
runHere(compiler, [
  "-p",
  "tsconfig.json",
  "--incremental",
  "--tsBuildInfoFile",
  `${folder}/types.tsbuildinfo`
])
