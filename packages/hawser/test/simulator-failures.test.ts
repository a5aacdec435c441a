import { type Failure, type RequestKind, seedConnected } from "@hawser/testing/simulator"
import { memory, type ProviderConfig } from "hawser"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  connectSimulated,
  type SimulatedHost,
  startSimulatedHost
} from "./support/simulatedHost.ts"

/**
 * What a host's own tests do with the simulator: they let a vendor fail, and look at what people and code meet then.
 * Xero's refresh tokens rotate, and its access tokens live for half an hour.
 */
const ofAcme = { tenantId: "acme", provider: "xero" } as const
const lifetime = 1800
const scopes = ["offline_access", "accounting.settings.read"]

let host: SimulatedHost
let heard: Array<object>

const start = async (change?: (config: ProviderConfig) => ProviderConfig): Promise<void> => {
  host = await startSimulatedHost(memory(), ["xero", "datadog"], change)
  heard = []
  for (const name of [
    "integration.disconnected",
    "integration.error",
    "integration.recovered"
  ] as const) {
    await host.hawser.on(
      name,
      { as: name },
      ({ event: { data, event } }) => void heard.push({ event, ...data })
    )
  }
}

afterEach(async () => {
  vi.useRealTimers()
  await host.close()
})

/** Time passes for the host, its store and the vendor. */
const pass = (seconds: number): void =>
  void vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1000 })

const failNext = (request: RequestKind, failure: Failure) =>
  host.simulator.failNext("xero", request, failure)
const count = (request: RequestKind) => host.simulator.count("xero", request)

const connect = (body: object = {}) => connectSimulated(host, "xero", { body })
const connected = async () => expect(await connect()).toMatchObject({ status: "connected" })
const token = async () =>
  (await host.hawser.tenant(ofAcme.tenantId).connection(ofAcme.provider).token()).token
const api = (headersTimeout?: number) =>
  host.hawser
    .tenant(ofAcme.tenantId)
    .connection(ofAcme.provider, { ...(headersTimeout !== undefined && { headersTimeout }) })
    .fetch("/Organisation")

/** The integration as the contract shows it. */
const shown = async (provider = "xero"): Promise<unknown> =>
  (await host.call("GET", `/${provider}`)).json()

const caught = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise
  } catch (error) {
    return error
  }
}

const noComplaints = () => expect(host.simulator.violations).toEqual([])

describe("a flow that goes wrong tells the host's page why", () => {
  const cases: ReadonlyArray<readonly [RequestKind, Failure, error: string]> = [
    ["authorize", { kind: "access_denied" }, "access_denied"],
    ["token", { kind: "status", status: 500 }, "provider_unavailable"],
    ["token", { kind: "rate_limited", retryAfter: 30 }, "provider_unavailable"],
    ["token", { kind: "reset" }, "provider_unavailable"],
    ["token", { kind: "invalid_grant" }, "provider_error"],
    ["token", { kind: "wrong_types" }, "invalid_response"],
    ["account", { kind: "status", status: 500 }, "provider_unavailable"],
    ["account", { kind: "wrong_types" }, "invalid_response"]
  ]
  for (const [request, failure, error] of cases) {
    it(`${failure.kind} at ${request}: ${error}, and the next flow connects`, async () => {
      await start()
      failNext(request, failure)
      expect(await connect()).toMatchObject({ status: "error", provider: "xero", error })
      expect(await shown()).toMatchObject({ error: "integration_not_found" })
      await connected()
      expect((await api()).status).toBe(200)
      noComplaints()
    })
  }

  it("partial_scopes: insufficient_scope where the host requires what is missing", async () => {
    await start((config) =>
      config.definition.id === "xero" ? { ...config, requiredScopes: scopes } : config
    )
    failNext("authorize", { kind: "partial_scopes" })
    expect(await connect()).toMatchObject({ status: "error", error: "insufficient_scope" })
    await connected()
    expect(await shown()).toMatchObject({ scopes })
  })

  it("partial_scopes: fewer scopes where it does not", async () => {
    await start()
    failNext("authorize", { kind: "partial_scopes", scopes: ["offline_access"] })
    await connected()
    expect(await shown()).toMatchObject({ scopes: ["offline_access"] })
  })

  it("other_account: account_mismatch where it is authorized again, and the connection goes on", async () => {
    await start()
    await connected()
    const before = await token()
    failNext("authorize", { kind: "other_account" })
    expect(await connect({ reauthorize: true })).toMatchObject({
      status: "error",
      error: "account_mismatch"
    })
    expect(await token()).toBe(before)
    expect((await api()).status).toBe(200)
    expect(await shown()).toMatchObject({
      status: "connected",
      accountLabel: "Demo Company (NZ)"
    })
    noComplaints()
  })

  it("other_account: another account in a first flow is connected as itself", async () => {
    await start()
    failNext("authorize", { kind: "other_account" })
    await connected()
    expect(await shown()).toMatchObject({ accountLabel: "Other Demo Company (NZ)" })
  })
})

