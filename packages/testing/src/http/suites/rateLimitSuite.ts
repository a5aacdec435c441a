import { expect } from "vitest"
import type { Answer } from "../Answer.ts"
import { expectError } from "../expectations.ts"
import { connectKey } from "../flows.ts"
import type { Person } from "../Host.ts"
import { apiKey, oauth } from "../provider/definitions.ts"
import type { Check } from "./Check.ts"

const limitOf = ({ headers }: Answer) => {
  const read = (name: string) => {
    const value = headers.get(`x-ratelimit-${name}`)
    return value === null ? undefined : Number(value)
  }
  return { limit: read("limit"), remaining: read("remaining"), reset: read("reset") }
}

/** Calls until it is refused, and answers when it began that call. A minute that ends meanwhile begins the count again, once. */
const exhaust = async (
  person: Person,
  method: string,
  path: string
): Promise<{ readonly answer: Answer; readonly asked: number }> => {
  for (;;) {
    const asked = Date.now() / 1000
    const answer = await person.call(method, path)
    if (answer.status === 429 || limitOf(answer).limit === undefined) return { answer, asked }
  }
}

export const rateLimitSuite = (check: Check): void => {
  check(
    "S-68 every answer to an authenticated call tells what is left of the minute",
    async (host) => {
      const admin = host.admin()
      const now = () => Math.floor(Date.now() / 1000)
      for (const [who, method, path, status] of [
        [admin, "GET", "", 200],
        [admin, "GET", "?status=wrong", 400],
        [admin.member(), "POST", `/${oauth}/connect`, 403],
        [admin, "GET", "/nobody", 404],
        [admin, "DELETE", `/${oauth}`, 404]
      ] as const) {
        const asked = now()
        const answer = await who.call(method, path)
        expect(answer.status).toBe(status)
        const { limit, remaining, reset } = limitOf(answer)
        expect(limit).toBeGreaterThan(0)
        expect(remaining).toBeLessThan(limit ?? 0)
        expect(reset).toBeGreaterThan(asked)
        expect(reset).toBeLessThanOrEqual(now() + 61)
      }
    }
  )

  check("each call leaves one less, to the whole tenant and to no other", async (host) => {
    for (;;) {
      const admin = host.admin()
      const [first, second, other] = [
        limitOf(await admin.call("GET", "")),
        limitOf(await admin.member().call("GET", "")),
        limitOf(await host.admin().call("GET", ""))
      ]
      // A minute ended in between: again.
      if (first.reset !== other.reset) continue
      expect(second.remaining).toBe((first.remaining ?? 0) - 1)
      expect(other.remaining).toBe(first.remaining)
      return
    }
  })

  check("past the limit it is 429, with the time to wait", async (host) => {
    const { answer: refused, asked } = await exhaust(host.admin(), "POST", `/${apiKey}/test`)
    expectError(refused, "429 rate_limit_exceeded")
    const { remaining, reset = 0 } = limitOf(refused)
    expect(remaining).toBe(0)
    const retryAfter = Number(refused.headers.get("retry-after"))
    expect(retryAfter).toBeGreaterThan(0)
    expect(retryAfter).toBeLessThanOrEqual(60)
    // Both name one moment: counted from before the call it lies no later, from after it no earlier.
    expect(asked + retryAfter).toBeLessThanOrEqual(reset + 1)
    expect(Date.now() / 1000 + retryAfter).toBeGreaterThanOrEqual(reset)
  })

  check(
    "S-68 a tenant's traffic cannot keep its admin from asking, finishing or leaving",
    async (host) => {
      const admin = host.admin()
      await connectKey(admin)
      // Even a member's calls, of which none succeeds: 429 comes before 403.
      for (const [method, path] of [
        ["POST", `/${apiKey}/test`],
        ["POST", `/${oauth}/connect`],
        ["DELETE", `/${apiKey}`]
      ] as const) {
        const { answer } = await exhaust(admin.member(), method, path)
        expect(answer.status).toBe(429)
      }
      expect((await admin.call("POST", `/${apiKey}/test`)).status).toBe(200)
      expect((await admin.call("DELETE", `/${apiKey}`)).status).toBe(204)
      expectError(
        await admin.call("POST", `/${oauth}/complete`, { json: { flowId: "unknown" } }),
        "404 flow_not_found"
      )
    }
  )

  check("public calls and failed authentications tell nothing of limits", async (host) => {
    for (const path of ["/catalog", `/${oauth}/callback`, ""]) {
      expect(limitOf(await host.call("GET", path))).toEqual({})
    }
  })

  check("a user may have so many flows open and no more", async (host) => {
    const admin = host.admin()
    const json = { redirectUrl: host.provider.options.allowedRedirectUrls[0]?.url }
    let last: Answer
    let started = 0
    do {
      last = await admin.call("POST", `/${oauth}/connect`, { json })
      started++
    } while (last.status === 200 && started < 100)
    expectError(last, "429 rate_limit_exceeded")
    expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(limitOf(last).remaining).toBeGreaterThan(0)
    expect(last.headers.getSetCookie()).toEqual([])
    const connect = await admin.colleague().call("POST", `/${oauth}/connect`, { json })
    expect(connect.status).toBe(200)
  })
}
