import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  createHawser,
  defineProvider,
  endpointsOf,
  type HawserOptions,
  jwt,
  memory,
  type ProviderConfig,
  writeEndpointLock
} from "hawser"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"

/** Every member that names a place where something secret is sent. */
const definition = {
  id: "desk",
  displayName: "Desk",
  category: "ticketing",
  description: "Tickets.",
  authType: "oauth2",
  fields: [
    { name: "subdomain", label: "Subdomain", secret: false, format: "subdomain" },
    { name: "site", label: "Site", secret: false, choices: ["eu.desk.example", "us.desk.example"] }
  ],
  issuer: "https://login.desk.example",
  authorizationEndpoint: "https://{subdomain}.desk.example/authorize",
  tokenEndpoint: "https://{subdomain}.desk.example/token",
  refreshEndpoint: "https://{subdomain}.desk.example/refresh",
  pushedAuthorizationRequestEndpoint: "https://{subdomain}.desk.example/par",
  formerTokenEndpoints: ["https://old.desk.example/token"],
  revocation: { endpoint: "https://{subdomain}.desk.example/revoke", ends: "token" },
  introspection: { endpoint: "https://{subdomain}.desk.example/introspect" },
  tokenExchange: {
    endpoint: "https://{subdomain}.desk.example/exchange",
    parameters: { token: "{access_token}" }
  },
  captures: {
    shard: { from: "request", path: ["shard"], hostBelow: [".shards.desk.example"] }
  },
  discovery: { url: "https://{subdomain}.desk.example/shards" },
  account: { from: "request", url: "https://{shard}/me", id: ["id"] },
  check: { url: "https://{site}/check" },
  api: { baseUrl: "https://{shard}/api" },
  clientAuthentication: "client_secret_basic",
  defaultScopes: []
} as const

const keyDefinition = {
  id: "meter",
  displayName: "Meter",
  category: "monitoring",
  description: "Metrics.",
  authType: "api_key",
  fields: [
    { name: "id", label: "Id" },
    { name: "key", label: "Key" }
  ],
  clientCredentials: {
    tokenEndpoint: "https://login.meter.example/token",
    clientId: "{id}",
    clientSecret: "{key}",
    clientAuthentication: "client_secret_basic"
  },
  check: { url: "https://api.meter.example/check" },
  api: { baseUrl: "https://api.meter.example", hosts: ["files.meter.example"] }
} as const

const client = { clientId: "id", clientSecret: "canary-secret" }
type Changes = { readonly [Name in keyof typeof definition]?: unknown }
const desk = (changes: Changes = {}): ProviderConfig =>
  defineProvider({ ...definition, ...changes } as never, client)
const meter = (changes: object = {}): ProviderConfig =>
  defineProvider({ ...keyDefinition, ...changes } as never)

let folder: string
let path: string
let lines: Array<string>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hawser-lock-"))
  path = join(folder, "hawser.lock.json")
  lines = []
  vi.stubEnv("CI", "")
  vi.stubEnv("NODE_ENV", "test")
})
afterEach(() => rmSync(folder, { recursive: true }))

const note = (message: string) => void lines.push(message)

const options = (
  providers: ReadonlyArray<ProviderConfig>,
  endpointLock: HawserOptions["endpointLock"] = path
): HawserOptions => ({
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: ["https://app.example.com/integrations"],
  authenticate: jwt({
    issuer: "https://login.example.com",
    audience: "https://api.example.com",
    jwksUrl: "https://login.example.com/jwks.json"
  }),
  providers,
  store: memory(),
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
  logger: { info: note, warn: note, error: note },
  endpointLock: endpointLock ?? path
})

const start = async (
  providers: ReadonlyArray<ProviderConfig>,
  endpointLock?: HawserOptions["endpointLock"]
) => {
  const hawser = await createHawser(options(providers, endpointLock))
  await hawser.close()
}

const lock = () => readFileSync(path, "utf8")

