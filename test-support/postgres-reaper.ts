/**
 * Outlives the process that started a test PostgreSQL, by the length of one clean-up: when its
 * stdin ends, for whatever reason, it ends the server of that folder and removes the folder.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const root = process.argv[2]
if (root === undefined || !root.includes("hawser-pg-")) throw new Error("Give the server's folder")

process.stdin.resume()
await new Promise((resolve) => process.stdin.once("close", resolve))

for (let attempt = 0; attempt < 50 && existsSync(root); attempt++) {
  try {
    const pid = Number(readFileSync(join(root, "data/postmaster.pid"), "utf8").split("\n")[0])
    process.kill(pid, "SIGQUIT")
  } catch {
    // No pid file, or no such process any more: nothing left to end.
    try {
      rmSync(root, { recursive: true, force: true })
    } catch {
      // The server may still be writing its last files.
    }
  }
  await sleep(100)
}
