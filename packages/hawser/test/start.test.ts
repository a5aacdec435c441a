import {
  createHawser,
  defineProvider,
  discoverProvider,
  github,
  type HawserOptions,
  jwt,
  memory,
  postgres
} from "hawser"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"

const audience = "https://api.example.com"
const valid: HawserOptions = {
  publicUrl: "https://app.example.com/api",
  allowedRedirectUrls: ["https://app.example.com/integrations"],
  authenticate: jwt({
    issuer: "https://login.example.com",
    audience,
    jwksUrl: "https://login.example.com/jwks.json"
  }),
  providers: [github({ clientId: "id", clientSecret: "secret" })],
  store: memory(),
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
}

const keyManagement = { wrap: async () => new Uint8Array(), unwrap: async () => undefined }

const start = (change: object) => createHawser({ ...valid, ...change })

describe("S-112 a proxy that looks names up", () => {
  const grafana = defineProvider({
    id: "ours",
    displayName: "Ours",
    category: "monitoring",
    description: "A product that tenants host themselves.",
    authType: "api_key",
    fields: [
      { name: "host", label: "Host", format: "host", secret: false },
      { name: "api_key", label: "API key" }
    ],
    headers: { "x-api-key": "{api_key}" },
    check: { url: "https://{host}/api" }
  })
  const providers = [{ ...grafana, allowTenantHosts: true }]

  it("S-112 does not start with a provider whose host tenants choose", async () => {
    const egress = { unsafelyResolvingProxy: "http://localhost:3128" }
    await expect(start({ providers, egress })).rejects.toThrow(
      /providers\[ours\]: The field host lets a tenant choose the host .* unsafelyResolvingProxy/
    )
    for (const other of [{ egress, providers: valid.providers }, { providers }]) {
      await (await start(other)).close()
    }
    await (await start({ providers, egress: { proxy: "http://localhost:3128" } })).close()
  })

  it("S-112 is not a URL that cannot be a proxy, for discovery too", async () => {
    const egress = { proxy: "socks5://localhost:1080" }
    await expect(start({ egress })).rejects.toThrow(/egress\.proxy: Only proxies over http/)
    const definition = {
      id: "people",
      displayName: "People",
      category: "other",
      description: "Who works where.",
      issuer: "https://login.people.example",
      defaultScopes: []
    } as const
    const client = { clientId: "one", clientSecret: "two" }
    await expect(discoverProvider(definition, client, { egress })).rejects.toThrow(
      /egress\.proxy: Only proxies over http/
    )
  })
})

/** As it may stand in a variable of the host's. */
const withPassword = "https://app:canary@app.example.com/"

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (cause: unknown) => cause
  )

describe("an error of the configuration repeats nothing that may be secret in a URL", () => {
  const at = (jwksUrl: string) => ({
    authenticate: jwt({ issuer: "https://login.example.com", audience, jwksUrl })
  })
  it.each<readonly [string, object]>([
    ["publicUrl", { publicUrl: withPassword }],
    ["publicUrl", { publicUrl: "http://app:canary@app.example.com" }],
    ["publicUrl", { publicUrl: "https://app:canary@app.example.com:99999" }],
    ["publicUrl", { publicUrl: "https://app:a/canary@app.example.com" }],
    ["allowedRedirectUrls", { allowedRedirectUrls: [withPassword] }],
    ["appUrl", { appUrl: withPassword }],
    ["installUrl", { installUrl: withPassword }],
    ["appOrigins", { appOrigins: [withPassword] }],
    ["authenticate.jwksUrl", at(withPassword)],
    ["authenticate.jwksUrl", at("http://login.example.com/jwks?code=canary")]
  ])("%s of %j", async (setting, change) => {
    const error = await failureOf(start(change))
    expect(error).toMatchObject({ code: "configuration_error", setting })
    expect(inspect(error)).not.toContain("canary")
  })

  it("the issuer of a discovery", async () => {
    const definition = {
      id: "people",
      displayName: "People",
      category: "other",
      description: "Who works where.",
      issuer: withPassword,
      defaultScopes: []
    } as const
    const client = { clientId: "one", clientSecret: "two" }
    const error = await failureOf(discoverProvider(definition, client))
    expect(error).toMatchObject({ code: "discovery_failed", reason: "invalid_metadata" })
    expect(inspect(error)).not.toContain("canary")
  })
})

