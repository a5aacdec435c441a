import { spawnSync } from "node:child_process"
import { delimiter } from "node:path"
import { workspace } from "./steps.ts"

/** Runs a program of the workspace in the foreground; if it fails, this process ends as it did. */
export const runHere = (program: string, args: ReadonlyArray<string>): void => {
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