describe("the first start", () => {
  it("S-84 writes every URL that a credential, a code or a token is sent to, and who may choose in it", async () => {
    await start([meter(), desk()])
    expect(JSON.parse(lock())).toEqual({
      version: 1,
      providers: {
        desk: {
          "account.url": "https://{shard}/me",
          "api.baseUrl": "https://{shard}/api",
          authorizationEndpoint: "https://{subdomain}.desk.example/authorize",
          "check.url": "https://{site}/check",
          "discovery.url": "https://{subdomain}.desk.example/shards",
          "introspection.endpoint": "https://{subdomain}.desk.example/introspect",
          issuer: "https://login.desk.example",
          pushedAuthorizationRequestEndpoint: "https://{subdomain}.desk.example/par",
          refreshEndpoint: "https://{subdomain}.desk.example/refresh",
          "revocation.endpoint": "https://{subdomain}.desk.example/revoke",
          tokenEndpoint: "https://{subdomain}.desk.example/token",
          "tokenExchange.endpoint": "https://{subdomain}.desk.example/exchange",
          "{shard}": [".shards.desk.example"],
          "{site}": ["eu.desk.example", "us.desk.example"],
          "{subdomain}": ["subdomain"]
        },
        meter: {
          "api.baseUrl": "https://api.meter.example",
          "api.hosts": ["files.meter.example"],
          "check.url": "https://api.meter.example/check",
          "clientCredentials.tokenEndpoint": "https://login.meter.example/token"
        }
      }
    })
    expect(lines.join()).toMatch(/is not there, so it was written\. Look at it, and commit it\./)
    expect(readdirSync(folder)).toEqual(["hawser.lock.json"])
  })

  it("writes its keys in order, whatever the order of the providers and their members", async () => {
    await start([meter(), desk()])
    const first = lock()
    rmSync(path)
    const { tokenEndpoint, ...others } = definition
    await start([defineProvider({ ...others, tokenEndpoint } as never, client), meter()])
    expect(lock()).toBe(first)
    expect(first.endsWith("}\n")).toBe(true)
  })

  it("leaves a file that fits as it is, and says nothing", async () => {
    await start([desk(), meter()])
    const first = lock()
    lines = []
    await start([desk(), meter()])
    await start([desk()])
    expect(lock()).toBe(first)
    expect(lines).toEqual([])
  })

  it.each([
    ["CI", "true", /CI is set\. Start once on your machine/],
    ["NODE_ENV", "production", /NODE_ENV is production\. Start once on your machine/]
  ])("S-84 is refused where nobody would look at it: %s", async (name, value, sentence) => {
    vi.stubEnv(name, value)
    await expect(start([desk()])).rejects.toThrow(sentence)
    expect(existsSync(path)).toBe(false)
  })

  it("is refused where the file cannot be written", async () => {
    const nowhere = join(folder, "not-there", "hawser.lock.json")
    await expect(start([desk()], nowhere)).rejects.toThrow(/cannot be written \(ENOENT\)/)
  })

  it("with a file goes on in CI and in production", async () => {
    await start([desk()])
    vi.stubEnv("CI", "1")
    vi.stubEnv("NODE_ENV", "production")
    await start([desk()])
  })
})

