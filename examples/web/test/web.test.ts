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
const next = await import("../src/next/app/v1/integrations/[[...path]]/route.ts")

const token = await new SignJWT({ tenant_id: "acme-inc", roles: ["admin"] })
  .setProtectedHeader({ alg: "ES256" })
  .setSubject("ada")
  .setIssuer("https://login.example.com/")
  .setAudience("https://app.example.com")
  .setIssuedAt()
  .setExpirationTime("5 minutes")
  .sign(privateKey)

const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" })
await once(server, "listening")
const honoOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

afterAll(async () => {
  server.close()
  await hawser.close()
  login.close()
})

/** Each framework's way from a request to an answer. */
const frameworks = {
  Hono: (path: string, init: RequestInit) => fetch(`${honoOrigin}${path}`, init),
  "Next.js": (path: string, init: RequestInit) => {
    const request = new Request(`http://127.0.0.1:3000${path}`, init)
    const method = request.method as "DELETE" | "GET" | "HEAD" | "POST" | "PUT"
    return next[method](request)
  }
}

describe.each(Object.entries(frameworks))("on %s", (_, send) => {
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

  it("a body is read, and what is wrong with it is told", async () => {
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

  it("HEAD on the callback is 405 and consumes nothing", async () => {
    const response = await send("/v1/integrations/datadog/callback?state=x", { method: "HEAD" })
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"])
  })
})
