import { beforeEach, describe, expect, it } from "vitest"
import { type DocumentedRoute, documentedRoutes } from "../../../test-support/documented-routes.ts"
import { openApi } from "../src/index.ts"
import { connectForge, connectGauge, cookieUrl, parkFlow } from "./support/flow.ts"
import { bodyOf, type Host, makeHost, outcomeOf } from "./support/host.ts"
import { withinAMinute } from "../../../test-support/within-a-minute.ts"

beforeEach(withinAMinute)

/** What the contract says of an operation that the document does not. */
interface Promised {
  readonly role?: "admin" | "member"
  readonly bucket?: "tenant" | "finish" | "check"
  /** A body that is right in form. */
  readonly body?: object
}

const unknownId = `crd_${"0".repeat(26)}`

const contract: Readonly<Record<string, Promised>> = {
  connect: { role: "admin", bucket: "tenant", body: { redirectUrl: cookieUrl } },
  storeCredentials: { role: "admin", bucket: "check", body: { credentials: { api_key: "k" } } },
  listCredentials: { role: "admin", bucket: "tenant" },
  deleteCredential: { role: "admin", bucket: "tenant" },
  swapCredential: { role: "admin", bucket: "check", body: { credentialId: unknownId } },
  complete: { role: "admin", bucket: "finish", body: { flowId: "unknown" } },
  list: { role: "member", bucket: "tenant" },
  get: { role: "member", bucket: "tenant" },
  disconnect: { role: "admin", bucket: "finish" },
  test: { role: "admin", bucket: "check" },
  callback: {},
  callbackForm: {},
  tenantCallback: {},
  tenantCallbackForm: {},
  showConfirmation: {},
  confirm: {},
  catalog: {}
}

const all = documentedRoutes(openApi()).map(({ body: documented, ...route }) => ({
  ...route,
  takesJson: documented?.type === "json",
  ...contract[route.operation]
}))
const guarded = all.filter(({ isPublic }) => !isPublic)
const withBody = guarded.filter(({ takesJson }) => takesJson)
const named = (routes: ReadonlyArray<(typeof all)[number]>) =>
  routes.map((route) => [`${route.method} ${route.path || "/"}`, route] as const)

const pathOf = ({ path }: Pick<DocumentedRoute, "path">, provider = "gauge") =>
  path.replace("{provider}", provider).replace("{credentialId}", unknownId)

const tooLarge = { body: "x".repeat(70_000) }

it("this file knows every route of the OpenAPI document, and no others", () => {
  expect(all.map(({ operation }) => operation).toSorted()).toEqual(Object.keys(contract).toSorted())
  expect(all.filter(({ takesJson }) => takesJson)).toEqual(all.filter(({ body }) => body))
})

describe.each(named(all))("%s", (_, route) => {
  it("405 with Allow for every method that does not stand there, before anything else", async () => {
    const host = await makeHost()
    const allowed = all.filter(({ path }) => path === route.path).map(({ method }) => method)
    for (const method of ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]) {
      if (allowed.includes(method)) continue
      const response = await host.send(method, pathOf(route, "nobody"), { token: "wrong" })
      expect([method, response.status]).toEqual([method, 405])
      expect(response.headers.get("allow")?.split(", ").toSorted()).toEqual(allowed.toSorted())
      expect((await bodyOf(response)).error).toBe("method_not_allowed")
    }
    expect(host.events).toEqual([])
  })

  it("404 not_found for what stands below it", async () => {
    const host = await makeHost()
    const path = `${pathOf(route)}/more/and/more`
    expect(await outcomeOf(await host.send(route.method, path))).toBe("404 not_found")
  })
})

describe.each(named(guarded))("the order of checks of %s", (_, route) => {
  const nobody = pathOf(route, "nobody")
  const send = async (host: Host, path: string, claims: Record<string, unknown> = {}) =>
    host.send(route.method, path, {
      token: await host.issuer.token(claims),
      ...(route.takesJson && tooLarge)
    })

  it("401 before all that comes after", async () => {
    const host = await makeHost({ settings: { rateLimit: 1 } })
    for (let call = 0; call < 3; call++) {
      const response = await host.send(route.method, nobody, {
        ...(route.takesJson && tooLarge),
        headers: { origin: "https://evil.test" }
      })
      expect(await outcomeOf(response)).toBe("401 unauthorized")
      expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"')
      expect(response.headers.get("x-ratelimit-limit")).toBeNull()
    }
  })

  it("429 before 403, with Retry-After", async () => {
    const host = await makeHost({ settings: { rateLimit: 1 } })
    const claims = { roles: [] }
    expect(await outcomeOf(await send(host, nobody, claims))).toBe("403 forbidden")
    const response = await send(host, nobody, claims)
    expect(await outcomeOf(response)).toBe("429 rate_limit_exceeded")
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(response.headers.get("x-ratelimit-remaining")).toBe("0")
  })

  it("403 before the provider's 404, for everyone whose role is too small", async () => {
    const host = await makeHost()
    const nobodys = [[], ["Admin"], "owner", { 0: "admin" }, 1]
    const tooSmall = route.role === "admin" ? [["member"], "member", ...nobodys] : nobodys
    for (const roles of tooSmall) {
      expect(await outcomeOf(await send(host, nobody, { roles }))).toBe("403 forbidden")
    }
    expect(await outcomeOf(await send(host, nobody, { tenant_id: undefined }))).toBe(
      "403 forbidden"
    )
  })
})