describe("a refresh that goes wrong", () => {
  beforeEach(async () => {
    await start()
    await connected()
    pass(lifetime)
  })

  it("429: the host is told how long to wait, and the vendor is left alone for so long", async () => {
    failNext("refresh", { kind: "rate_limited", retryAfter: 60 })
    expect(await caught(token())).toMatchObject({ code: "provider_rate_limited", retryAfter: 60 })
    pass(59)
    expect(await caught(token())).toMatchObject({ code: "provider_unavailable", retryAfter: 1 })
    expect(count("refresh")).toBe(1)
    pass(1)
    const renewed = await token()
    expect(host.simulator.liveTokens("xero")).toContain(renewed)
    expect(count("refresh")).toBe(2)
    noComplaints()
  })

  for (const failure of [
    { kind: "status", status: 500 },
    { kind: "reset" },
    { kind: "busy" }
  ] as const) {
    it(`${failure.kind}: the connection has an error for a while, and recovers`, async () => {
      failNext("refresh", failure)
      const error = await caught(token())
      expect(error).toMatchObject({ code: "provider_unavailable", retryable: true })
      expect(await shown()).toMatchObject({ status: "error", error: "provider_unavailable" })
      pass((error as { readonly retryAfter: number }).retryAfter)
      await host.hawser.tick()
      expect((await api()).status).toBe(200)
      expect(await shown()).toMatchObject({ status: "connected" })
      await host.hawser.tick()
      expect(heard).toMatchObject([
        { event: "integration.error", provider: "xero", error: "provider_unavailable" },
        { event: "integration.recovered", provider: "xero" }
      ])
      noComplaints()
    })
  }

  it("invalid_grant: a person has to connect again, and an event says so", async () => {
    failNext("refresh", { kind: "invalid_grant" })
    expect(await caught(token())).toMatchObject({
      code: "reconnect_required",
      reason: "refresh_failed"
    })
    expect(await shown()).toMatchObject({ status: "disconnected" })
    await host.hawser.tick()
    expect(heard).toMatchObject([
      { event: "integration.disconnected", provider: "xero", reason: "refresh_failed" }
    ])
    await connected()
    expect((await api()).status).toBe(200)
    noComplaints()
  })

  it("wrong_types: tokens that nobody can read are lost where the old one has been used up", async () => {
    failNext("refresh", { kind: "wrong_types" })
    const error = await caught(token())
    expect(error).toMatchObject({ code: "provider_unavailable" })
    pass((error as { readonly retryAfter: number }).retryAfter)
    expect(await caught(token())).toMatchObject({
      code: "reconnect_required",
      reason: "refresh_interrupted"
    })
    expect(host.simulator.violations).toMatchObject([
      { request: "refresh", problem: "the refresh token was used before: the grant is over" }
    ])
  })

  it("slow: whoever asks waits for the one refresh", async () => {
    failNext("refresh", { kind: "slow", ms: 200 })
    const tokens = await Promise.all(Array.from({ length: 10 }, token))
    expect(new Set(tokens).size).toBe(1)
    expect(count("refresh")).toBe(1)
    noComplaints()
  })
})