describe("the start stops on configuration that cannot be used, and says what to set", () => {
  const refused: ReadonlyArray<readonly [string, object, RegExp]> = [
    ["no public URL", { publicUrl: "" }, /publicUrl: Set the public https URL/],
    [
      "a public URL over http",
      { publicUrl: "http://app.example.com" },
      /publicUrl: .* must be https/
    ],
    [
      "a public URL with a query",
      { publicUrl: "https://app.example.com?x" },
      /publicUrl: It must have no query/
    ],
    ["a base path that is none", { basePath: "api?" }, /basePath: Set a path/],
    ["no redirect URL", { allowedRedirectUrls: [] }, /allowedRedirectUrls: Set at least one/],
    [
      "a redirect URL over http",
      { allowedRedirectUrls: ["http://app.example.com/"] },
      /must be https/
    ],
    [
      "a redirect URL with a fragment",
      { allowedRedirectUrls: ["https://a.example/#x"] },
      /fragment/
    ],
    [
      "a redirect URL that a browser writes otherwise",
      { allowedRedirectUrls: ["https://A.example/x/../y"] },
      /Write "/
    ],
    [
      "a redirect URL with a parameter of ours",
      { allowedRedirectUrls: ["https://a.example/?status=1"] },
      /status/
    ],
    ["an origin with a path", { appOrigins: ["https://app.example.com/x"] }, /appOrigins: Write/],
    [
      "a retention of keys below nothing",
      { unusedCredentialRetention: -1 },
      /unusedCredentialRetention: Expected a duration/
    ],
    [
      "a flow life of two hours",
      { flowLifetime: "2 hours" },
      /flowLifetime: .* from 1 minute to 60 minutes/
    ],
    ["a rate limit of none", { rateLimit: 0 }, /rateLimit: /],
    [
      "a provider twice",
      { providers: [valid.providers[0], valid.providers[0]] },
      /providers: List each provider/
    ],
    [
      "no client id",
      { providers: [github({ clientId: undefined, clientSecret: "s" })] },
      /github\]: Set clientId/
    ],
    [
      "no client secret",
      { providers: [github({ clientId: "i", clientSecret: "" })] },
      /Set clientSecret/
    ],
    [
      "S-23 a tenant's own host with a client that all share",
      {
        providers: [
          {
            clientId: "i",
            clientSecret: "s",
            definition: {
              ...github({ clientId: "i", clientSecret: "s" }).definition,
              fields: [{ name: "host", label: "Host", secret: false }],
              tokenEndpoint: "https://{host}/login/oauth/access_token"
            }
          }
        ]
      },
      /^providers\[github\]\.tokenEndpoint: The field host lets a tenant choose the host/
    ],
    ["no database URL", { store: postgres({ url: undefined }) }, /postgres.url: /],
    ["S-44 no key", { encryptionKey: undefined }, /encryptionKey: The encryption key is missing/],
    ["S-44 a short key", { encryptionKey: "c2hvcnQ=" }, /has 5 bytes and needs 32/],
    [
      "S-44 a key and a key management",
      { keyManagement: { ...keyManagement, primaryKeyId: "k" } },
      /keyManagement: Set either/
    ],
    [
      "S-44 a key management without a name for its key",
      { encryptionKey: undefined, keyManagement: { ...keyManagement, primaryKeyId: "" } },
      /keyManagement: Its primaryKeyId/
    ],
    ["S-44 an all-zero key", { encryptionKey: Buffer.alloc(32).toString("base64") }, /not random/]
  ]
  for (const [what, change, message] of refused) {
    it(`refused: ${what}`, async () => {
      await expect(start(change)).rejects.toMatchObject({
        name: "ConfigurationError",
        code: "configuration_error",
        message: expect.stringMatching(message) as unknown
      })
    })
  }

  it("a database that cannot be reached is named, without its password", async () => {
    const failure = start({
      store: postgres({ url: "postgres://user:canary-password@127.0.0.1:1/none" })
    })
    await expect(failure).rejects.toThrow()
    await expect(failure).rejects.not.toMatchObject({
      message: expect.stringContaining("canary") as unknown
    })
  })

  it("what can be used starts, answers, and closes", async () => {
    const hawser = await start({})
    const response = await hawser.handler(
      new Request("http://internal/api/v1/integrations/catalog")
    )
    expect(response.status).toBe(200)
    const { items } = (await response.json()) as { items: ReadonlyArray<{ connectUrl: string }> }
    expect(items[0]?.connectUrl).toBe("/api/v1/integrations/github/connect")
    await hawser.close()
  })

  it("a logger and security hook of the host's that throw do not fail a call", async () => {
    const fail = () => {
      throw new Error("the host's own mistake")
    }
    const hawser = await start({
      logger: { info: fail, warn: fail, error: fail },
      onSecurityEvent: fail
    })
    const connect = hawser
      .tenant("acme", { user: "ada" })
      .connect("github", { redirectUrl: "https://app.example.com/integrations" })
    await expect(connect).resolves.toMatchObject({
      setCookie: expect.stringMatching(
        /^__Host-hawser-[\w-]+=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax/
      ) as unknown
    })
    await hawser.close()
  })
})

describe("errors of the promises", () => {
  it("are errors with a stable code and a sentence", async () => {
    const hawser = await start({})
    const of = { tenantId: "acme", userId: "ada", provider: "github" }
    await expect(hawser.tenant(of.tenantId).connection(of.provider).token()).rejects.toMatchObject({
      code: "not_connected"
    })
    await expect(hawser.tenant(of.tenantId).connection(of.provider).get()).rejects.toMatchObject({
      code: "integration_not_found"
    })
    await expect(
      hawser.tenant(of.tenantId, { user: of.userId }).connection(of.provider).disconnect()
    ).rejects.toMatchObject({ code: "integration_not_found" })
    await expect(hawser.tenant(of.tenantId).connection("nothing").get()).rejects.toMatchObject({
      code: "provider_not_found"
    })
    await expect(
      hawser.tenant(of.tenantId, { user: of.userId }).connect(of.provider, {})
    ).rejects.toMatchObject({
      code: "validation_error",
      details: [{ path: "redirectUrl", code: "missing" }]
    })
    await expect(
      hawser.tenant("", { user: of.userId }).connect(of.provider, {})
    ).rejects.toMatchObject({
      code: "validation_error"
    })
    await expect(hawser.tenant(of.tenantId).connection(of.provider).token()).rejects.toBeInstanceOf(
      Error
    )
    await hawser.close()
  })
})
