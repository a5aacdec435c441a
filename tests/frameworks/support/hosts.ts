import { spawn } from "node:child_process"
import { cpSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { text } from "node:stream/consumers"
import { installPackages } from "../../../test-support/installed-packages.ts"

const tests = fileURLToPath(new URL("../..", import.meta.url))

/** A folder with the files of a host, and with the packages as that host has installed them. */
export const hostFolder = (name: string, others: ReadonlyArray<string> = []): string => {
  const folder = `${tests}.cache/hosts/${name}`
  rmSync(folder, { recursive: true, force: true })
  cpSync(`${tests}frameworks/${name}`, folder, { recursive: true })
  installPackages(folder, { from: tests, others })
  return folder
}

/** Runs Node in such a folder, without what this process was started with. */
export const runNode = (
  folder: string,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {}
) => {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const stderr = text(child.stderr)
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  /** Rejects with what the program wrote where it did not end well. */
  const done = async (): Promise<void> => {
    const code = await ended
    if (code !== 0) throw new Error(`Exit code ${code}: ${await stderr}`)
  }
  return { child, done }
}
