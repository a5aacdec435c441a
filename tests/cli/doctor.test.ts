import { randomBytes } from "node:crypto"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  createHawser,
  createHawserJobs,
  defineProvider,
  nodeHandler,
  pagerdutyApiKey,
  postgres
} from "hawser"
import { expect, it, onTestFinished } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { startPgBouncer, withPgBouncer } from "../../test-support/pgbouncer.ts"
import { hawser, hawserJson, hostFolder } from "./support/cli.ts"

const key = (): string => randomBytes(32).toString("base64")

const serve = async (): Promise<{
  readonly origin: string
  answerBy: (listener: RequestListener) => void
}> => {
  let answer: RequestListener = (_, response) => void response.writeHead(404).end()
  const server = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerBy: (listener) => (answer = listener)
  }
}

/** An issuer and a vendor on this machine. */
const surroundings = async () => {
  const { answerBy, origin } = await serve()
  answerBy((request, response) => {
    if (request.url === "/jwks") {
      response.end(JSON.stringify({ keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y" }] }))
    } else response.writeHead(404).end()
  })
  return origin
}

const definition = (vendor: string) => ({
  id: "acme" as const,
  displayName: "Acme",
  category: "other" as const,
  description: "Widgets.",
  authType: "oauth2" as const,
  authorizationEndpoint: `${vendor}/authorize`,
  tokenEndpoint: `${vendor}/token`,
  clientAuthentication: "client_secret_basic" as const,
  defaultScopes: ["all"]
})

interface World {
  readonly publicUrl: string
  readonly vendor: string
  readonly jwksUrl: string
  readonly keys: string
  readonly store?: string
  readonly callbackPath?: string
}

const config = ({ callbackPath, jwksUrl, keys, publicUrl, store = "", vendor }: World): string => `
import { defineProvider, jwt, postgres } from "hawser"
export default {
  publicUrl: "${publicUrl}",
  allowedRedirectUrls: ["${publicUrl}/integrations"],
  authenticate: jwt({ issuer: "https://login.example.com/", audience: "app", jwksUrl: "${jwksUrl}" }),
  providers: [defineProvider(${JSON.stringify(definition(vendor))}, {
    clientId: "client", clientSecret: "the-secret-of-the-client"${callbackPath === undefined ? "" : `, callbackPath: "${callbackPath}"`}
  })],
  store: postgres({ url: process.env.DATABASE_URL${store} }),
  encryptionKey: ${JSON.stringify(keys.split(","))},
  unsafelyAllowLoopback: true
}`

/** The host, running, as its configuration has it. */
const running = async (url: string, encryptionKey: string) => {
  const vendor = await surroundings()
  const { answerBy, origin } = await serve()
  const host = await createHawser({
    publicUrl: origin,
    allowedRedirectUrls: [`${origin}/integrations`],
    authenticate: async () => null,
    providers: [
      defineProvider(definition(vendor), {
        clientId: "client",
        clientSecret: "the-secret-of-the-client"
      })
    ],
    store: postgres({ url }),
    encryptionKey,
    workers: "off",
    unsafelyAllowLoopback: true
  })
  onTestFinished(() => host.close())
  answerBy(nodeHandler(host.handler))
  return { vendor, publicUrl: origin, jwksUrl: `${vendor}/jwks` }
}

interface Finding {
  readonly check: string
  readonly level: string
  readonly message: string
  readonly next?: string
}

const examined = async (folder: string, url: string) => {
  const { answer, code } = await hawserJson(folder, ["doctor"], { env: { DATABASE_URL: url } })
  const { findings } = answer as { readonly findings: ReadonlyArray<Finding> }
  return {
    code,
    findings,
    of: (check: string) => findings.find((one) => one.check === check)
  }
}

it("finds nothing in a host that is as it should be, says what to register, and ends with 0", async () => {
  const { url } = await createDatabase()
  const keys = key()
  const world = { ...(await running(url, keys)), keys }
  const folder = hostFolder({ "hawser.config.ts": config(world) })
  const { code, stdout } = await hawser(folder, ["doctor"], { env: { DATABASE_URL: url } })
  expect(stdout).toMatch(/\n0 problems, 0 warnings\.\n$/)
  expect(stdout).toContain(
    `Register exactly ${world.publicUrl}/v1/integrations/acme/callback at acme.`
  )
  expect(code).toBe(0)
  expect(stdout).not.toContain(keys)
})

it("finds a public URL and a key set that do not answer, tables that are missing and hosts that are not reached, each with the next step, and ends with 1", async () => {
  const { url } = await createDatabase()
  const dead = "http://127.0.0.1:1"
  const world = { publicUrl: dead, vendor: dead, jwksUrl: `${dead}/jwks?code=canary`, keys: key() }
  const folder = hostFolder({
    "hawser.config.ts": config({ ...world, store: ', migrate: "check"' })
  })
  const { code, findings, of } = await examined(folder, url)
  expect(code).toBe(1)
  const broken = findings.filter(({ level }) => level === "problem")
  expect(broken.map(({ check }) => check)).toEqual([
    "public URL",
    "key set of https://login.example.com/",
    "egress",
    "tables"
  ])
  expect(broken.every(({ next }) => (next ?? "").length > 20)).toBe(true)
  expect(of("public URL")?.message).toContain("ECONNREFUSED")
  // Its query may hold a secret, so no message repeats it.
  expect(of("key set of https://login.example.com/")?.message).toContain(`${dead}/jwks cannot`)
  expect(of("rights")?.level).toBe("ok")
})

it("finds a redirect URI that the running app does not answer", async () => {
  const { url } = await createDatabase()
  const keys = key()
  const world = { ...(await running(url, keys)), keys }
  const folder = hostFolder({
    "hawser.config.ts": config({ ...world, callbackPath: "/elsewhere" })
  })
  const { code, of } = await examined(folder, url)
  expect(code).toBe(1)
  expect(of("public URL")?.level).toBe("ok")
  expect(of("redirect URI of acme")).toMatchObject({
    level: "problem",
    message: expect.stringContaining(`${world.publicUrl}/elsewhere answers 404`) as string
  })
})

it("finds another service at the public URL", async () => {
  const { url } = await createDatabase()
  const vendor = await surroundings()
  const world = { publicUrl: vendor, vendor, jwksUrl: `${vendor}/jwks`, keys: key() }
  const { of } = await examined(hostFolder({ "hawser.config.ts": config(world) }), url)
  expect(of("public URL")).toMatchObject({
    level: "problem",
    message: expect.stringContaining("answers 404, and not as Hawser does") as string
  })
})

it("finds stored values whose key is not configured, and a key that opens nothing", async () => {
  const { url } = await createDatabase()
  const [old, other] = [key(), key()]
  const jobs = await createHawserJobs({
    providers: [pagerdutyApiKey()],
    store: postgres({ url }),
    encryptionKey: old,
    workers: "off"
  })
  await jobs.admin.import([
    {
      tenantId: "acme",
      provider: "pagerduty-api-key",
      connectedBy: "ada",
      credentials: { api_key: "a-key" }
    }
  ])
  await jobs.close()
  const dead = "http://127.0.0.1:1"
  const world = { publicUrl: dead, vendor: dead, jwksUrl: `${dead}/jwks` }
  const lost = hostFolder({ "hawser.config.ts": config({ ...world, keys: `${key()},${other}` }) })
  const { findings } = await examined(lost, url)
  const ofKeys = findings
    .filter(({ check }) => check === "keys")
    .map(({ level, message }) => `${level} ${message}`)
  expect(ofKeys).toEqual([
    expect.stringMatching(/^ok The key \w+ seals new values, and 0 values need it/) as string,
    expect.stringMatching(/^warning The key \w+ opens nothing any more/) as string,
    expect.stringMatching(
      /^problem \d+ stored values need the key \w+, which is not configured/
    ) as string
  ])
})

it("finds two copies of effect", async () => {
  const manifests = {
    "node_modules/@hawser/effect": { name: "@hawser/effect", version: "0.0.0" },
    "node_modules/@hawser/effect/node_modules/effect": { name: "effect", version: "4.1.0" },
    "node_modules/effect": { name: "effect", version: "4.0.5" }
  }
  const dead = "http://127.0.0.1:1"
  const world = { publicUrl: dead, vendor: dead, jwksUrl: `${dead}/jwks`, keys: key() }
  const folder = hostFolder({ "hawser.config.ts": config(world) })
  for (const [at, manifest] of Object.entries(manifests)) {
    const file = join(folder, at, "package.json")
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(manifest))
  }
  const { of } = await examined(folder, "postgres://nobody@127.0.0.1:1/none")
  expect(of("effect")).toMatchObject({
    level: "problem",
    message: expect.stringContaining("There are 2 copies, in versions 4.0.5 and 4.1.0") as string
  })
  expect(of("database")).toMatchObject({
    level: "problem",
    message: expect.stringContaining("ECONNREFUSED") as string
  })
})

it("finds options that a start would refuse", async () => {
  const { url } = await createDatabase()
  const world = {
    publicUrl: "http://app.example.com",
    vendor: "https://acme.example",
    jwksUrl: "https://login.example.com/jwks",
    keys: key()
  }
  const { code, of } = await examined(hostFolder({ "hawser.config.ts": config(world) }), url)
  expect(code).toBe(1)
  expect(of("options")?.message).toContain("must be https")
})

withPgBouncer((binary) => {
  it("finds a pooler in front of the database, until pgBouncer is set", async () => {
    const { url } = await createDatabase()
    const pooler = await startPgBouncer(binary, url)
    onTestFinished(() => pooler.stop())
    const dead = "http://127.0.0.1:1"
    const world = { publicUrl: dead, vendor: dead, jwksUrl: `${dead}/jwks`, keys: key() }
    const unaware = hostFolder({ "hawser.config.ts": config(world) })
    expect((await examined(unaware, pooler.through(url))).of("pooler")).toMatchObject({
      level: "problem",
      next: expect.stringContaining("pgBouncer: true") as string
    })
    const aware = hostFolder({
      "hawser.config.ts": config({ ...world, store: ", pgBouncer: true" })
    })
    expect((await examined(aware, pooler.through(url))).of("pooler")?.level).toBe("ok")
  })
})