const forMembers = guarded.filter(({ role }) => role === "member")
it.each(named(forMembers))("%s is open to members", async (_, route) => {
  const host = await makeHost()
  await connectGauge(host)
  const token = await host.issuer.token({ roles: ["member"] })
  expect((await host.send(route.method, pathOf(route), { token })).status).toBe(200)
})

const ofProvider = guarded.filter(({ path }) => path.includes("{provider}"))
it.each(named(ofProvider))("%s looks at the provider before the body", async (_, route) => {
  const host = await makeHost()
  const response = await host.send(route.method, pathOf(route, "nobody"), {
    token: await host.issuer.token(),
    ...(route.takesJson && tooLarge)
  })
  expect(await outcomeOf(response)).toBe("404 provider_not_found")
})

describe.each(named(withBody))("the body of %s", (_, route) => {
  const provider = route.operation === "connect" ? "forge" : "gauge"
  const send = async (
    host: Host,
    body: string | Uint8Array<ArrayBuffer>,
    type = "application/json"
  ) =>
    host.send(route.method, pathOf(route, provider), {
      token: await host.issuer.token(),
      body,
      headers: { "content-type": type }
    })

  it.each([
    "text/plain",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "text/json",
    "nonsense"
  ])("415 for %s, before 413 where the type alone tells", async (type) => {
    const host = await makeHost()
    const isForm = type === "application/x-www-form-urlencoded"
    const response = await send(host, isForm ? "redirectUrl=x" : tooLarge.body, type)
    expect(await outcomeOf(response)).toBe("415 unsupported_media_type")
  })

  it("415 for a body without a type", async () => {
    const host = await makeHost()
    const response = await host.send(route.method, pathOf(route), {
      token: await host.issuer.token(),
      body: new TextEncoder().encode(JSON.stringify(route.body))
    })
    expect(await outcomeOf(response)).toBe("415 unsupported_media_type")
  })

  it("413 past 64 KiB before 400, and at 64 KiB not", async () => {
    const host = await makeHost()
    const sized = (size: number) => JSON.stringify({ evil: "" }).padEnd(size, " ")
    expect(await outcomeOf(await send(host, sized(65_537)))).toBe("413 payload_too_large")
    expect(await outcomeOf(await send(host, sized(65_536)))).toBe("400 validation_error")
  })

  it.each([
    "",
    "{",
    "[]",
    "null",
    "1",
    '"text"',
    "{}{}",
    '{"evil":1}',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{}}}',
    "\ufeff{",
    "\xff"
  ])("400 for %j", async (body) => {
    const host = await makeHost()
    expect(await outcomeOf(await send(host, body))).toBe("400 validation_error")
  })

  it("400 for what is not UTF-8", async () => {
    const host = await makeHost()
    const response = await send(host, Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))
    expect(await outcomeOf(response)).toBe("400 validation_error")
  })

  it("400 for a right body with one member more, and for each member of a wrong type", async () => {
    const host = await makeHost()
    const wrong = [
      { ...route.body, more: 1 },
      ...Object.keys(route.body ?? {}).flatMap((name) =>
        [null, 1, true, [], ["a"]].map((value) => ({ ...route.body, [name]: value }))
      )
    ]
    for (const body of wrong) {
      expect([body, await outcomeOf(await send(host, JSON.stringify(body)))]).toEqual([
        body,
        "400 validation_error"
      ])
    }
  })
})

