import type { OAuth2Definition } from "@hawser/core"
import { describe, expect, it } from "vitest"
import type { Caller } from "../src/index.ts"
import { expectBrowserHeaders, expectNoFlow } from "./support/browserAnswers.ts"
import {
  comeBack,
  completeUrl,
  cookieUrl,
  outcomeAt,
  sessionUrl,
  startFlow
} from "./support/flow.ts"
import { forge, makeHost } from "./support/host.ts"

const owner: Caller = { tenantId: "tenant-1", userId: "user-1", roles: ["admin"] }

/** A host that knows who is signed in: whoever `signedIn` answers. */
const makeSignedIn = async (
  signedIn: (request: Request, native: unknown) => unknown,
  definition: OAuth2Definition = forge.definition
) =>
  makeHost({
    providers: [{ ...forge, definition }],
    settings: {
      resolveSession: async (request, native) => (await signedIn(request, native)) as Caller | null
    }
  })

/** Everyone that is not the admin who began the flow. */
const strangers: ReadonlyArray<readonly [string, () => unknown]> = [
  ["undefined", () => undefined],
  [
    "a session store that throws",
    () => {
      throw new Error("canary")
    }
  ],
  ["a session store that rejects", () => Promise.reject(new Error("canary"))],
  ["an empty user", () => ({ ...owner, userId: "" })],
  ["an empty tenant", () => ({ ...owner, tenantId: "" })],
  ["empty strings", () => ({ tenantId: "", userId: "", roles: ["admin"] })],
  ["a session without a user", () => ({ tenantId: "tenant-1", roles: ["admin"] })],
  ["a session without a tenant", () => ({ userId: "user-1", roles: ["admin"] })],
  ["a user of the wrong type", () => ({ ...owner, userId: ["user-1"] })],
  ["a tenant of the wrong type", () => ({ ...owner, tenantId: { toString: () => "tenant-1" } })],
  ["true", () => true],
  ["text", () => "user-1"],
  ["a list", () => [owner]],
  ["another user of the tenant", () => ({ ...owner, userId: "user-2" })],
  ["the same user of another tenant", () => ({ ...owner, tenantId: "tenant-2" })],
  ["another spelling of the user", () => ({ ...owner, userId: "User-1" })],
  ["another spelling of the tenant", () => ({ ...owner, tenantId: "tenant-1 " })],
  ["a member", () => ({ ...owner, roles: ["member"] })],
  ["who has no role", () => ({ ...owner, roles: [] })],
  ["roles of the wrong type", () => ({ ...owner, roles: "admin" })],
  ["a role that only looks like one", () => ({ ...owner, roles: ["Admin", "аdmin"] })]
]

const bindings = [
  ["session", sessionUrl],
  ["cookie", cookieUrl]
] as const

it("S-05 the binding session tells the page where nobody is signed in any more", async () => {
  let person: Caller | null = null
  const host = await makeSignedIn(() => person)
  const started = await startFlow(host, sessionUrl)
  const response = await comeBack(host, started)
  expect(response.status).toBe(303)
  expectBrowserHeaders(response)
  expect(outcomeAt(response)).toMatchObject({ status: "error", error: "session_expired" })
  person = owner
  await expectNoFlow(await comeBack(host, started))
  expect(host.world.count("/token")).toBe(0)
})

it("S-05 the binding cookie ends where nobody is signed in", async () => {
  const host = await makeSignedIn(() => null)
  await expectNoFlow(await comeBack(host, await startFlow(host, cookieUrl)))
  expect(host.world.count("/token")).toBe(0)
})

describe.each(bindings)("S-05 the binding %s where the host knows its sessions", (_, url) => {
  it.each(strangers)(
    "is refused for %s, before any token request, and burned",
    async (_stranger, signedIn) => {
      let person = signedIn
      const host = await makeSignedIn(() => person())
      const started = await startFlow(host, url)
      await expectNoFlow(await comeBack(host, started))
      expect(host.events.at(-1)?.type).toBe("binding_mismatch")
      // S-03: who began it comes too late.
      person = () => owner
      await expectNoFlow(await comeBack(host, started))
      expect(host.world.count("/token")).toBe(0)
    }
  )

  it("S-07 is finished for the admin who began it", async () => {
    const host = await makeSignedIn(() => owner)
    const response = await comeBack(host, await startFlow(host, url))
    expect(response.status).toBe(303)
    expectBrowserHeaders(response)
    expect(outcomeAt(response)["status"]).toBe("connected")
    expect(response.headers.get("location")?.startsWith(url)).toBe(true)
  })
})

describe("S-05 the binding session", () => {
  it("sets no cookie, and needs none", async () => {
    const host = await makeSignedIn(() => owner)
    const started = await startFlow(host, sessionUrl)
    expect(started.setCookie).toBeNull()
    const stray = { ...started, cookie: `__Host-hawser-${"a".repeat(22)}=${"b".repeat(43)}` }
    expect(outcomeAt(await comeBack(host, stray))["status"]).toBe("connected")
  })

  it("passes nobody where the host has said nothing of sessions", async () => {
    const host = await makeHost()
    await expectNoFlow(await comeBack(host, await startFlow(host, sessionUrl)))
    expect(host.events.at(-1)?.type).toBe("binding_mismatch")
    expect(host.world.count("/token")).toBe(0)
  })
})

describe("S-05 the binding cookie where the host knows its sessions", () => {
  it("needs the cookie as well as the session", async () => {
    const host = await makeSignedIn(() => owner)
    await expectNoFlow(await comeBack(host, { ...(await startFlow(host)), cookie: "" }))
    expect(host.world.count("/token")).toBe(0)
  })
})

describe("the host's session function", () => {
  it("is given the browser's own request, without its body, and what the mount passed on", async () => {
    const seen: Array<{ readonly request: Request; readonly native: unknown }> = []
    const host = await makeSignedIn(
      (request, native) => {
        seen.push({ request, native })
        return owner
      },
      { ...forge.definition, responseMode: "form_post" }
    )
    const started = await startFlow(host, sessionUrl)
    const native = { from: "the framework" }
    await host.send("POST", "/forge/callback", {
      body: new URLSearchParams({ code: "canary-code", state: started.state }),
      headers: { cookie: "sid=1" },
      context: { native }
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]?.native).toBe(native)
    expect(seen[0]?.request.headers.get("cookie")).toBe("sid=1")
    expect(new URL(seen[0]?.request.url ?? "").pathname).toBe("/api/v1/integrations/forge/callback")
    expect(await seen[0]?.request.text()).toBe("")
  })

  it("is asked at the callback alone, and not about flows that another call finishes", async () => {
    let asked = 0
    const host = await makeSignedIn(() => {
      asked++
      return null
    })
    const parked = await comeBack(host, await startFlow(host, completeUrl))
    expect(outcomeAt(parked)["status"]).toBe("pending")
    await host.send("GET", "", { token: await host.issuer.token() })
    await host.send("GET", "/catalog")
    await comeBack(host, { ...(await startFlow(host)), state: "unknown" })
    expect(asked).toBe(0)
  })
})
