import { expect } from "vitest"
import { expectError, expectInvalid, expectOk, integrationId, timestamp } from "../expectations.ts"
import { comeBack, connectOAuth, consent, destination, parkFlow, startFlow } from "../flows.ts"
import type { Person } from "../Host.ts"
import { apiKey, formPost, oauth } from "../provider/definitions.ts"
import { redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

const complete = (person: Person, flowId: unknown, provider = oauth) =>
  person.call("POST", `/${provider}/complete`, { json: { flowId } })

export const completeSuite = (check: Check): void => {
  check("the callback parks the code, and names the flow in the fragment alone", async (host) => {
    const admin = host.admin()
    const flow = await startFlow(admin, { binding: "complete" })
    const before = host.provider.tokenRequests()
    const url = destination(await comeBack(flow, await consent(flow)))
    expect(url.href.startsWith(`${redirectUrls.complete}?`)).toBe(true)
    expect(Object.fromEntries(url.searchParams)).toEqual({ status: "pending", provider: oauth })
    expect(url.hash).toMatch(/^#flowId=[\w-]{43}$/)
    expect(url.hash).not.toContain(flow.state)
    expect(host.provider.tokenRequests()).toBe(before)
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
  })

  check("who started the flow finishes it, once", async (host) => {
    const admin = host.admin()
    const flowId = await parkFlow(admin)
    expect(expectOk(await complete(admin, flowId))).toEqual({
      integrationId,
      provider: oauth,
      status: "connected",
      connectedAt: timestamp
    })
    expectError(await complete(admin, flowId), "404 flow_not_found")
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(1)
  })

  check("of many at once one finishes it", async (host) => {
    const admin = host.admin()
    const flowId = await parkFlow(admin)
    const before = host.provider.tokenRequests()
    const answers = await Promise.all(Array.from({ length: 10 }, () => complete(admin, flowId)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9)
    expect(host.provider.tokenRequests()).toBe(before + 1)
  })

  const strangers: ReadonlyArray<readonly [string, (admin: Person) => Person]> = [
    ["another admin of the tenant", (admin) => admin.colleague()],
    ["the same user of another tenant", ({ host }) => host.admin()]
  ]
  for (const [who, stranger] of strangers) {
    check(`S-05 ${who} does not find it, and burns it`, async (host) => {
      const admin = host.admin()
      const flowId = await parkFlow(admin)
      const before = host.provider.tokenRequests()
      expectError(await complete(stranger(admin), flowId), "404 flow_not_found")
      expectError(await complete(admin, flowId), "404 flow_not_found")
      expect(host.provider.tokenRequests()).toBe(before)
    })
  }

  check("S-05 it is not found under another provider, and burned", async (host) => {
    for (const provider of [formPost, apiKey]) {
      const admin = host.admin()
      const flowId = await parkFlow(admin)
      expectError(await complete(admin, flowId, provider), "404 flow_not_found")
      expectError(await complete(admin, flowId), "404 flow_not_found")
    }
  })

  check("S-07 who has become a member is refused, and may come again as an admin", async (host) => {
    const admin = host.admin()
    const flowId = await parkFlow(admin)
    const demoted = host.person({ ...admin.claims, roles: ["member"] })
    expectError(await complete(demoted, flowId), "403 forbidden")
    expectOk(await complete(admin, flowId))
  })

  check("S-05 nothing that connect returned names the flow", async (host) => {
    const admin = host.admin()
    const flow = await startFlow(admin, { binding: "complete" })
    destination(await comeBack(flow, await consent(flow)))
    const { searchParams } = flow.authorizationUrl
    for (const known of [
      flow.state,
      searchParams.get("code_challenge"),
      searchParams.get("state")
    ]) {
      expectError(await complete(admin, known), "404 flow_not_found")
    }
  })

  check("400 where there is no flow id, 404 where nobody was given it", async (host) => {
    const admin = host.admin()
    const call = (json: unknown) => admin.call("POST", `/${oauth}/complete`, { json })
    expectInvalid(await call({}), "flowId", "missing")
    for (const flowId of [1, "", null, [], "x".repeat(256), "\0"]) {
      expectInvalid(await call({ flowId }), "flowId", "invalid")
    }
    expectInvalid(await call({ flowId: "x", tenantId: "t" }), "tenantId", "unknown")
    for (const flowId of ["x", "A".repeat(43), "é".repeat(43)]) {
      expectError(await call({ flowId }), "404 flow_not_found")
    }
  })

  check("where the provider gives no tokens it is 400, and nothing is connected", async (host) => {
    const admin = host.admin()
    for (const [script, reason] of [
      ["refuse", "provider_error"],
      ["unavailable", "provider_unavailable"],
      ["malformed", "invalid_response"],
      ["narrow", "insufficient_scope"]
    ] as const) {
      const answer = await complete(admin, await parkFlow(admin, script))
      expectError(answer, "400 validation_error")
      // The word that the callback gives a page where the flow has another binding.
      expect(answer.body["reason"]).toBe(reason)
    }
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
  })

  check("a refusal is told at the callback, and nothing is parked", async (host) => {
    const flow = await startFlow(host.admin(), { binding: "complete" })
    const url = destination(await comeBack(flow, await consent(flow, "deny")))
    expect(Object.fromEntries(url.searchParams)).toEqual({
      status: "error",
      provider: oauth,
      error: "access_denied"
    })
    expect(url.hash).toBe("")
  })

  check("409 where it was connected meanwhile", async (host) => {
    const admin = host.admin()
    const flowId = await parkFlow(admin)
    await connectOAuth(admin)
    const answer = await complete(admin, flowId)
    expectError(answer, "409 already_connected")
    expect(answer.body["reason"]).toBe("already_connected")
  })

  check(
    "a parked flow that has expired is one that never was",
    async (host) => {
      const admin = host.admin()
      const flowId = await parkFlow(admin)
      await host.mount.expireFlows?.()
      expectError(await complete(admin, flowId), "404 flow_not_found")
    },
    "expireFlows"
  )
}