describe("S-68 the buckets", () => {
  const rateLimit = 40
  const expected = { tenant: 40, finish: 40, check: 2 }

  it.each(named(guarded))("%s says its limit on every answer", async (_, route) => {
    const host = await makeHost({ settings: { rateLimit } })
    const limit = expected[route.bucket ?? "tenant"]
    const reset = String(Date.parse("2026-03-01T10:01:00Z") / 1000)
    for (let call = 1; call <= limit + 1; call++) {
      const response = await host.send(route.method, pathOf(route), {
        token: await host.issuer.token(),
        ...(route.body !== undefined && { json: route.body })
      })
      const headers = ["limit", "remaining", "reset"].map((name) =>
        response.headers.get(`x-ratelimit-${name}`)
      )
      expect(headers).toEqual([String(limit), String(Math.max(0, limit - call)), reset])
      expect([call, response.status === 429]).toEqual([call, call > limit])
    }
  })

  /** Calls an operation until its bucket is empty. */
  const exhaust = async (host: Host, operation: string, claims = {}) => {
    const route = all.find((one) => one.operation === operation)
    if (route === undefined) throw new Error(`no operation ${operation}`)
    const token = await host.issuer.token(claims)
    for (let call = 0; call <= rateLimit; call++) {
      const json = route.body
      const init = json === undefined ? { token } : { token, json }
      const response = await host.send(route.method, pathOf(route), init)
      if (response.status === 429) return
    }
    throw new Error(`${operation} is not limited`)
  }

  it("a member's traffic keeps no admin from finishing, leaving or asking", async () => {
    const host = await makeHost({ settings: { rateLimit } })
    await connectGauge(host)
    const flowId = await parkFlow(host)
    const token = await host.issuer.token()
    await exhaust(host, "list", { roles: ["member"] })
    expect((await host.send("POST", "/gauge/test", { token })).status).toBe(200)
    expect((await host.send("POST", "/forge/complete", { token, json: { flowId } })).status).toBe(
      200
    )
    expect((await host.send("DELETE", "/gauge", { token })).status).toBe(204)
    expect((await host.send("GET", "", { token })).status).toBe(429)
  })

  it("storing, swapping and testing draw on one bucket, and empty no other", async () => {
    const host = await makeHost({ settings: { rateLimit } })
    await connectForge(host)
    await exhaust(host, "test")
    const token = await host.issuer.token()
    for (const [method, path, json] of [
      ["POST", "/gauge/credentials", { credentials: { api_key: "good-key" } }],
      ["PUT", "/gauge/credential", { credentialId: unknownId }]
    ] as const) {
      expect(await outcomeOf(await host.send(method, path, { token, json }))).toBe(
        "429 rate_limit_exceeded"
      )
    }
    expect((await host.send("GET", "/forge", { token })).status).toBe(200)
    expect((await host.send("DELETE", "/forge", { token })).status).toBe(204)
  })

  it("S-60 one tenant's traffic takes nothing from another's", async () => {
    const host = await makeHost({ settings: { rateLimit } })
    for (const operation of ["list", "test", "disconnect"]) await exhaust(host, operation)
    const token = await host.issuer.token({ tenant_id: "tenant-2" })
    for (const [method, path] of [
      ["GET", ""],
      ["POST", "/gauge/test"],
      ["DELETE", "/gauge"]
    ] as const) {
      expect((await host.send(method, path, { token })).status).not.toBe(429)
    }
  })

  it("public routes count per address, and say nothing of it", async () => {
    const host = await makeHost({ settings: { rateLimit: 1 } })
    const context = { clientAddress: "192.0.2.1" }
    for (const [path, status] of [
      ["/catalog", 200],
      ["/forge/callback?state=x", 400]
    ] as const) {
      const first = await host.send("GET", path, { context })
      expect([first.status, first.headers.get("x-ratelimit-limit")]).toEqual([status, null])
    }
    for (const [method, path, init] of [
      ["GET", "/catalog", {}],
      ["GET", "/forge/callback?state=x", {}],
      ["POST", "/forge/callback", { body: new URLSearchParams({ state: "x" }) }]
    ] as const) {
      const response = await host.send(method, path, { ...init, context })
      expect(await outcomeOf(response)).toBe("429 rate_limit_exceeded")
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0)
    }
    // Who is known by a token is counted by tenant.
    const token = await host.issuer.token()
    expect((await host.send("GET", "", { token, context })).status).toBe(200)
  })
})

describe("parameters that nobody declared", () => {
  it("change nothing, even twice, where none are read", async () => {
    const host = await makeHost()
    await connectGauge(host)
    const token = await host.issuer.token()
    expect((await host.send("GET", "/gauge?a=1&a=2&tenantId=x", { token })).status).toBe(200)
    expect((await host.send("DELETE", "/gauge?a=1&a=2", { token })).status).toBe(204)
  })
})
