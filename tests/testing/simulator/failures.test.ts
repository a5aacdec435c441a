import { assert, describe, it } from "@effect/vitest"
import { onTestFinished, vi } from "vitest"
import { ConnectionReset } from "@hawser/testing/simulator"
import {
  apiRequest,
  authorizationUrl,
  checkRequest,
  codeOf,
  jsonOf,
  problems,
  refreshRequest,
  revocationRequest,
  simulateForge,
  tokenRequest,
  tokensOf
} from "./support/client.ts"

describe("failNext", () => {
  it("fails as often as it was asked to, in the order of asking, and then no more", async () => {
    const simulator = simulateForge()
    const { access_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "api", { kind: "status", status: 500 }, 2)
    simulator.failNext("forge", "api", { kind: "status", status: 503 })
    const statuses: Array<number> = []
    for (let times = 0; times < 4; times++)
      statuses.push((await simulator.handle(apiRequest(token))).status)
    assert.deepStrictEqual(statuses, [500, 500, 503, 200])
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("leaves requests of other kinds alone", async () => {
    const simulator = simulateForge()
    const { access_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "check", { kind: "status", status: 500 })
    assert.strictEqual((await simulator.handle(apiRequest(token))).status, 200)
    assert.strictEqual((await simulator.handle(checkRequest(token))).status, 500)
  })

  it("fails before anything happened: a code is not used, and a refresh token not rotated", async () => {
    const simulator = simulateForge()
    const code = await codeOf(simulator)
    simulator.failNext("forge", "token", { kind: "status", status: 500 })
    assert.strictEqual((await simulator.handle(tokenRequest(code))).status, 500)
    const tokens = await jsonOf(simulator.handle(tokenRequest(code)))
    const refresh = String(tokens["refresh_token"])
    simulator.failNext("forge", "refresh", { kind: "status", status: 500 })
    assert.strictEqual((await simulator.handle(refreshRequest(refresh))).status, 500)
    assert.strictEqual((await simulator.handle(refreshRequest(refresh))).status, 200)
  })

  it("rate_limited: 429, with the seconds to wait", async () => {
    const simulator = simulateForge()
    simulator.failNext("forge", "revocation", { kind: "rate_limited", retryAfter: 30 })
    const answer = await simulator.handle(revocationRequest("x"))
    assert.strictEqual(answer.status, 429)
    assert.strictEqual(answer.headers.get("retry-after"), "30")
  })

  it("slow: the same answer, later", async () => {
    const simulator = simulateForge()
    const { access_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "api", { kind: "slow", ms: 30 })
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => void vi.useRealTimers())
    let answered = false
    const answer = simulator.handle(apiRequest(token)).finally(() => (answered = true))
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(29)
    assert.isFalse(answered)
    vi.advanceTimersByTime(1)
    assert.strictEqual((await answer).status, 200)
  })

  it("slow: waits no longer than whoever asked", async () => {
    const simulator = simulateForge()
    const { access_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "api", { kind: "slow", ms: 60_000 })
    const stop = new AbortController()
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => void vi.useRealTimers())
    const answer = simulator.handle(new Request(apiRequest(token), { signal: stop.signal }))
    // The request is read before it waits.
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    assert.instanceOf(await answer.catch((error: unknown) => error), ConnectionReset)
  })

  it("reset: there is no answer", async () => {
    const simulator = simulateForge()
    simulator.failNext("forge", "token", { kind: "reset" })
    const answer = simulator.handle(tokenRequest("x"))
    assert.instanceOf(await answer.catch((error: unknown) => error), ConnectionReset)
    const last = simulator.requests.at(-1)
    assert.deepStrictEqual([last?.kinds, last?.status], [["token"], undefined])
  })

  it("invalid_grant: in the vendor's words, and the grant lives on", async () => {
    const simulator = simulateForge()
    const { refresh_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "refresh", { kind: "invalid_grant" })
    assert.deepStrictEqual(await jsonOf(simulator.handle(refreshRequest(token))), {
      error: "dead_token"
    })
    assert.strictEqual((await simulator.handle(refreshRequest(token))).status, 200)
  })

  it("busy: in the vendor's words, or by 503 where it has none, and the grant lives on", async () => {
    const body = { error: "invalid_grant", error_description: "already being processed" }
    const busy = simulateForge({ refresh: { busy: [{ status: 400, body }] } })
    for (const [simulator, status] of [
      [busy, 400],
      [simulateForge(), 503]
    ] as const) {
      const { refresh_token: token } = await tokensOf(simulator)
      simulator.failNext("forge", "refresh", { kind: "busy" })
      const answer = await simulator.handle(refreshRequest(token))
      assert.strictEqual(answer.status, status)
      if (status === 400) assert.deepStrictEqual(await jsonOf(answer), body)
      assert.strictEqual((await simulator.handle(refreshRequest(token))).status, 200)
    }
  })

  it("wrong_types: numbers are strings, and strings numbers", async () => {
    const simulator = simulateForge()
    simulator.failNext("forge", "token", { kind: "wrong_types" })
    const tokens = (await tokensOf(simulator)) as unknown as Record<string, unknown>
    assert.isNumber(tokens["access_token"])
    assert.isString(tokens["expires_in"])
    assert.deepStrictEqual(tokens["account"], { id: "7, as a text", name: 3 })
  })

  it("partial_scopes: all but the last, or those that were named", async () => {
    const simulator = simulateForge()
    simulator.failNext("forge", "token", { kind: "partial_scopes" })
    assert.strictEqual((await tokensOf(simulator)).scope, "read")
    simulator.failNext("forge", "authorize", { kind: "partial_scopes", scopes: ["write"] })
    assert.strictEqual((await tokensOf(simulator)).scope, "write")
  })

  it("other_account: somebody else consents, and stays it", async () => {
    const simulator = simulateForge()
    simulator.failNext("forge", "authorize", { kind: "other_account" })
    const tokens = await tokensOf(simulator)
    assert.deepStrictEqual((tokens as unknown as Record<string, unknown>)["account"], {
      id: 8,
      name: "Other Ann"
    })
    const me = () => jsonOf(simulator.handle(apiRequest(tokens.access_token, "/v1/me")))
    assert.deepStrictEqual(await me(), { id: 8, name: "Other Ann", at: "acme" })
    assert.deepStrictEqual(await me(), { id: 8, name: "Other Ann", at: "acme" })
  })

  it("other_account: of one answer only, where it is asked of that", async () => {
    const simulator = simulateForge()
    const { access_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "account", { kind: "other_account" })
    const me = async () => (await jsonOf(simulator.handle(apiRequest(token, "/v1/me"))))["id"]
    assert.deepStrictEqual([await me(), await me()], [8, 7])
  })

  it("clock_skew: what is issued is over already, and says that it has just begun", async () => {
    const simulator = simulateForge(
      { token: { answer: { at: "{now}" } } },
      { now: () => 10_000_000 }
    )
    simulator.failNext("forge", "token", { kind: "clock_skew" })
    const tokens = await tokensOf(simulator)
    assert.strictEqual(tokens.expires_in, 3600)
    assert.strictEqual((tokens as unknown as Record<string, unknown>)["at"], 6400)
    assert.strictEqual((await simulator.handle(apiRequest(tokens.access_token))).status, 401)
  })

  it("access_denied: the person says no", async () => {
    const simulator = simulateForge()
    simulator.failNext("forge", "authorize", { kind: "access_denied" })
    const { url } = await simulator.visit(authorizationUrl())
    assert.strictEqual(url.searchParams.get("error"), "access_denied")
    assert.strictEqual(url.searchParams.get("state"), "the state")
  })
})
