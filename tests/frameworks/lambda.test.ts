import { factsOf } from "@hawser/testing/facts"
import { startSimulator } from "@hawser/testing/simulator"
import { createHawser, postgres } from "hawser"
import { datadog } from "hawser/providers"
import { randomBytes } from "node:crypto"
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { hostFolder, runNode } from "./support/hosts.ts"

/** What Lambda does with a bundle: imports it, and calls its handler with one event after another. */
const runtime = `
const [file, ...events] = process.argv.slice(2)
const { handler } = await import(file)
const answers = []
for (const event of events) answers.push((await handler(JSON.parse(event))) ?? null)
process.stdout.write("\\nanswers " + JSON.stringify(answers), () => process.exit())
`

const publicUrl = "https://app.example.com"

/** Outside of the workspace, so that the bundles are all there is. */
const folder = mkdtempSync(join(tmpdir(), "hawser-lambda-"))
afterAll(() => rmSync(folder, { recursive: true }))

beforeAll(async () => {
  const source = hostFolder("lambda", ["esbuild"])
  await runNode(source, ["bundle.js"]).done()
  cpSync(join(source, "dist"), folder, { recursive: true })
  writeFileSync(join(folder, "runtime.mjs"), runtime)
})

/** An account of Lambda with the two functions. */
const deployed = async () => {
  const environment = {
    PUBLIC_URL: publicUrl,
    DATABASE_URL: (await createDatabase()).url,
    HAWSER_ENCRYPTION_KEY: randomBytes(32).toString("base64")
  }
  const invoke = async (name: string, ...events: ReadonlyArray<object>) => {
    const given = events.map((event) => JSON.stringify(event))
    const { child, done } = runNode(folder, ["runtime.mjs", `./${name}.mjs`, ...given], environment)
    const [output] = await Promise.all([text(child.stdout), done()])
    const [logged = "", answers = "[]"] = output.split("\nanswers ")
    return { logged, answers: JSON.parse(answers) as ReadonlyArray<unknown> }
  }
  return { invoke, environment }
}

/** An event of API Gateway's payload format 2.0. */
const event = (method: string, rawPath: string, more: object = {}) => ({
  version: "2.0",
  rawPath,
  rawQueryString: "",
  headers: { host: "abc.execute-api.eu-central-1.amazonaws.com" },
  requestContext: { http: { method, path: rawPath, sourceIp: "192.0.2.1" } },
  isBase64Encoded: false,
  ...more
})

it("bundled by esbuild, it answers the events of API Gateway", async () => {
  const { invoke } = await deployed()
  const callback = "/v1/integrations/datadog/callback"
  const { answers } = await invoke(
    "http",
    event("GET", "/v1/integrations/catalog"),
    event("HEAD", callback),
    event("POST", "/v1/integrations/datadog/credentials", {
      headers: { authorization: "Bearer x", "content-type": "application/json" },
      body: Buffer.from("{}").toString("base64"),
      isBase64Encoded: true
    }),
    event("GET", callback, { rawQueryString: "state=x&code=y", cookies: ["a=1", "b=2"] })
  )
  expect(answers).toMatchObject([
    { statusCode: 200, body: expect.stringContaining('"provider":"datadog"') as string },
    { statusCode: 405, headers: { allow: "GET, POST" } },
    { statusCode: 401 },
    { statusCode: 400, cookies: [], headers: { "cache-control": "no-store" } }
  ])
}, 60_000)

it("has no workers: the scheduled function delivers what another process has written", async () => {
  const { environment, invoke } = await deployed()
  // The subscriber begins here.
  expect((await invoke("tick", {})).logged).toBe("")

  const simulator = await startSimulator({ providers: [factsOf("datadog")] })
  onTestFinished(simulator.close)
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [`${publicUrl}/integrations`],
    authenticate: () => Promise.resolve(null),
    providers: [simulator.simulate(datadog, { publicUrl })],
    store: postgres({ url: environment.DATABASE_URL }),
    encryptionKey: environment.HAWSER_ENCRYPTION_KEY,
    workers: "off",
    unsafelyAllowLoopback: true
  })
  onTestFinished(() => hawser.close())
  const acme = { tenantId: "acme", userId: "ann", provider: "datadog" } as const
  const credentials = simulator.fields("datadog")
  const { credentialId } = await hawser
    .tenant(acme.tenantId, { user: acme.userId })
    .credentials(acme.provider)
    .store({ credentials })
  await hawser.tenant(acme.tenantId, { user: acme.userId }).connect(acme.provider, { credentialId })

  let logged = ""
  // A transaction in another database of the server may hold the event back for a moment.
  while (logged === "") ({ logged } = await invoke("tick", {}))
  expect(logged).toContain("acme has connected datadog.")
  expect((await invoke("tick", {})).logged).toBe("")
}, 60_000)
