import { describe, expect, it } from "vitest"
import { expectBrowserHeaders, expectNoFlow } from "./support/browserAnswers.ts"
import {
  beginFlow,
  comeBack,
  completeUrl,
  cookieUrl,
  outcomeAt,
  sessionUrl,
  type Started,
  startFlow
} from "./support/flow.ts"
import { forge, type Host, makeHost, matching, outcomeOf } from "./support/host.ts"

/** A provider that has the browser post the response. */
const poster = {
  ...forge,
  definition: {
    ...forge.definition,
    id: "poster" as never,
    displayName: "Poster",
    responseMode: "form_post"
  }
} as const

const postHost = (settings: NonNullable<Parameters<typeof makeHost>[0]>["settings"] = {}) =>
  makeHost({ providers: [forge, poster], settings })

const begin = (host: Host, redirectUrl = cookieUrl) =>
  beginFlow(host, { redirectUrl }, undefined, "poster")

/** What the provider's page posts. */
const post = (
  host: Host,
  started: Started,
  options: {
    readonly form?: string
    readonly type?: string
    readonly query?: string
    readonly headers?: Record<string, string>
  } = {}
) =>
  host.send("POST", `/poster/callback${options.query ?? ""}`, {
    body: options.form ?? `code=canary-code&state=${started.state}`,
    headers: {
      "content-type": options.type ?? "application/x-www-form-urlencoded",
      origin: "https://forge.test",
      ...(started.cookie !== "" && { cookie: started.cookie }),
      ...options.headers
    }
  })

describe("a flow whose response is posted", () => {
  it("asks for it, and gets a cookie that comes with a post from the provider's site", async () => {
    const host = await postHost()
    const started = await begin(host)
    expect(new URL(started.authorizationUrl).searchParams.get("response_mode")).toBe("form_post")
    expect(started.setCookie).toMatch(
      /^__Host-hawser-[\w-]{22}=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=None; Max-Age=600$/
    )
    // Of other flows the cookie stays at home.
    const plain = await startFlow(host)
    expect(plain.setCookie).toContain("; Secure; SameSite=Lax;")
    expect(new URL(plain.authorizationUrl).searchParams.has("response_mode")).toBe(false)
  })

  it("keeps Lax on plain http, where no browser takes None", async () => {
    const host = await postHost({ secureCookies: false })
    const started = await begin(host)
    expect(started.setCookie).toMatch(
      /^hawser-[\w-]{22}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; /
    )
    expect(outcomeAt(await post(host, started))["status"]).toBe("connected")
  })

  it("S-09 cookie: is finished on the post itself, 303 to the stored URL, and the cookie ends", async () => {
    const host = await postHost()
    const started = await begin(host)
    const response = await post(host, started)
    expect(response.status).toBe(303)
    expectBrowserHeaders(response)
    expect(outcomeAt(response)).toEqual({
      status: "connected",
      provider: "poster",
      integrationId: matching(/^int_/)
    })
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-hawser-[\w-]{22}=; .*Max-Age=0$/)
    await expectNoFlow(await post(host, started))
    expect(host.world.count("/token")).toBe(1)
  })

  it("complete: is parked, and session: asks the host", async () => {
    const host = await postHost({
      resolveSession: async () => ({ tenantId: "tenant-1", userId: "user-1", roles: ["admin"] })
    })
    const parked = await post(host, await begin(host, completeUrl))
    expect(new URL(parked.headers.get("location") ?? "").hash).toMatch(/^#flowId=[\w-]{43}$/)
    expect(outcomeAt(await post(host, await begin(host, sessionUrl)))["status"]).toBe("connected")
  })

  it("ends with a word of ours where the user refuses", async () => {
    const host = await postHost()
    const started = await begin(host)
    const form = `error=access_denied&error_description=%3Cscript%3E&state=${started.state}`
    expect(outcomeAt(await post(host, started, { form }))).toEqual({
      status: "error",
      provider: "poster",
      error: "access_denied"
    })
  })

  it("S-03 comes by no GET, which burns the flow", async () => {
    const host = await postHost()
    const started = await begin(host)
    await expectNoFlow(await comeBack(host, started, { provider: "poster" }))
    expect(host.events.at(-1)).toMatchObject({ type: "binding_mismatch", reason: "response_mode" })
    await expectNoFlow(await post(host, started))
    expect(host.events.at(-1)).toMatchObject({ type: "state_replayed" })
  })

  it("S-03 nor does a post finish a flow whose response comes in the query", async () => {
    const host = await postHost()
    const started = await startFlow(host)
    const form = {
      body: `code=canary-code&state=${started.state}`,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        cookie: started.cookie
      }
    }
    await expectNoFlow(await host.send("POST", "/forge/callback", form))
    await expectNoFlow(await comeBack(host, started))
    expect(host.world.count("/token")).toBe(0)
  })
})

