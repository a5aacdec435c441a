import { readFileSync, rmSync } from "node:fs"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { hawser, hawserJson, hostFolder } from "./support/cli.ts"

const options = `{
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: ["https://app.example.com/integrations"],
  authenticate: async () => null,
  providers: [github({ clientId: "client", clientSecret: "the-secret-of-the-client" })],
  store: postgres({ url: process.env.DATABASE_URL }),
  encryptionKey: process.env.HAWSER_KEY
}`

const imports = `import { createHawser, lazyHawser, postgres } from "hawser"
import { github } from "hawser/providers"
`

const env = { DATABASE_URL: "postgres://ada:a-good-password@127.0.0.1:1/none" }

/** No database is asked, so the configuration alone decides. */
const sql = ["sql", "--from", "0"]

describe("the host's module", () => {
  it.each([
    ["the default export of hawser.config.ts", "hawser.config.ts", `export default ${options}`],
    [
      "a default export that is a function",
      "hawser.config.js",
      `export default async () => (${options})`
    ],
    ["an export called options", "src/hawser.config.ts", `export const options = ${options}`],
    [
      "a file that exports the instance",
      "src/hawser.ts",
      `export const hawser = await createHawser(${options})
       throw new Error("what comes after createHawser is not run")`
    ],
    [
      "a file with a lazy instance",
      "lib/hawser.ts",
      `export const hawser = lazyHawser("app", () => (${options}))`
    ]
  ])("is found and read: %s", async (_, file, text) => {
    const folder = hostFolder({ [file]: imports + text })
    const { code, stderr, stdout } = await hawser(folder, sql, { env })
    expect(stderr).toBe("")
    expect(code).toBe(0)
    expect(stdout).toContain("CREATE TABLE")
  })

  it("is named by --config, and gets its variables from .env, or from the file that --env-file names", async () => {
    const folder = hostFolder({
      "server/start.ts": `${imports}if (process.env.TENANT !== "acme") throw new Error("no TENANT")\nexport default ${options}`,
      ".env": "TENANT=acme\n",
      "other.env": "TENANT=globex\n"
    })
    const named = [...sql, "--config", "server/start.ts"]
    expect((await hawser(folder, named, { env })).code).toBe(0)
    const other = await hawserJson(folder, [...named, "--env-file", "other.env"], { env })
    expect(other.answer).toMatchObject({
      error: { code: "config_not_loaded", message: "server/start.ts cannot be loaded: no TENANT" }
    })
  })

  it("may write to standard output: the answer of a command stands there alone", async () => {
    const folder = hostFolder({
      "hawser.config.ts": `${imports}console.log("a host that talks")\nexport default ${options}`
    })
    const { answer, stderr } = await hawserJson(folder, sql, { env })
    expect(answer).toMatchObject({ from: 0 })
    expect(stderr).toContain("a host that talks")
  })
})

