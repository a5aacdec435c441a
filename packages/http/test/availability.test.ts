import { describe, expect, it } from "vitest"
import {
  connectForge,
  connectGauge,
  comeBack,
  outcomeAt,
  parkFlow,
  startFlow
} from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost } from "./support/host.ts"

const isTenant1 = (tenantId: string) => tenantId === "tenant-1"

const listed = async (host: Host, init: Parameters<Host["send"]>[2] = {}) => {
  const { items } = await bodyOf<{ items: ReadonlyArray<{ provider: string }> }>(
    await host.send("GET", "/catalog", init)
  )
  return items.map(({ provider }) => provider)
}

/** Each route that names a provider, and a body for it. */
const routes = (provider: string, credentialId: string, flowId: string) =>
  [
    ["GET", `/${provider}`, undefined],
    ["DELETE", `/${provider}`, undefined],
    ["POST", `/${provider}/connect`, { redirectUrl: "https://app.host.test/done", credentialId }],
    ["POST", `/${provider}/complete`, { flowId }],
    ["POST", `/${provider}/test`, undefined],
    ["GET", `/${provider}/credentials`, undefined],
    ["POST", `/${provider}/credentials`, { credentials: { api_key: "good-key" } }],
    ["DELETE", `/${provider}/credentials/${credentialId}`, undefined],
    ["PUT", `/${provider}/credential`, { credentialId }]
  ] as const

const answerOf = async (response: Response) => ({
  status: response.status,
  body: await response.text(),
  headers: [...response.headers].filter(([name]) => !name.startsWith("x-ratelimit"))
})

describe("a provider that is unlisted", () => {
  it("is not in the catalogue, and works", async () => {
    const host = await makeHost({ providers: [{ ...forge, availability: "unlisted" }, gauge] })
    expect(await listed(host)).toEqual(["gauge"])
    expect(await connectForge(host)).toMatch(/^int_/)
    const response = await host.send("GET", "", { token: await host.issuer.token() })
    expect(await bodyOf(response)).toMatchObject({ items: [{ provider: "forge" }], total: 1 })
  })
})

describe("a provider that is public, said or not", () => {
  it("is in the catalogue", async () => {
    const host = await makeHost({ providers: [{ ...forge, availability: "public" }, gauge] })
    expect(await listed(host)).toEqual(["forge", "gauge"])
  })
})

describe.each([
  ["a function", (tenantId: string) => isTenant1(tenantId)],
  [
    "a function that throws for others",
    (tenantId: string) => {
      if (!isTenant1(tenantId)) throw new Error("canary")
      return true
    }
  ]
])("a provider that %s opens to tenants", (_, availability) => {
  const closedHost = () =>
    makeHost({
      providers: [
        { ...forge, availability },
        { ...gauge, availability }
      ]
    })

  it("is in nobody's catalogue: the catalogue knows no tenant", async () => {
    const host = await closedHost()
    expect(await listed(host)).toEqual([])
    expect(await listed(host, { token: await host.issuer.token() })).toEqual([])
  })

  it("works for those to whom it is open", async () => {
    const host = await closedHost()
    expect(await connectForge(host)).toMatch(/^int_/)
    expect(await connectGauge(host)).toMatch(/^crd_/)
  })

  it("S-58 is for another tenant, on every route, as if it did not exist", async () => {
    const host = await closedHost()
    const credentialId = await connectGauge(host)
    const flowId = await parkFlow(host)
    const token = await host.issuer.token({ tenant_id: "tenant-2" })
    for (const provider of ["forge", "gauge"]) {
      const closed = routes(provider, credentialId, flowId)
      const absent = routes("nobody", credentialId, flowId)
      for (const [index, [method, path, json]] of closed.entries()) {
        const send = async (to: string) =>
          answerOf(await host.send(method, to, { token, ...(json !== undefined && { json }) }))
        const answer = await send(path)
        expect([method, path, answer.status]).toEqual([method, path, 404])
        expect(JSON.parse(answer.body)).toMatchObject({ error: "provider_not_found" })
        expect(answer.body).not.toContain("canary")
        expect(answer).toEqual(await send(absent[index]?.[1] ?? ""))
      }
    }
  })
})

describe("a function that answers anything but true", () => {
  it.each([
    ["a promise of false", async () => false],
    ["a promise that is rejected", async () => Promise.reject(new Error("canary"))],
    ["text", () => "no"],
    ["nothing", () => undefined]
  ])("such as %s closes the provider", async (_, answer) => {
    const availability = answer as unknown as () => boolean
    const host = await makeHost({ providers: [{ ...forge, availability }] })
    const response = await host.send("GET", "/forge", { token: await host.issuer.token() })
    expect(await bodyOf(response)).toMatchObject({ error: "provider_not_found" })
  })
})

describe("a provider that is closed while a flow is under way", () => {
  const closing = async () => {
    let isOpen = true
    const host = await makeHost({ providers: [{ ...forge, availability: () => isOpen }] })
    return { host, close: () => void (isOpen = false) }
  }

  it("ends it at the callback without a token request", async () => {
    const { close, host } = await closing()
    const started = await startFlow(host)
    close()
    expect(outcomeAt(await comeBack(host, started))).toEqual({
      status: "error",
      provider: "forge",
      error: "provider_error"
    })
    expect(host.world.count("/token")).toBe(0)
  })

  it("ends it at complete, where it is not found", async () => {
    const { close, host } = await closing()
    const flowId = await parkFlow(host)
    close()
    const response = await host.send("POST", "/forge/complete", {
      token: await host.issuer.token(),
      json: { flowId }
    })
    expect(await bodyOf(response)).toMatchObject({ error: "provider_not_found" })
    expect(host.world.count("/token")).toBe(0)
  })
})
