import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { jwt } from "../src/index.ts"
import { audience, type Issuer, issuerUrl, makeIssuer } from "./support/issuer.ts"
import { type Host, makeHost } from "./support/host.ts"

const listWith = (host: Host, token: string) => host.send("GET", "", { token })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T10:00:00Z") })
})
afterEach(() => {
  vi.useRealTimers()
})

describe("S-53 the key set", () => {
  it("is fetched once for many calls, through the egress and from its own host alone", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    await Promise.all(Array.from({ length: 20 }, () => listWith(host, token)))
    expect(host.world.count("/jwks.json")).toBe(1)
    expect(host.world.requests[0]).toMatchObject({ method: "GET", hosts: ["login.host.test"] })
  })

  it("is fetched at most once in a cooldown for 1,000 unknown key ids", async () => {
    const host = await makeHost({ settings: { rateLimit: false } })
    await listWith(host, await host.issuer.token())
    const unknown = await Promise.all(
      Array.from({ length: 50 }, (_, index) => host.issuer.token({}, { kid: `unknown-${index}` }))
    )
    const callAll = async () => {
      for (let round = 0; round < 20; round++) {
        for (const token of unknown) expect((await listWith(host, token)).status).toBe(401)
      }
    }
    await callAll()
    expect(host.world.count("/jwks.json")).toBe(1)
    vi.setSystemTime(Date.now() + 31_000)
    await callAll()
    expect(host.world.count("/jwks.json")).toBe(2)
  })

  it("rotates without a restart", async () => {
    const host = await makeHost()
    expect((await listWith(host, await host.issuer.token())).status).toBe(200)
    const next: Issuer = await makeIssuer("key-2")
    host.world.set({
      jwks: () => Response.json({ keys: [...host.issuer.jwks.keys, ...next.jwks.keys] })
    })
    vi.setSystemTime(Date.now() + 31_000)
    expect((await listWith(host, await next.token())).status).toBe(200)
    expect((await listWith(host, await host.issuer.token())).status).toBe(200)
  })

  it("may be given by value", async () => {
    const issuer = await makeIssuer()
    const host = await makeHost({
      issuer,
      authentication: jwt({ issuer: issuerUrl, audience, jwks: issuer.jwks })
    })
    expect((await listWith(host, await issuer.token())).status).toBe(200)
    expect(host.world.requests).toEqual([])
  })
})
