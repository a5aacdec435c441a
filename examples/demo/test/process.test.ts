import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished, vi } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const program = ["--conditions=@hawser/source", main]

const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-demo-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const start = (
  folder: string,
  url: string | undefined,
  command: string = process.execPath,
  args: ReadonlyArray<string> = program
) => {
  const { DATABASE_URL: _, ...inherited } = process.env
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...inherited, PORT: "0", ...(url !== undefined && { DATABASE_URL: url }) },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which ends with the test.
    detached: true
  })
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part))
  const stderr = text(child.stderr)
  const exited = once(child, "exit")
  const ended = once(child, "close")
  onTestFinished(async () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    } catch {
      // All of it has ended.
    }
    await exited
  })
  /** Where the page is, once the demo is ready. */
  const ready = async (): Promise<string> => {
    const early = ended.then(async () => {
      throw new Error(`The demo ended: ${await stderr}`)
    })
    const said = vi.waitUntil(() => /ready: (http:\S+)\//.exec(output)?.[1], { timeout: 19_000 })
    return (await Promise.race([said, early])) ?? ""
  }
  return { child, ready, stderr, code: ended.then(([code]) => code as number | null) }
}

const isServed = (origin: string): Promise<boolean> =>
  fetch(origin).then(
    () => true,
    () => false
  )

it("started twice, the demo says in one line that it is running already, and where; SIGTERM ends it", async () => {
  const { url } = await createDatabase()
  const folder = makeFolder()
  const demo = start(folder, url)
  const origin = await demo.ready()
  const second = start(folder, url)
  expect(await second.code).toBe(1)
  expect(await second.stderr).toBe(`The demo is running already: ${origin}/\n`)
  expect(await isServed(origin)).toBe(true)
  demo.child.kill("SIGTERM")
  expect(await demo.code).toBe(0)
  expect(await isServed(origin)).toBe(false)
  expect(existsSync(join(folder, ".data/address"))).toBe(false)
})

it("a demo whose folder another process holds ends with one line and without a stack", async () => {
  const folder = makeFolder()
  mkdirSync(join(folder, ".data"))
  const holder = { pid: process.pid, host: hostname(), token: "another" }
  writeFileSync(join(folder, ".data/pglite.lock"), JSON.stringify(holder))
  const demo = start(folder, undefined)
  expect(await demo.code).toBe(1)
  const stderr = await demo.stderr
  expect(stderr).toMatch(new RegExp(`^dataDir: .* is open in process ${process.pid} .*$`, "m"))
  expect(stderr).not.toMatch(/^ +at /m)
})

it("the server ends with the command that started it, even if that passes no signal on", async () => {
  const { url } = await createDatabase()
  const folder = makeFolder()
  const script = [process.execPath, ...program].map((part) => JSON.stringify(part)).join(" ")
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, scripts: { demo: script } })
  )
  const demo = start(folder, url, "npm", ["run", "demo"])
  const origin = await demo.ready()
  // npm cannot pass this one on.
  demo.child.kill("SIGKILL")
  await vi.waitUntil(async () => !(await isServed(origin)), { timeout: 19_000 })
  // Its output closes when the server's process has ended too.
  await demo.code
})
