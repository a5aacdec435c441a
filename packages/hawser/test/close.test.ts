import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createHawser, defineProvider, jwt, postgres } from "hawser"
import { afterAll, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"

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
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    workers: "off",
    unsafelyAllowLoopback: true
  })

const catalog = new Request("https://app.example/v1/integrations/catalog")

it("close waits for what has begun, and refuses what comes later", async () => {
  const service = await slowService()
  const hawser = await start(service.origin)
  const storing = hawser.storeCredentials({
    tenantId: "acme",
    userId: "ada",
    provider: "slow",
    credentials: { api_key: "key" }
  })
  await service.asked
  const closing = hawser.close()
  const late = await hawser.handler(catalog.clone())
  expect([late.status, await late.json()]).toMatchObject([503, { error: "storage_unavailable" }])
  await expect(hawser.list({ tenantId: "acme" })).rejects.toMatchObject({
    code: "storage_unavailable"
  })

  service.answer()
  expect(await storing).toMatchObject({ provider: "slow", status: "validated" })
  await closing
})

it("a subscriber that is given up is forgotten, unless it runs here", async () => {
  const service = await slowService()
  service.answer()
  const ada = { tenantId: "acme", userId: "ada", provider: "slow" }
  const first = await start(service.origin)
  await first.on("integration.connected", () => undefined, { name: "mailer" })
  await expect(first.unsubscribe("mailer")).rejects.toMatchObject({ code: "configuration_error" })
  await first.close()

  const second = await start(service.origin)
  const { credentialId } = await second.storeCredentials({ ...ada, credentials: { api_key: "k" } })
  await second.connect({ ...ada, credentialId })
  await second.unsubscribe("mailer")
  // Its place would be before the event.
  const heard: Array<string> = []
  await second.on("integration.connected", ({ event }) => void heard.push(event.id), {
    name: "mailer"
  })
  await second.tick()
  expect(heard).toEqual([])
  await second.close()
})