describe("S-84 a definition that has changed since it was approved", () => {
  const evil = "https://evil.example/x"
  const within = (
    member:
      | "revocation"
      | "introspection"
      | "tokenExchange"
      | "discovery"
      | "account"
      | "check"
      | "api",
    name: string
  ) => ({
    [member]: { ...definition[member], [name]: evil }
  })
  const changes: ReadonlyArray<readonly [string, Changes, string, string]> = [
    ["issuer", { issuer: evil }, "https://login.desk.example", evil],
    [
      "authorizationEndpoint",
      { authorizationEndpoint: evil },
      definition.authorizationEndpoint,
      evil
    ],
    ["tokenEndpoint", { tokenEndpoint: evil }, definition.tokenEndpoint, evil],
    ["refreshEndpoint", { refreshEndpoint: evil }, definition.refreshEndpoint, evil],
    [
      "pushedAuthorizationRequestEndpoint",
      { pushedAuthorizationRequestEndpoint: evil },
      definition.pushedAuthorizationRequestEndpoint,
      evil
    ],
    ["revocation.endpoint", within("revocation", "endpoint"), definition.revocation.endpoint, evil],
    [
      "introspection.endpoint",
      within("introspection", "endpoint"),
      definition.introspection.endpoint,
      evil
    ],
    [
      "tokenExchange.endpoint",
      within("tokenExchange", "endpoint"),
      definition.tokenExchange.endpoint,
      evil
    ],
    ["discovery.url", within("discovery", "url"), definition.discovery.url, evil],
    ["account.url", within("account", "url"), definition.account.url, evil],
    ["check.url", within("check", "url"), definition.check.url, evil],
    ["api.baseUrl", within("api", "baseUrl"), definition.api.baseUrl, evil],
    [
      "{site}",
      {
        fields: [
          definition.fields[0],
          { ...definition.fields[1], choices: [...definition.fields[1].choices, "evil.example"] }
        ]
      },
      "eu.desk.example, us.desk.example",
      "eu.desk.example, evil.example, us.desk.example"
    ],
    [
      "{shard}",
      { captures: { shard: { ...definition.captures.shard, hostBelow: [".evil.example"] } } },
      ".shards.desk.example",
      ".evil.example"
    ],
    ["refreshEndpoint", { refreshEndpoint: undefined }, definition.refreshEndpoint, "not there"]
  ]

  it.each(changes)("stops the start, with both: %s", async (member, change, before, after) => {
    await start([desk(), meter()])
    const first = lock()
    const changed = Object.fromEntries(
      Object.entries({ ...definition, ...change }).filter(([, value]) => value !== undefined)
    )
    const refused = start([defineProvider(changed as never, client), meter()])
    await expect(refused).rejects.toThrow(
      `desk.${member} is ${after} and was approved as ${before}.`
    )
    await expect(refused).rejects.toMatchObject({ code: "configuration_error" })
    await expect(refused).rejects.toThrow(
      /approve desk with writeEndpointLock; if not, do not start/
    )
    expect(lock()).toBe(first)
  })

  it("S-38 stops it for an API key's as well", async () => {
    await start([meter()])
    const moved = { ...keyDefinition.clientCredentials, tokenEndpoint: evil }
    await expect(start([meter({ clientCredentials: moved })])).rejects.toThrow(
      `meter.clientCredentials.tokenEndpoint is ${evil} and was approved as https://login.meter.example/token.`
    )
  })

  it("stops it for one more host of an API", async () => {
    await start([meter()])
    const api = { ...keyDefinition.api, hosts: ["files.meter.example", "evil.example"] }
    await expect(start([meter({ api })])).rejects.toThrow(
      "meter.api.hosts is evil.example, files.meter.example and was approved as files.meter.example."
    )
  })

  it("names every change", async () => {
    await start([desk(), meter()])
    const refused = start([desk({ issuer: evil }), meter({ check: { url: evil } })])
    await expect(refused).rejects.toThrow(
      /desk\.issuer .* meter\.check\.url .* approve desk, meter/
    )
  })

  it("what sends nothing anywhere may change", async () => {
    await start([desk()])
    await start([
      desk({
        displayName: "New desk",
        formerTokenEndpoints: ["https://older.desk.example/token"],
        defaultScopes: ["all"]
      })
    ])
  })

  it("starts once it is approved, which leaves the others as they were", async () => {
    await start([desk(), meter()])
    const moved = desk({ tokenEndpoint: "https://{subdomain}.desk.example/v2/token" })
    expect(await writeEndpointLock(path, [moved])).toEqual([
      {
        provider: "desk",
        member: "tokenEndpoint",
        locked: definition.tokenEndpoint,
        found: "https://{subdomain}.desk.example/v2/token"
      }
    ])
    await start([moved, meter()])
    await expect(start([desk(), meter()])).rejects.toThrow(/desk\.tokenEndpoint/)
    await expect(start([moved, meter({ check: { url: evil } })])).rejects.toThrow(/meter\.check/)
  })
})

