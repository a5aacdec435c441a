/**
 * Outlives the process that started a test PostgreSQL, by the length of one clean-up: when its
 * stdin ends, for whatever reason, it ends the server of the first folder and removes all folders.
 */
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const folders = process.argv.slice(2)
const [folder] = folders
if (folder === undefined || !folders.every((one) => one.includes("hawser-pg-"))) {
  throw new Error("Give the server's folders")
}

process.stdin.resume()
await new Promise((resolve) => process.stdin.once("close", resolve))

for (let attempt = 0; attempt < 50 && folders.some((one) => existsSync(one)); attempt++) {
  try {
    const pid = Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0])
    process.kill(pid, "SIGQUIT")
  } catch {
    // No pid file, or no such process any more: nothing left to end.
    try {
      for (const one of folders) rmSync(one, { recursive: true, force: true })
    } catch {
      // The server may still be writing its last files.
    }
  }
  await sleep(100)
}
