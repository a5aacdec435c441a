import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { fileURLToPath } from "node:url"

const workspace = fileURLToPath(new URL("..", import.meta.url))
const tsc = `${workspace}node_modules/typescript/bin/tsc`

/** Compiles the packages, for tests that use them as a host has them. What is up to date already takes a second. */
export default async (): Promise<void> => {
  await promisify(execFile)(process.execPath, [tsc, "-b", "tsconfig.build.json"], {
    cwd: workspace
  })
}