describe("a provider that the file does not have", () => {
  it("is refused, and approved by name", async () => {
    await start([desk()])
    await expect(start([desk(), meter()])).rejects.toThrow(
      /does not have meter\. Look at the endpoints, and approve them with writeEndpointLock\./
    )
    const changes = await writeEndpointLock(path, [meter()])
    expect(changes.map(({ locked, member }) => [member, locked])).toEqual([
      ["api.baseUrl", undefined],
      ["api.hosts", undefined],
      ["check.url", undefined],
      ["clientCredentials.tokenEndpoint", undefined]
    ])
    await start([desk(), meter()])
  })

  it("is added where the host says so, and nothing else is", async () => {
    await start([desk()])
    const adding = { path, onNewProvider: "add" } as const
    await start([desk(), meter()], adding)
    expect(Object.keys((JSON.parse(lock()) as { providers: object }).providers)).toEqual([
      "desk",
      "meter"
    ])
    await expect(start([desk({ issuer: "https://evil.example" })], adding)).rejects.toThrow(
      /issuer/
    )
    await expect(
      start([desk({ issuer: "https://evil.example" }), meter()], adding)
    ).rejects.toThrow(/issuer/)
  })

  it("is not added where nobody would look at it", async () => {
    await start([desk()])
    vi.stubEnv("CI", "true")
    await expect(start([desk(), meter()], { path, onNewProvider: "add" })).rejects.toThrow(
      /does not have meter, and CI is set/
    )
  })
})

describe("a file that is not a lock", () => {
  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["another version", '{"version":2,"providers":{}}'],
    ["more than there is", '{"version":1,"providers":{},"extra":1}'],
    ["a number for a URL", '{"version":1,"providers":{"desk":{"issuer":1}}}']
  ])("stops the start: %s", async (_, text) => {
    writeFileSync(path, text)
    await expect(start([desk()])).rejects.toThrow(/is not a lock file of Hawser's/)
    await expect(writeEndpointLock(path, [desk()])).rejects.toThrow(/is not a lock file/)
    expect(lock()).toBe(text)
  })

  it("a folder stops it as well", async () => {
    await expect(start([desk()], folder)).rejects.toThrow(/cannot be read \(EISDIR\)/)
  })

  it("a provider is not found in it by a name that every object has", async () => {
    await start([desk()])
    const named = meter({ id: "constructor" })
    await expect(start([desk(), named])).rejects.toThrow(/does not have constructor/)
    await writeEndpointLock(path, [named])
    await start([desk(), named])
  })
})

it("a definition's host settings are a part of what is locked", async () => {
  const withSetting = (app: string): ProviderConfig => ({
    ...defineProvider(
      {
        ...definition,
        settings: [{ name: "app", label: "App", pattern: "[a-z]+" }],
        authorizationEndpoint: "https://desk.example/{app}/authorize"
      } as never,
      client
    ),
    settings: { app }
  })
  await start([withSetting("ours")])
  expect(lock()).toContain("https://desk.example/ours/authorize")
  await expect(start([withSetting("theirs")])).rejects.toThrow(/theirs.*ours/)
  await writeEndpointLock(path, [withSetting("theirs")])
  await start([withSetting("theirs")])
})

it("endpointsOf tells of a definition what a lock would keep", () => {
  expect(endpointsOf(meter().definition)).toEqual({
    "api.baseUrl": "https://api.meter.example",
    "api.hosts": ["files.meter.example"],
    "check.url": "https://api.meter.example/check",
    "clientCredentials.tokenEndpoint": "https://login.meter.example/token"
  })
})