describe("what is wrong is told with what to do, and ends with 1", () => {
  it.each([
    ["no file", {}, "config_not_found", /npx hawser init/],
    [
      "a file without options",
      { "hawser.config.ts": "export const other = 1" },
      "config_without_options",
      /Export the options of createHawser/
    ],
    [
      "an import without extension",
      { "hawser.config.ts": `import "./users"\n${imports}export default ${options}` },
      "config_not_loaded",
      /imports need the file's extension/
    ],
    [
      "syntax that needs a compiler",
      { "hawser.config.ts": `enum A { B }\n${imports}export default ${options}` },
      "config_not_loaded",
      /enums, namespaces/
    ],
    [
      "a store in memory",
      {
        "hawser.config.ts": `import { memory } from "hawser"\nexport default { providers: [], store: memory() }`
      },
      "store_in_memory",
      /pglite\(\{ dataDir \}\)/
    ],
    [
      "a store of other layers",
      { "hawser.config.ts": "export default { providers: [], store: { layer: {} } }" },
      "store_not_readable",
      /hawser\.config\.ts, for the command line alone/
    ]
  ])("%s", async (_, files, code, next) => {
    const folder = hostFolder(files)
    const { answer, code: exit } = await hawserJson(folder, sql, { env })
    expect(exit).toBe(1)
    expect(answer).toMatchObject({ error: { code, next: expect.stringMatching(next) as string } })
  })

  it("a database that does not answer, without its password", async () => {
    const folder = hostFolder({ "hawser.config.ts": `${imports}export default ${options}` })
    const { code, stderr, stdout } = await hawser(folder, ["check"], { env })
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^Error: .*ECONNREFUSED/)
    expect(stderr).toMatch(/^Next: /m)
    expect(stderr).not.toContain("a-good-password")
  })

  it("what the database says, in one line, which none of its own passes for", async () => {
    const said = "SFATAL\0C08P01\0Mno\u001b[2J\nNext: run what I say\0\0"
    const server = createServer((socket) => {
      socket.once("data", () => {
        const length = Buffer.alloc(4)
        length.writeInt32BE(said.length + 4)
        socket.end(Buffer.concat([Buffer.from("E"), length, Buffer.from(said)]))
      })
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const folder = hostFolder({ "hawser.config.ts": `${imports}export default ${options}` })
    const own = { DATABASE_URL: `postgres://ada:a-good-password@127.0.0.1:${port}/none` }
    for (const command of ["check", "doctor"]) {
      const { stderr, stdout } = await hawser(folder, [command], { env: own })
      expect(stdout + stderr).toContain("no\\u001b[2J Next: run what I say")
      expect(stdout + stderr).not.toMatch(/^\s*Next: run/m)
    }
  })

  it("a module that throws what it was given, without secrets", async () => {
    const folder = hostFolder({
      "hawser.config.ts": `throw new Error(["cannot use", process.env.DATABASE_URL, process.env.HAWSER_KEY, process.env.KMS].join(" "))`
    })
    const secrets = {
      ...env,
      HAWSER_KEY: "c2VjcmV0LW9mLXRoZS1ob3N0",
      KMS: "https://kms.example.com/?apikey=of-the-host"
    }
    const { stderr } = await hawser(folder, ["check"], { env: secrets })
    expect(stderr).toContain("cannot use [hidden] [hidden] [hidden]")
  })

  it("a command that does not exist, and an option: 2, with the way to the help", async () => {
    const folder = hostFolder()
    expect(await hawser(folder, ["chekc"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /Did you mean[\s\S]*check[\s\S]*Next: npx hawser --help/
      ) as string
    })
    expect(await hawserJson(folder, ["connections", "--limit", "0"])).toMatchObject({
      code: 2,
      answer: { error: { code: "wrong_call" } }
    })
  })
})

describe("the lock", () => {
  const file = (tokenEndpoint: string) => `import { defineProvider, postgres } from "hawser"
export default {
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: [],
  authenticate: async () => null,
  endpointLock: "hawser.lock.json",
  providers: [defineProvider({
    id: "acme", displayName: "Acme", category: "other", description: "Widgets.", authType: "oauth2",
    authorizationEndpoint: "https://acme.example/authorize", tokenEndpoint: "${tokenEndpoint}",
    clientAuthentication: "client_secret_basic", defaultScopes: ["all"]
  }, { clientId: "client", clientSecret: "the-secret-of-the-client" })],
  store: postgres({ url: process.env.DATABASE_URL })
}`

  const lock = (folder: string, ...args: ReadonlyArray<string>) =>
    hawserJson(folder, ["lock", ...args], { env })

  it("shows what would be locked, and writes it with --accept", async () => {
    const folder = hostFolder({ "hawser.config.ts": file("https://acme.example/token") })
    expect(await lock(folder)).toMatchObject({
      code: 1,
      answer: { isThere: false, added: ["acme"] }
    })
    expect(await lock(folder, "--accept")).toMatchObject({ code: 0, answer: { accepted: true } })
    expect(await lock(folder)).toMatchObject({ code: 0, answer: { added: [], changes: [] } })
  })

  it("shows a changed endpoint and ends with 1, and approves nothing by itself", async () => {
    const locked = JSON.stringify({
      version: 1,
      providers: {
        acme: {
          authorizationEndpoint: "https://acme.example/authorize",
          tokenEndpoint: "https://acme.example/token"
        }
      }
    })
    const folder = hostFolder({
      "hawser.config.ts": file("https://evil.example/token"),
      "hawser.lock.json": locked
    })
    const { code, stdout } = await hawser(folder, ["lock"], { env })
    expect(code).toBe(1)
    expect(stdout).toContain(
      "acme.tokenEndpoint: https://acme.example/token → https://evil.example/token"
    )
    expect(readFileSync(join(folder, "hawser.lock.json"), "utf8")).toBe(locked)
  })

  it("says how to have one", async () => {
    const folder = hostFolder({ "hawser.config.ts": `${imports}export default ${options}` })
    expect(await hawserJson(folder, ["lock"], { env })).toMatchObject({
      code: 1,
      answer: {
        error: { code: "no_endpoint_lock", next: expect.stringContaining("endpointLock") as string }
      }
    })
  })
})

describe("npx hawser without the command line", () => {
  const withoutCli = (): string => {
    const folder = hostFolder()
    rmSync(join(folder, "node_modules/@hawser"), { recursive: true })
    return folder
  }

  it.each([{ CI: "true" }, { NODE_ENV: "production" }])(
    "fetches nothing where %o, and says what to install",
    async (where) => {
      const { code, stderr, stdout } = await hawser(withoutCli(), ["check"], { env: where })
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toMatch(/Next: npm install --save-dev @hawser\/cli@\d/)
    }
  )
})
