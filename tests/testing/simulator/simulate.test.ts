import { assert, describe, it } from "@effect/vitest"
import type { ProviderConfig } from "@hawser/core"
import { defineProvider } from "@hawser/providers"
import type { ProviderFacts } from "@hawser/testing/facts"
import { seedConnected, startSimulator } from "@hawser/testing/simulator"
import { createHawser, memory } from "hawser"
import { forgeFacts, gaugeFacts } from "./support/facts.ts"

const publicUrl = "http://localhost:3000/api"
const tenantId = "acme"
const admin = { tenantId, userId: "ann" }

const forge = (client: { readonly clientId: string; readonly clientSecret: string }) =>
  defineProvider(
    {
      id: "forge",
      displayName: "The forge",
      category: "other",
      description: "Made up for tests.",
      docsUrl: "https://docs.forge.example/",
      authType: "oauth2",
      issuer: "https://forge.example",
      fields: [{ name: "site", label: "Site", secret: false, format: "subdomain" }],
      authorizationEndpoint: "https://{site}.forge.example/authorize",
      authorizationParameters: { audience: "api.{site}" },
      tokenEndpoint: "https://{site}.forge.example/token",
      tokenRequest: { parameters: { audience: "api.{site}" } },
      clientAuthentication: "client_secret_basic",
      defaultScopes: ["read", "write"],
      account: {
        from: "request",
        url: "https://api.forge.example/v1/me",
        id: ["id"],
        label: ["name"]
      },
      check: { url: "https://api.forge.example/v1/ping?deep=1", headers: { "X-Probe": "yes" } },
      revocation: { endpoint: "https://{site}.forge.example/revoke", ends: "token" },
      api: { baseUrl: "https://api.forge.example/v1", hosts: ["files.forge.example"] },
      apiHeaders: { Accept: "application/vnd.forge+json" }
    },
    client
  )

const gauge = () =>
  defineProvider({
    id: "gauge",
    displayName: "The gauge",
    category: "other",
    description: "Made up for tests.",
    authType: "api_key",
    fields: [
      { name: "key", label: "Key" },
      { name: "secret", label: "Secret" },
      { name: "region", label: "Region", secret: false, choices: ["eu", "us"] }
    ],
    headers: { "X-Key": "Key {key}" },
    basic: { username: "{key}", password: "{secret}" },
    query: { region: "{region}" },
    api: { baseUrl: "https://api.{region}.gauge.example" },
    check: {
      url: "https://api.{region}.gauge.example/graphql",
      method: "POST",
      body: '{"query":"{me{id}}","variables":{}}',
      acceptedBody: { path: ["data", "me", "id"], exists: true }
    }
  })

/** A host whose providers are simulated. */
const hosting = async (
  facts: ReadonlyArray<ProviderFacts>,
  providersAt: (
    simulator: Awaited<ReturnType<typeof startSimulator>>
  ) => ReadonlyArray<ProviderConfig>
) => {
  const simulator = await startSimulator({ providers: facts })
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: ["http://localhost:3000/done"],
    authenticate: () => Promise.resolve({ ...admin, roles: ["admin"] }),
    providers: providersAt(simulator),
    store: memory(),
    workers: "off",
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    unsafelyAllowLoopback: true
  })
  return {
    simulator,
    hawser,
    [Symbol.asyncDispose]: async () => {
      await hawser.close()
      await simulator.close()
    }
  }
}

