import { describe, expect, it, vi } from "vitest"
import { atTenOClock, listWith } from "./support/callers.ts"
import { makeHost } from "./support/host.ts"
import { makeIssuer, now } from "./support/issuer.ts"

const second = 1000
const minute = 60 * second
const unavailable = "503 authentication_unavailable"

atTenOClock()

const later = (duration: number) => vi.setSystemTime(Date.now() + duration)

describe("S-53 while the key set cannot be loaded", () => {
  it("the last one serves until it is an hour old, and not a second longer", async () => {
    const host = await makeHost()
    const token = await host.issuer.token({ exp: now() + 7200 })
    expect(await listWith(host, token)).toBe("200")
    host.world.set({ isDown: true })
    later(10 * minute)
    expect(await listWith(host, token)).toBe("200")
    later(50 * minute - second)
    expect(await listWith(host, token)).toBe("200")
    later(second)
    expect(await listWith(host, token)).toBe(unavailable)
    host.world.set({ isDown: false })
    later(5 * second)
    expect(await listWith(host, token)).toBe("200")
  })

  it("a clock that is set back neither keeps the set from being asked for, nor makes it young", async () => {
    const host = await makeHost()
    host.world.set({ isDown: true })
    expect(await listWith(host, await host.issuer.token())).toBe(unavailable)
    host.world.set({ isDown: false })
    later(-minute)
    const token = await host.issuer.token({ exp: now() + 7200 })
    expect(await listWith(host, token)).toBe("200")
    later(20 * minute)
    host.world.set({ isDown: true })
    expect(await listWith(host, token)).toBe("200")
  })

  it("a set that was loaded before the clock was set back is loaded again, or the issuer's old keys would live on", async () => {
    const host = await makeHost()
    expect(await listWith(host, await host.issuer.token())).toBe("200")
    const next = await makeIssuer("key-2")
    host.world.set({ jwks: () => Response.json(next.jwks) })
    later(-24 * 60 * minute)
    expect(await listWith(host, await host.issuer.token({ exp: now() + 60 }))).toBe(
      "401 unauthorized"
    )
  })

  it("old keys refuse what they refused before, and a token that is out of time", async () => {
    const host = await makeHost()
    await listWith(host, await host.issuer.token())
    host.world.set({ isDown: true })
    later(10 * minute)
    const stranger = await makeIssuer()
    expect(await listWith(host, await stranger.token())).toBe("401 unauthorized")
    expect(await listWith(host, await host.issuer.token({ exp: now() - 6 }))).toBe(
      "401 unauthorized"
    )
  })

  it("a key that the last one does not have may be in the next", async () => {
    const host = await makeHost()
    await listWith(host, await host.issuer.token())
    host.world.set({ isDown: true })
    later(10 * minute)
    const next = await makeIssuer("key-2")
    expect(await listWith(host, await next.token())).toBe(unavailable)
    host.world.set({ isDown: false, jwks: () => Response.json(next.jwks) })
    later(5 * second)
    expect(await listWith(host, await next.token())).toBe("200")
  })

  it("a key that was taken out of the set is refused as soon as the set is had again", async () => {
    const host = await makeHost()
    const token = await host.issuer.token({ exp: now() + 7200 })
    await listWith(host, token)
    const next = await makeIssuer("key-2")
    host.world.set({ jwks: () => Response.json(next.jwks) })
    later(10 * minute)
    expect(await listWith(host, token)).toBe("401 unauthorized")
  })

  it("1,000 unknown key ids cause one fetch in five seconds, and none of them a 401", async () => {
    const host = await makeHost({ settings: { rateLimit: false } })
    await listWith(host, await host.issuer.token())
    host.world.set({ isDown: true })
    later(31 * second)
    const unknown = await Promise.all(
      Array.from({ length: 20 }, (_, index) => host.issuer.token({}, { kid: `unknown-${index}` }))
    )
    const fetches = host.world.count("/jwks.json")
    for (let round = 0; round < 50; round++) {
      for (const token of unknown) expect(await listWith(host, token)).toBe(unavailable)
    }
    expect(host.world.count("/jwks.json") - fetches).toBe(1)
    later(5 * second)
    await Promise.all(unknown.map((token) => listWith(host, token)))
    expect(host.world.count("/jwks.json") - fetches).toBe(2)
  })
})
