import { spawnSync } from "node:child_process"
import { delimiter } from "node:path"
import { workspace } from "./steps.ts"

const run = (program: string, args: ReadonlyArray<string>): void => {
  const { error, status } = spawnSync(program, args, {
    cwd: workspace,
    env: {
      ...process.env,
      PATH: `${workspace}node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`
    },
    shell: process.platform === "win32",
    stdio: "inherit"
  })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// The packages are measured as hosts get them, built; what they are compared with is installed here and nowhere else.
run("tsc", ["-b", "tsconfig.build.json"])
run("npx", [
  "--yes",
  "pnpm@12",
  "--dir",
  "bench",
  "install",
  "--ignore-workspace",
  "--frozen-lockfile",
  "--reporter=silent"
])
run("tsc", ["-p", "bench"])
run("node", ["bench/src/main.ts", ...process.argv.slice(2)])
