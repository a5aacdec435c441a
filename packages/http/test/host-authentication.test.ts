import { describe, expect, it } from "vitest"
import type { Caller } from "../src/index.ts"
import { type Host, makeHost, outcomeOf } from "./support/host.ts"

const listWith = (host: Host, token: string) => host.send("GET", "", { token })

describe("a host's own authentication", () => {
  it.each<readonly [string, Caller | null, number, string | undefined]>([
    ["a caller", { tenantId: "t", userId: "u", roles: ["member"] }, 200, undefined],
    ["null", null, 401, "refused_by_host"],
    ["an empty user", { tenantId: "t", userId: "", roles: ["admin"] }, 401, "no_user"],
    ["an empty tenant", { tenantId: "", userId: "u", roles: ["admin"] }, 403, "no_tenant"],
    ["no role", { tenantId: "t", userId: "u", roles: [] }, 403, "no_tenant"],
    [
      "a role of its own",
      { tenantId: "t", userId: "u", roles: ["owner" as never] },
      403,
      "no_tenant"
    ],
    [
      "no list of roles",
      { tenantId: "t", userId: "u", roles: { admin: true } as never },
      403,
      "no_tenant"
    ]
  ])("that answers %s", async (_, caller, status, reason) => {
    const host = await makeHost({ authentication: async () => caller })
    expect((await listWith(host, "opaque")).status).toBe(status)
    expect(host.events.at(-1)?.reason).toBe(reason)
  })

  it("that throws is 503, that answers nothing 401", async () => {
    const throwing = await makeHost({ authentication: () => Promise.reject(new Error("down")) })
    expect(await outcomeOf(await listWith(throwing, "opaque"))).toBe(
      "503 authentication_unavailable"
    )
    const silent = await makeHost({
      authentication: (() => Promise.resolve(undefined)) as never
    })
    expect((await listWith(silent, "opaque")).status).toBe(401)
  })

  it("S-08 is not asked where there is only a cookie, and cannot take the body", async () => {
    let asked = 0
    const host = await makeHost({
      authentication: async (request) => {
        asked++
        await request.text()
        return { tenantId: "t", userId: "u", roles: ["admin"] }
      }
    })
    const json = { credentials: { api_key: "good-key" } }
    const cookie = { cookie: "session=1" }
    expect((await host.send("POST", "/gauge/credentials", { json, headers: cookie })).status).toBe(
      401
    )
    expect(asked).toBe(0)
    expect((await host.send("POST", "/gauge/credentials", { json, token: "opaque" })).status).toBe(
      201
    )
  })
})