describe("what a posted response cannot do", () => {
  it("S-05 finish a flow in another browser", async () => {
    const host = await postHost()
    const started = await begin(host)
    await expectNoFlow(await post(host, { ...started, cookie: "" }))
    await expectNoFlow(await post(host, started))
    expect(host.world.count("/token")).toBe(0)
  })

  it("take anything from the query", async () => {
    const host = await postHost()
    const started = await begin(host)
    const query = `?code=c&state=${started.state}`
    await expectNoFlow(await post(host, started, { form: "", query }))
    // The state was not burned by it.
    const evil = "?code=evil&state=evil&error=access_denied"
    expect(outcomeAt(await post(host, started, { query: evil }))["status"]).toBe("connected")
    expect(host.world.requests.at(-1)?.body).toContain("code=canary-code")
  })

  it.each(["state", "code", "iss", "error"])("S-10 bring a %s twice", async (name) => {
    const host = await postHost()
    const started = await begin(host)
    const form = `code=c&state=${started.state}&${name}=a&${name}=b`
    await expectNoFlow(await post(host, started, { form }))
    expect(host.world.count("/token")).toBe(0)
  })

  it.each([
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16"
  ])("come as %s: 415, and the flow is not burned", async (type) => {
    const host = await postHost()
    const started = await begin(host)
    const response = await post(host, started, { type })
    expectBrowserHeaders(response)
    expect(await outcomeOf(response)).toBe("415 unsupported_media_type")
    expect(outcomeAt(await post(host, started))["status"]).toBe("connected")
  })

  it("come without a content type: 415", async () => {
    const host = await postHost()
    expect(await outcomeOf(await host.send("POST", "/poster/callback"))).toBe(
      "415 unsupported_media_type"
    )
  })

  it("be larger than 64 KiB: 413, and the flow is not burned", async () => {
    const host = await postHost()
    const started = await begin(host)
    const form = `state=${started.state}&code=${"c".repeat(65_536)}`
    const response = await post(host, started, { form })
    expectBrowserHeaders(response)
    expect(await outcomeOf(response)).toBe("413 payload_too_large")
    expect(outcomeAt(await post(host, started))["status"]).toBe("connected")
  })

  it("S-08 authenticate anybody", async () => {
    const host = await postHost()
    const started = await begin(host)
    for (const path of ["/poster/connect", "/poster/complete", "/poster/test"]) {
      const response = await host.send("POST", path, {
        body: new URLSearchParams({ redirectUrl: cookieUrl }),
        headers: { cookie: started.cookie }
      })
      expect(await outcomeOf(response)).toBe("401 unauthorized")
    }
  })

  it("S-13 lead anywhere without a flow, and a browser sees a page", async () => {
    const host = await postHost()
    const started = await begin(host)
    const response = await post(host, started, {
      form: "state=canary%3Cscript%3E&code=c",
      headers: { accept: "text/html" }
    })
    expect([response.status, response.headers.get("location")]).toEqual([400, null])
    expectBrowserHeaders(response)
    const page = await response.text()
    expect(page.match(/<a /g)).toHaveLength(1)
    expect(page).not.toMatch(/canary|<script/)
  })

  it.each(["%ff", "%", "state=%00", "=", "&&&", "state", "\u{1f4a9}"])(
    "be the form %j and do more than fail",
    async (form) => {
      const host = await postHost()
      await expectNoFlow(await post(host, await begin(host), { form }))
    }
  )
})
