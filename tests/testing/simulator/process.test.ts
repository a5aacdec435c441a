import { assert, describe, it } from "@effect/vitest"
import { githubApp, gitlab } from "@hawser/providers"
import {
  AuthorizationRefused,
  type RemoteSimulator,
  seedConnected,
  simulatorAt,
  startSimulator
} from "@hawser/testing/simulator"
import { createHawser, memory, type ProviderConfig } from "hawser"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { request as httpRequest, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"
import { forgeFacts } from "./support/facts.ts"

const program = fileURLToPath(
  new URL("../../../packages/testing/src/simulator/main.ts", import.meta.url)
)

const run = (...args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["--conditions=@hawser/source", program, ...args], {
    stdio: ["ignore", "pipe", "pipe"]
  })
  const ended = once(child, "close").then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
  })
  return { child, ended, stderr: text(child.stderr) }
}

/** A simulator that is another process. */
const started = async (...args: ReadonlyArray<string>): Promise<RemoteSimulator> => {
  const { child, ended, stderr } = run(...args)
  const early = ended.then(async () => {
    throw new Error(`The simulator ended: ${await stderr}`)
  })
  const line = once(createInterface({ input: child.stdout }), "line").then(String)
  const said = await Promise.race([line, early])
  return simulatorAt(/^The simulator listens at (\S+)$/.exec(said)?.[1] ?? said)
}

const publicUrl = "http://localhost:3000"
const redirectUrl = `${publicUrl}/done`
const admin = { tenantId: "acme", userId: "ann", provider: "gitlab" }

const host = async (...providers: ReadonlyArray<ProviderConfig>) => {
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [redirectUrl],
    authenticate: () => Promise.resolve(null),
    providers,
    store: memory(),
    workers: "off",
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    unsafelyAllowLoopback: true
  })
  onTestFinished(() => hawser.close())
  /** A whole flow, as a browser goes through it. */
  const connect = async (
    simulator: RemoteSimulator,
    options?: Parameters<RemoteSimulator["visit"]>[1]
  ): Promise<URLSearchParams> => {
    const begun = await hawser
      .tenant(admin.tenantId, { user: admin.userId })
      .connect(admin.provider, { redirectUrl })
    assert("authorizationUrl" in begun)
    const { url } = await simulator.visit(begun.authorizationUrl, options)
    const cookie = begun.setCookie?.split(";")[0] ?? ""
    const back = await hawser.handler(new Request(url, { headers: { cookie } }))
    return new URL(back.headers.get("location") ?? "").searchParams
  }
  return { hawser, connect }
}