describe("simulate", () => {
  it("leads every URL of a definition to the simulator, and leaves the issuer", async () => {
    const simulator = await startSimulator({ providers: [forgeFacts()] })
    try {
      const { definition } = simulator.simulate(forge, { publicUrl })
      const { docsUrl, issuer, ...others } = definition
      assert.strictEqual(docsUrl, "https://docs.forge.example/")
      assert.strictEqual(issuer, "https://forge.example")
      assert.notInclude(JSON.stringify(others), "https://")
      assert.deepStrictEqual(definition.api, {
        baseUrl: `http://api.forge.example.localhost:${simulator.port}/v1`,
        hosts: [`files.forge.example.localhost:${simulator.port}`]
      })
    } finally {
      await simulator.close()
    }
  })

  it("connects, refreshes, calls the API and disconnects without a vendor", async () => {
    await using host = await hosting([forgeFacts()], (simulator) => [
      simulator.simulate(forge, { publicUrl })
    ])
    const { hawser, simulator } = host
    const begun = await hawser.tenant(admin.tenantId, { user: admin.userId }).connect("forge", {
      redirectUrl: "http://localhost:3000/done",
      fields: simulator.fields("forge")
    })
    assert("authorizationUrl" in begun)
    const { url } = await simulator.visit(begun.authorizationUrl)
    const back = await hawser.handler(
      new Request(url, { headers: { cookie: begun.setCookie?.split(";")[0] ?? "" } })
    )
    assert.include(back.headers.get("location"), "status=connected")

    const [integration] = (await hawser.tenant(tenantId).connections()).items
    assert.strictEqual(integration?.accountLabel, "Ann")
    const forgeFetch = hawser.tenant(tenantId).connection("forge").fetch
    assert.strictEqual((await forgeFetch("/things")).status, 200)
    const file = `http://files.forge.example.localhost:${simulator.port}/x`
    assert.strictEqual((await forgeFetch(file)).status, 200)

    simulator.advance(3600)
    assert.strictEqual((await forgeFetch("/things")).status, 200)
    assert.strictEqual(simulator.count("forge", "refresh"), 1)

    await hawser.tenant(admin.tenantId, { user: admin.userId }).connection("forge").disconnect()
    await hawser.tick()
    assert.deepStrictEqual(simulator.liveTokens("forge"), [])
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("keeps the client and the callback's path that the host has configured", async () => {
    const simulator = await startSimulator({ providers: [forgeFacts()] })
    try {
      const config = simulator.simulate(
        {
          ...forge({ clientId: "mine", clientSecret: "my secret" }),
          callbackPath: "/old/callback"
        },
        { publicUrl }
      )
      assert.include(config, { clientId: "mine", clientSecret: "my secret" })
      const url = new URL("https://acme.forge.example/authorize")
      url.searchParams.set("client_id", "mine")
      url.searchParams.set("redirect_uri", "http://localhost:3000/old/callback")
      await simulator.visit(url.href).catch(() => undefined)
      const found = simulator.violations.map(({ problem }) => problem).join()
      assert.notInclude(found, "registered")
    } finally {
      await simulator.close()
    }
  })

  it("makes up a key for a client that has to sign", async () => {
    const facts = forgeFacts({
      token: { clientAuthentication: ["private_key_jwt"] },
      refresh: { clientAuthentication: ["private_key_jwt"] }
    })
    await using host = await hosting([facts], (simulator) => {
      const config = forge({ clientId: "mine", clientSecret: "" })
      const definition = { ...config.definition, clientAuthentication: "private_key_jwt" as const }
      return [simulator.simulate({ definition, clientId: "mine" }, { publicUrl })]
    })
    const { hawser, simulator } = host
    await seedConnected(hawser, simulator, { ...admin, provider: "forge" })
    simulator.advance(3600)
    const forgeFetch = hawser.tenant(tenantId).connection("forge").fetch
    assert.strictEqual((await forgeFetch("/things")).status, 200)
    assert.deepStrictEqual([...simulator.violations], [])
  })
})

describe("seedConnected", () => {
  it("gives a tenant a grant that works, and can be refreshed", async () => {
    await using host = await hosting([forgeFacts()], (simulator) => [
      simulator.simulate(forge, { publicUrl })
    ])
    const { hawser, simulator } = host
    const grant = await seedConnected(hawser, simulator, { ...admin, provider: "forge" })
    assert.deepStrictEqual(grant?.account, { id: "7", label: "Ann" })
    const forgeFetch = hawser.tenant(tenantId).connection("forge").fetch
    assert.strictEqual((await forgeFetch("/things")).status, 200)
    simulator.advance(3600)
    assert.strictEqual((await forgeFetch("/things")).status, 200)
    assert.strictEqual(simulator.count("forge", "refresh"), 1)
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("gives a tenant the sample key", async () => {
    await using host = await hosting([gaugeFacts()], (simulator) => [
      simulator.simulate(gauge, { publicUrl })
    ])
    const { hawser, simulator } = host
    const grant = await seedConnected(hawser, simulator, { ...admin, provider: "gauge" })
    assert.isUndefined(grant)
    const gaugeFetch = hawser.tenant(tenantId).connection("gauge").fetch
    assert.strictEqual((await gaugeFetch("/things")).status, 200)
    const { status } = await hawser
      .tenant(admin.tenantId, { user: admin.userId })
      .credentials("gauge")
      .store({ credentials: simulator.fields("gauge") })
    assert.strictEqual(status, "validated")
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("rejects where the host does not take it", async () => {
    await using host = await hosting([forgeFacts()], (simulator) => [
      simulator.simulate(forge, { publicUrl })
    ])
    const options = { tenantId: "", userId: "ann", provider: "forge" }
    const error: unknown = await seedConnected(host.hawser, host.simulator, options).catch(
      (problem: unknown) => problem
    )
    assert.include(String(error), "forge could not be seeded (validation_error)")
  })
})
