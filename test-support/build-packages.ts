import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { fileURLToPath } from "node:url"

const workspace = fileURLToPath(new URL("..", import.meta.url))

/** Builds the packages, for tests that use them as a host has them. What is up to date already takes a second. */
export default async (): Promise<void> => {
  await promisify(execFile)(process.execPath, ["scripts/build.ts"], { cwd: workspace })
}
