import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { ConnectionStore, StorageUnavailable } from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Effect, Layer } from "effect"
import { createHawser, defineProvider, jwt, postgres } from "hawser"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { startHawser } from "./support/anyStore.ts"

const database = await createDatabase()
afterAll(database.drop)

/** A service that answers a key's check when it is told to. */
const slowService = async () => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const server = createServer((_request, response) => {
    asked.resolve()
    void answer.promise.then(() => response.end("{}"))
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  afterAll(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, asked: asked.promise, answer: answer.resolve }
}

const callers = "https://login.example"

/** All that use the database have one. */
const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

const start = (origin: string) =>
  createHawser({
    publicUrl: "https://app.example",
    allowedRedirectUrls: ["https://app.example/done"],
    authenticate: jwt({ issuer: callers, audience: "app", jwksUrl: `${callers}/jwks.json` }),
    providers: [
      defineProvider({
        id: "slow",
        displayName: "Slow",
        category: "other",
        description: "Takes its time.",
        authType: "api_key",
        fields: [{ name: "api_key", label: "API key" }],
        headers: { "x-api-key": "{api_key}" },
        check: { url: `${origin}/check` }
      })
    ],
    store: postgres({ url: database.url }),
    encryptionKey,
    workers: "off",
    unsafelyAllowLoopback: true
  })

const catalog = new Request("https://app.example/v1/integrations/catalog")

it("close waits for what has begun, and refuses what comes later", async () => {
  const service = await slowService()
  const hawser = await start(service.origin)
  const storing = hawser
    .tenant("acme", { user: "ada" })
    .credentials("slow")
    .store({ credentials: { api_key: "key" } })
  await service.asked
  const closing = hawser.close()
  const late = await hawser.handler(catalog.clone())
  expect([late.status, await late.json()]).toMatchObject([503, { error: "storage_unavailable" }])
  await expect(
    hawser
      .tenant("acme")
      .connections()
      .then(({ items }) => items)
  ).rejects.toMatchObject({
    code: "storage_unavailable"
  })

  service.answer()
  expect(await storing).toMatchObject({ provider: "slow", status: "validated" })
  await closing
})

it("a subscriber that is given up is forgotten, unless it runs here", async () => {
  const service = await slowService()
  service.answer()
  const ada = { tenantId: "acme", userId: "ada", provider: "slow" } as const
  const first = await start(service.origin)
  await first.on("integration.connected", { as: "mailer" }, () => undefined)
  await expect(first.admin.unsubscribe("mailer")).rejects.toMatchObject({
    code: "configuration_error"
  })
  await first.close()

  const second = await start(service.origin)
  const { credentialId } = await second
    .tenant(ada.tenantId, { user: ada.userId })
    .credentials(ada.provider)
    .store({ credentials: { api_key: "k" } })
  await second.tenant(ada.tenantId, { user: ada.userId }).connect(ada.provider, { credentialId })
  await second.admin.unsubscribe("mailer")
  // Its place would be before the event.
  const heard: Array<string> = []
  await second.on(
    "integration.connected",
    { as: "mailer" },
    ({ event }) => void heard.push(event.id)
  )
  await second.tick()
  expect(heard).toEqual([])
  await second.close()
})

describe("S-71 close returns in time, whatever happens", () => {
  const tokens = { accessToken: "canary-old-access", refreshToken: "canary-old-refresh" }
  const issued = { access_token: "canary-new-access", refresh_token: "canary-new-refresh" }

  /** A host whose store takes no new tokens, and whose log a test can read. */
  const startWith = async (
    grants: (store: ConnectionStore["Service"]) => Partial<ConnectionStore["Service"]>
  ) => {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ ...issued, token_type: "bearer", expires_in: 3600 }))
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void server.close())
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const lines: Array<string> = []
    const line = (message: string, details: object) =>
      void lines.push(`${message} ${JSON.stringify(details)}`)
    const hawser = await startHawser({
      publicUrl: "https://app.example",
      allowedRedirectUrls: ["https://app.example/done"],
      authenticate: jwt({ issuer: callers, audience: "app", jwksUrl: `${callers}/jwks.json` }),
      providers: [
        defineProvider(
          {
            id: "forge",
            displayName: "Forge",
            category: "other",
            description: "Issues tokens.",
            authType: "oauth2",
            authorizationEndpoint: `${origin}/authorize`,
            tokenEndpoint: `${origin}/token`,
            clientAuthentication: "client_secret_post",
            defaultScopes: []
          },
          { clientId: "client", clientSecret: "secret" }
        )
      ],
      store: {
        layer: Layer.effect(
          ConnectionStore,
          Effect.map(ConnectionStore, (store) => ({ ...store, ...grants(store) }))
        ).pipe(Layer.provideMerge(MemoryStores.layer))
      },
      encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
      workers: "off",
      logger: { messageFirst: { info: line, warn: line, error: line } },
      unsafelyAllowLoopback: true
    })
    const acme = { tenantId: "acme", provider: "forge" }
    await hawser.admin.import([
      { ...acme, connectedBy: "ada", ...tokens, expiresAt: new Date(Date.now() + 1000) }
    ])
    return { hawser, lines, acme }
  }

  for (const [what, answer] of [
    ["refuses", Effect.fail(new StorageUnavailable({ cause: "away" }))],
    ["is silent", Effect.never]
  ] as const) {
    it(`though the store ${what}: the tokens that it did not take are in the log as lost`, async () => {
      const begun = Promise.withResolvers<void>()
      const { acme, hawser, lines } = await startWith(() => ({
        renewGrant: () =>
          Effect.suspend(() => {
            begun.resolve()
            return answer
          })
      }))
      const call = hawser
        .tenant(acme.tenantId)
        .connection(acme.provider)
        .token({ validFor: "60 seconds" })
      await begun.promise
      await Promise.all([
        expect(call).rejects.toMatchObject({ code: "storage_unavailable" }),
        hawser.close({ within: 200 })
      ])
      const lost = lines.filter((line) => line.includes("lost"))
      expect(lost).toEqual([
        expect.stringMatching(/New tokens .*"provider":"forge","tenantId":"acme"/)
      ])
      expect(lines.join()).not.toContain("canary")
      expect(await hawser.health()).toMatchObject({ isReady: false })
    })
  }

  it("though a call never comes to its end: that rejects", async () => {
    const { hawser } = await startWith(() => ({}))
    const items = async function* () {
      await new Promise(() => {})
      yield { tenantId: "acme", provider: "forge", connectedBy: "ada", ...tokens }
    }
    const call = hawser.admin.import(items())
    await Promise.all([
      expect(call).rejects.toMatchObject({ code: "storage_unavailable" }),
      hawser.close({ within: 100 })
    ])
  })

  it("and a second close waits for the first", async () => {
    const { hawser } = await startWith(() => ({}))
    expect(hawser.close()).toBe(hawser.close({ within: 0 }))
    await hawser.close()
  })
})