describe("an API that goes wrong", () => {
  beforeEach(async () => {
    await start()
    await connected()
  })

  it("clock_skew: a token that is over before its time is refreshed at its first use", async () => {
    failNext("refresh", { kind: "clock_skew" })
    pass(lifetime)
    await token()
    expect((await api()).status).toBe(200)
    expect(count("refresh")).toBe(2)
    noComplaints()
  })

  it("slow: is waited for, or given up in the time that the host gave it", async () => {
    failNext("api", { kind: "slow", ms: 50 })
    expect((await api()).status).toBe(200)
    // Last, because on a busy machine the time may be over before the request is at the simulator.
    failNext("api", { kind: "slow", ms: 60_000 })
    expect(await caught(api(50))).toMatchObject({
      code: "provider_unavailable",
      cause: { reason: "timeout" }
    })
  })

  it("reset: the host learns that the request was sent", async () => {
    failNext("api", { kind: "reset" })
    expect(await caught(api())).toMatchObject({
      code: "provider_unavailable",
      cause: { reason: "connection_failed", sent: true }
    })
  })

  it("any other answer comes through as it is", async () => {
    failNext("api", { kind: "status", status: 503 })
    expect((await api()).status).toBe(503)
  })
})

it("a revocation that fails is made up for later", async () => {
  await start()
  await connected()
  failNext("revocation", { kind: "status", status: 500 })
  expect((await host.call("DELETE", "/xero")).status).toBe(204)
  await host.hawser.tick()
  expect(host.simulator.liveTokens("xero")).not.toEqual([])
  pass(60)
  await host.hawser.tick()
  expect(count("revocation")).toBe(2)
  expect(host.simulator.liveTokens("xero")).toEqual([])
  noComplaints()
})

describe("a key", () => {
  const store = async () => {
    const { simulator } = host
    const credentials = simulator.fields("datadog")
    const answer = await host.call("POST", "/datadog/credentials", { body: { credentials } })
    return (await answer.json()) as Readonly<Record<string, unknown>>
  }

  it("is stored unverified while its vendor is down, and works", async () => {
    await start()
    host.simulator.failNext("datadog", "check", { kind: "status", status: 500 })
    const { credentialId, status } = await store()
    expect(status).toBe("unverified")
    const answer = await host.call("POST", "/datadog/connect", { body: { credentialId } })
    expect(await answer.json()).toMatchObject({ status: "connected" })
    noComplaints()
  })

  it("that its customer has ended is told from one that cannot be checked", async () => {
    await start()
    const { hawser } = host
    await seedConnected(hawser, host.simulator, {
      tenantId: "acme",
      provider: "datadog",
      userId: "ada"
    })
    const admin = { tenantId: "acme", userId: "ada", provider: "datadog" }
    expect(
      await hawser.tenant(admin.tenantId, { user: admin.userId }).connection(admin.provider).test()
    ).toMatchObject({ status: "ok" })
    host.simulator.failNext("datadog", "check", { kind: "rate_limited", retryAfter: 5 })
    expect(
      await hawser.tenant(admin.tenantId, { user: admin.userId }).connection(admin.provider).test()
    ).toMatchObject({ reason: "unexpected_answer" })
    host.simulator.end("datadog")
    expect(
      await hawser.tenant(admin.tenantId, { user: admin.userId }).connection(admin.provider).test()
    ).toMatchObject({ status: "failed", reason: "rejected" })
    expect(await store()).toMatchObject({ error: "credential_validation_failed" })
    noComplaints()
  })
})

it("seedConnected: a tenant is connected without a browser, and its tokens are refreshed and revoked", async () => {
  await start()
  const { simulator } = host
  const grant = await seedConnected(host.hawser, simulator, { ...ofAcme, userId: "ada" })
  expect(await shown()).toMatchObject({
    status: "connected",
    connectedBy: "ada",
    scopes,
    accountLabel: "Demo Company (NZ)"
  })
  expect(await token()).toBe(grant?.accessToken)
  expect((await api()).status).toBe(200)
  pass(lifetime)
  expect((await api()).status).toBe(200)
  expect(count("refresh")).toBe(1)
  await host.hawser
    .tenant(ofAcme.tenantId, { user: "ada" })
    .connection(ofAcme.provider)
    .disconnect()
  await host.hawser.tick()
  expect(simulator.liveTokens("xero")).toEqual([])
  expect(count("authorize")).toBe(0)
  noComplaints()
})
