import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { serve } from "@hono/node-server"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { createServer } from "node:http"
import { afterAll, describe, expect, it, vi } from "vitest"

const { privateKey, publicKey } = await generateKeyPair("ES256")
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] })
const login = createServer((_request, response) => void response.end(jwks))
await once(login.listen(0, "127.0.0.1"), "listening")
vi.stubEnv("JWKS_URL", `http://127.0.0.1:${(login.address() as AddressInfo).port}/jwks.json`)

const { hawser } = await import("../src/hawser.ts")
const { app } = await import("../src/hono.ts")

const token = await new SignJWT({ tenant_id: "acme-inc", roles: ["admin"] })
  .setProtectedHeader({ alg: "ES256" })
  .setSubject("ada")
  .setIssuer("https://login.example.com/")
  .setAudience("https://app.example.com")
  .setIssuedAt()
  .setExpirationTime("5 minutes")
  .sign(privateKey)

const server = serve({
  fetch: app.fetch,
  port: 0,
  hostname: "127.0.0.1",
  serverOptions: { keepAliveTimeout: 0 }
})
await once(server, "listening")
const honoOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

afterAll(async () => {
  server.close()
  await hawser.close()
  login.close()
})

const send = (path: string, init: RequestInit) => fetch(`${honoOrigin}${path}`, init)

describe("on Hono", () => {
  it("the catalog is public", async () => {
    const response = await send("/v1/integrations/catalog", {})
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ items: [{ provider: "datadog" }], total: 1 })
  })

  it("an admin's call is answered, with the tenant's rate limit", async () => {
    const headers = { authorization: `Bearer ${token}` }
    const response = await send("/v1/integrations", { headers })
    expect([response.status, await response.json()]).toEqual([200, { items: [], total: 0 }])
    expect(response.headers.get("x-ratelimit-limit")).toBe("2000")
  })

  it("a body that a validator has read is handled, and what is wrong with it is told", async () => {
    const response = await send("/v1/integrations/datadog/credentials", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ credentials: { api_key: 1 } })
    })
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: "validation_error" }
    ])
  })

  it("a body that a validator has read is acted on", async () => {
    const response = await send("/v1/integrations/datadog/connect", {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        origin: "http://127.0.0.1:3000"
      },
      body: JSON.stringify({ credentialId: crypto.randomUUID() })
    })
    expect([response.status, await response.json()]).toMatchObject([
      404,
      { error: "credential_not_found" }
    ])
  })

  it("HEAD on the callback is 405 and consumes nothing", async () => {
    const response = await send("/v1/integrations/datadog/callback?state=x", { method: "HEAD" })
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"])
  })
})
