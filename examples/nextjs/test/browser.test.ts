import { findChromium, openChromium } from "@hawser/example-demo/chromium"
import { factsOf } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { cpSync, mkdirSync, rmSync } from "node:fs"
import { createServer as createHttpServer, request as httpRequest } from "node:http"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { installPackages } from "../../../test-support/installed-packages.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"

const example = fileURLToPath(new URL("..", import.meta.url))
const app = join(example, ".cache/app")
const next = join(example, "node_modules/next/dist/bin/next")

const run = (command: string, environment: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [next, ...command.split(" ")], {
    cwd: app,
    env: { PATH: process.env["PATH"], NEXT_TELEMETRY_DISABLED: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (output += part))
  const ended = once(child, "close").then(([code]) => code as number | null)
  return { child, ended, output: () => output }
}

const listening = async (server: ReturnType<typeof createServer>): Promise<number> => {
  await once(server.listen(0, "127.0.0.1"), "listening")
  return (server.address() as AddressInfo).port
}

/** The build, made once for all tests. */
let built: { readonly code: number | null; readonly output: string }

beforeAll(async () => {
  rmSync(app, { recursive: true, force: true })
  mkdirSync(app, { recursive: true })
  for (const part of ["package.json", "next.config.ts", "src"])
    cpSync(join(example, part), join(app, part), { recursive: true })
  installPackages(app, { from: example, others: ["next", "react", "react-dom"] })
  const { ended, output } = run("build", {})
  built = { code: await ended, output: output() }
}, 300_000)

const settings = (publicUrl: string, simulator: RunningSimulator) => ({
  PUBLIC_URL: publicUrl,
  SIMULATOR_URL: `http://127.0.0.1:${simulator.port}`,
  HAWSER_ENCRYPTION_KEY: randomBytes(32).toString("base64")
})

/** A production server of Next.js behind a proxy. The proxy's address is known before the server starts. */
const start = async (simulator: RunningSimulator, databaseUrl: string) => {
  let nextPort = 0
  const proxy = createHttpServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    const { headers, method, url: path } = incoming
    // A connection of its own: one that is kept may be closed under a request, where this machine is busy.
    const to = { host: "127.0.0.1", port: nextPort, agent: false }
    const passed = httpRequest({ ...to, method, path, headers })
    passed.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on("error", () => outgoing.destroy())
    incoming.pipe(passed)
  })
  const publicUrl = `http://127.0.0.1:${await listening(proxy)}`
  const { child, ended, output } = run("start --hostname 127.0.0.1 --port 0", {
    ...settings(publicUrl, simulator),
    DATABASE_URL: databaseUrl
  })
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
    proxy.closeAllConnections()
    proxy.close()
  })
  const early = ended.then(() => Promise.reject(new Error(`Next.js ended: ${output()}`)))
  const port = vi.waitUntil(() => /http:\/\/127\.0\.0\.1:(\d+)/.exec(output())?.[1], {
    timeout: 60_000
  })
  nextPort = Number(await Promise.race([port, early]))
  return { publicUrl, output }
}

const simulated = async (): Promise<RunningSimulator> => {
  const simulator = await startSimulator({ providers: [factsOf("github")], consent: "button" })
  onTestFinished(simulator.close)
  return simulator
}

const times = (text: string, part: string): number => text.split(part).length - 1

describe("next build", () => {
  it("needs no secret", () => {
    expect(built.output).toContain("Compiled successfully")
    expect(built.code).toBe(0)
  })

  it("opens no database if it has every secret, and so runs no migration", async () => {
    let connections = 0
    const database = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    const port = await listening(database)
    onTestFinished(() => void database.close())
    const simulator = await simulated()
    // Builds again from the compiled cache, which loads the modules and renders the pages.
    const { ended, output } = run("build --experimental-build-mode=generate", {
      ...settings("https://app.example.com", simulator),
      DATABASE_URL: `postgres://app@127.0.0.1:${port}/app`
    })
    expect(await ended).toBe(0)
    expect(output()).not.toContain("Hawser has")
    expect(connections).toBe(0)
    expect(simulator.requests).toEqual([])
  }, 120_000)
})

const executablePath = await findChromium()

describe("next start", () => {
  it.skipIf(executablePath === undefined)(
    "is one process with one Hawser, on which a person connects GitHub in a browser",
    async () => {
      const { url } = await createDatabase()
      const simulator = await simulated()
      const { output, publicUrl } = await start(simulator, url)
      // The workers run before the first request for a page.
      await vi.waitUntil(() => output().includes("Hawser has started."), { timeout: 30_000 })

      const browser = await openChromium(executablePath ?? "", { width: 900, height: 700 })
      onTestFinished(browser.close)
      const page = await browser.context.newPage()
      await page.goto(publicUrl)
      await page.getByText("Not connected.").waitFor()
      await page.getByRole("button", { name: "Connect GitHub" }).click()
      await page.getByRole("heading", { name: "your GitHub account" }).waitFor()
      await page.getByRole("button", { name: "Allow" }).click()
      await page.getByText("Connected as octocat.").waitFor()
      expect(page.url()).toMatch(`${publicUrl}/?status=connected`)
      // The handler of instrumentation.ts received the event that the route wrote.
      await vi.waitUntil(() => output().includes("acme has connected github."), { timeout: 30_000 })

      const catalog = await fetch(`${publicUrl}/v1/integrations/catalog`)
      expect(await catalog.json()).toMatchObject({ items: [{ provider: "github" }] })
      const head = await fetch(`${publicUrl}/v1/integrations/github/callback`, { method: "HEAD" })
      expect(head.status).toBe(405)
      expect(times(output(), "Hawser has started.")).toBe(1)
      expect(simulator.violations).toEqual([])
    },
    120_000
  )

  it("starts Hawser with the first request that finds the database, if it was not there before", async () => {
    const database = await createDatabase()
    const name = new URL(database.url).pathname.slice(1)
    const server = new URL(database.url)
    server.pathname = "/postgres"
    await query(server.href, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
    const simulator = await simulated()
    const { output, publicUrl } = await start(simulator, database.url)
    await vi.waitUntil(() => output().includes("Hawser has not started."), { timeout: 30_000 })
    expect((await fetch(publicUrl)).status).toBe(500)

    await query(server.href, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
    const page = await fetch(publicUrl)
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining("Not connected.")
    ])
    // The answer may overtake what the server has printed.
    await vi.waitUntil(() => output().includes("Hawser has started."), { timeout: 30_000 })
    expect(times(output(), "Hawser has started.")).toBe(1)
  }, 120_000)
})
