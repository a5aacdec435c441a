import { randomBytes } from "node:crypto"
import { readFileSync, symlinkSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { hawser, hostFolder } from "./support/cli.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const page = readFileSync(`${root}docs/agents.md`, "utf8")
const [file = "", mount = ""] = [...page.matchAll(/^```ts\n(?<code>.*?)^```$/gms)].map(
  ({ groups }) => groups?.["code"] ?? ""
)

it("what the page for coding agents says works: its files start, and its checks see what it promises", async () => {
  const folder = hostFolder({
    "package.json": '{ "type": "module" }',
    "src/hawser.ts": file,
    "src/server.ts": mount
      .replace("declare const hawser: Hawser", 'import { hawser } from "./hawser.ts"')
      .replace('import type { Hawser } from "hawser"', "")
  })
  symlinkSync(`${root}packages/express`, join(folder, "node_modules/@hawser/express"))
  symlinkSync(`${root}tests/node_modules/express`, join(folder, "node_modules/express"))
  const database = await createDatabase()
  onTestFinished(database.drop)
  const env = {
    PUBLIC_URL: "https://app.example.com",
    GITHUB_CLIENT_ID: "client",
    GITHUB_CLIENT_SECRET: "the-secret-of-the-client",
    DATABASE_URL: database.url,
    HAWSER_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    PORT: "0"
  }
  expect((await hawser(folder, ["check"], { env })).code).toBe(1)
  expect(await hawser(folder, ["migrate"], { env })).toMatchObject({ code: 0 })
  expect(await hawser(folder, ["check"], { env })).toMatchObject({ code: 0 })
  const found = await hawser(folder, ["providers", "search", "git"], { env })
  expect(found.stdout).toContain("github")

  const app = spawn(process.execPath, ["src/server.ts"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...env }
  })
  const closed = once(app, "close")
  onTestFinished(async () => {
    app.kill("SIGKILL")
    await closed
  })
  let said = ""
  app.stderr.setEncoding("utf8").on("data", (part: string) => (said += part))
  const port = await new Promise<string>((resolve, reject) => {
    let printed = ""
    app.stdout.setEncoding("utf8").on("data", (part: string) => {
      printed += part
      const [, found] = /port: (\d+)/.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    app.once("close", () => reject(new Error(said)))
  })
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/integrations${path}`)
    return { status: answer.status, body: (await answer.json()) as unknown }
  }
  expect(await ask("/catalog")).toMatchObject({
    status: 200,
    body: { items: [expect.objectContaining({ provider: "github" })] }
  })
  expect(await ask("")).toMatchObject({ status: 401, body: { error: "unauthorized" } })
  app.kill("SIGTERM")
  expect(await closed).toEqual([0, null])
})