describe("a simulator in another process", () => {
  it("is failed, ended, advanced and visited by the host's process", async () => {
    const simulator = await started("gitlab")
    const { connect, hawser } = await host(await simulator.simulate(gitlab, { publicUrl }))

    const denied = await connect(simulator, { decision: "deny" })
    assert.strictEqual(denied.get("error"), "access_denied")
    await simulator.failNext("gitlab", "token", { kind: "status", status: 503 })
    assert.strictEqual((await connect(simulator)).get("error"), "provider_unavailable")
    assert.strictEqual((await connect(simulator)).get("status"), "connected")

    const call = () => hawser.tenant(admin.tenantId).connection(admin.provider).fetch("/projects")
    assert.strictEqual((await call()).status, 200)
    await simulator.failNext("gitlab", "api", { kind: "answer", status: 200, body: null })
    assert.isNull(await (await call()).json())
    await simulator.advance(9 * 3600)
    assert.strictEqual((await call()).status, 200)
    assert.strictEqual(await simulator.count("gitlab", "refresh"), 1)
    assert.strictEqual((await simulator.liveTokens("gitlab")).length, 2)
    await simulator.end("gitlab")
    assert.deepStrictEqual(await simulator.liveTokens("gitlab"), [])

    assert.deepStrictEqual(await simulator.violations(), [])
    const kinds = (await simulator.requests()).map(({ kinds }) => kinds.join())
    assert.deepStrictEqual(kinds.slice(-3), ["api", "refresh", "api"])
  })

  it("is told what is undefined, and gives an app its key", async () => {
    const simulator = await started("github-app")
    await simulator.playGithub("github-app", { membership: undefined })
    const { hawser } = await host(await simulator.simulate(githubApp, { publicUrl }))
    const app = { ...admin, provider: "github-app" }
    const begun = await hawser
      .tenant(app.tenantId, { user: app.userId })
      .connect(app.provider, { redirectUrl })
    assert("authorizationUrl" in begun)
    const { url } = await simulator.visit(begun.authorizationUrl)
    const cookie = begun.setCookie?.split(";")[0] ?? ""
    const back = await hawser.handler(new Request(url, { headers: { cookie } }))
    assert.include(back.headers.get("location"), "error=account_not_permitted")

    await seedConnected(hawser, simulator, app)
    assert.strictEqual(
      (await hawser.tenant(app.tenantId).connection(app.provider).fetch("/repos")).status,
      200
    )
    assert.deepStrictEqual(await simulator.violations(), [])
  })

  it("plays the facts of a file, and asks the person", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hawser-simulator-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, "forge.json")
    await writeFile(file, JSON.stringify(forgeFacts()))
    const simulator = await started(file, "--consent=button")
    assert.deepStrictEqual(await simulator.fields("forge"), { site: "acme" })
    const refused = simulator.visit("https://acme.forge.example/authorize?client_id=x")
    assert.instanceOf(await refused.catch((error: unknown) => error), AuthorizationRefused)
  })

  it("says in one line what it was started wrongly with", async () => {
    const { ended, stderr } = run("no-such-provider")
    assert.strictEqual(await ended, 1)
    assert.strictEqual(await stderr, "The catalogue has no provider no-such-provider.\n")
  })
})

describe("the control of a simulator", () => {
  const controlled = async () => {
    const simulator = await startSimulator({ providers: [forgeFacts()] })
    onTestFinished(simulator.close)
    return simulator
  }

  const ask = async (
    port: number,
    { body = '{"call":"now","args":[]}', method = "POST", ...headers }: Record<string, string>
  ) => {
    const outgoing = httpRequest({
      host: "127.0.0.1",
      port,
      path: "/.simulator/control",
      method,
      headers: { "content-type": "application/json", host: `127.0.0.1:${port}`, ...headers }
    })
    outgoing.end(method === "OPTIONS" ? undefined : body)
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage]
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
  }

  it("is reached by JSON at this machine's own names", async () => {
    const { now, port } = await controlled()
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      const { body, status } = await ask(port, { host })
      assert.strictEqual(status, 200)
      assert.approximately((JSON.parse(body) as { value: number }).value, now(), 60_000)
    }
  })

  it("is out of reach for pages: by another name, as a form, or by CORS", async () => {
    const { port } = await controlled()
    assert.strictEqual((await ask(port, { host: `evil.example:${port}` })).status, 421)
    assert.strictEqual((await ask(port, { host: `127.0.0.1.evil.example:${port}` })).status, 421)
    assert.strictEqual((await ask(port, { host: `forge.example.localhost:${port}` })).status, 404)
    assert.strictEqual((await ask(port, { "content-type": "text/plain" })).status, 415)
    const preflight = await ask(port, { method: "OPTIONS", origin: "https://evil.example" })
    assert.strictEqual(preflight.status, 415)
    assert.isUndefined(preflight.headers["access-control-allow-origin"])
  })

  it("knows its calls and no others, and says what went wrong", async () => {
    const { port } = await controlled()
    for (const call of ["handle", "constructor", "close"]) {
      const { body, status } = await ask(port, { body: JSON.stringify({ call, args: [] }) })
      assert.strictEqual(status, 400)
      assert.include(body, "failNext")
    }
    assert.strictEqual((await ask(port, { body: "no JSON" })).status, 400)
    const error: unknown = await simulatorAt(`http://localhost:${port}`)
      .end("github")
      .catch((problem: unknown) => problem)
    assert.include(String(error), "started without the provider github")
  })

  it("is taken at a URL of this machine alone", () => {
    for (const url of [
      "http://simulator.example:4300",
      "https://127.0.0.1:4300",
      "http://127.0.0.1"
    ])
      assert.throws(() => simulatorAt(url), "is not the URL of a simulator")
  })
})
