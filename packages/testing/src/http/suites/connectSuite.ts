import { expect } from "vitest"
import { expectError, expectInvalid, expectOk } from "../expectations.ts"
import { comeBack, consent, destination, startFlow } from "../flows.ts"
import {
  apiKey,
  client,
  oauth,
  realms,
  requiredScope,
  scopes,
  withRealm
} from "../provider/definitions.ts"
import { appOrigin, redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

const redirectUrl = redirectUrls.cookie

export const connectSuite = (check: Check): void => {
  check("gives the URL to send the browser to, and the state in it", async (host) => {
    const answer = await host.admin().call("POST", `/${oauth}/connect`, { json: { redirectUrl } })
    const body = expectOk(answer)
    expect(Object.keys(body).toSorted()).toEqual(["authorizationUrl", "state"])
    const { searchParams } = new URL(String(body["authorizationUrl"]))
    expect(body["state"]).toMatch(/^[\w-]{43,}$/)
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: "code",
      client_id: client.clientId,
      redirect_uri: expect.stringMatching(`/v1/integrations/${oauth}/callback$`) as unknown,
      scope: scopes.join(" "),
      state: body["state"],
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      code_challenge_method: "S256"
    })
  })

  check("S-01 S-16 each flow has a state and a challenge of its own", async (host) => {
    const admin = host.admin()
    const flows = [await startFlow(admin), await startFlow(admin)]
    expect(new Set(flows.map(({ state }) => state)).size).toBe(2)
    const challenges = flows.map((one) => one.authorizationUrl.searchParams.get("code_challenge"))
    expect(new Set(challenges).size).toBe(2)
  })

  check("S-05 cookie: the flow's cookie is the browser's alone", async (host) => {
    const { setCookie = "" } = await startFlow(host.admin())
    const [pair = "", ...attributes] = setCookie.split("; ")
    // Only if the public URL is plain http on loopback may a cookie go without these two.
    const isSecure = attributes.includes("Secure")
    expect(pair).toMatch(
      isSecure ? /^__Host-hawser-[\w-]+=[\w-]{43}$/ : /^hawser-[\w-]+=[\w-]{43}$/
    )
    expect(attributes.filter((one) => one !== "Secure")).toEqual([
      "Path=/",
      "HttpOnly",
      "SameSite=Lax",
      expect.stringMatching(/^Max-Age=\d+$/)
    ])
  })

  check("S-05 complete and session: no cookie is set", async (host) => {
    await startFlow(host.admin(), { binding: "complete" })
    await startFlow(host.admin(), { binding: "session" })
  })

  check("400 says which member is wrong, and never what was sent", async (host) => {
    const admin = host.admin()
    const cases: ReadonlyArray<readonly [object, string, string]> = [
      [{}, "redirectUrl", "missing"],
      [{ credentialId: "crd_1" }, "redirectUrl", "missing"],
      [{ redirectUrl: [redirectUrl] }, "redirectUrl", "invalid"],
      [{ redirectUrl: 1 }, "redirectUrl", "invalid"],
      [{ redirectUrl: `${redirectUrl}${"a".repeat(2048)}` }, "redirectUrl", "invalid"],
      [{ redirectUrl: `${redirectUrl}\0` }, "redirectUrl", "invalid"],
      [{ redirectUrl: `${redirectUrl}\ud800` }, "redirectUrl", "invalid"],
      [{ redirectUrl, redirect_uri: "canary" }, "redirect_uri", "unknown"],
      [{ redirectUrl, "canary-1234": 1 }, "body", "unknown"],
      [{ redirectUrl, reauthorize: "canary" }, "reauthorize", "invalid"],
      [{ redirectUrl, scopes: "canary" }, "scopes", "invalid"],
      [{ redirectUrl, replaceScopes: "canary" }, "replaceScopes", "invalid"],
      [{ redirectUrl, replaceScopes: true }, "replaceScopes", "not_allowed"],
      [{ redirectUrl, replaceScopes: true, scopes }, "replaceScopes", "not_allowed"],
      [{ redirectUrl, replaceScopes: true, reauthorize: true }, "scopes", "missing"],
      [{ redirectUrl, fields: ["canary"] }, "fields", "invalid"]
    ]
    for (const [json, path, code] of cases) {
      const answer = await admin.call("POST", `/${oauth}/connect`, { json })
      expectInvalid(answer, path, code)
      expect(answer.text).not.toContain("canary")
    }
  })

  check("S-12 a redirect URL must be one of the host's, character by character", async (host) => {
    const admin = host.admin()
    for (const wrong of [
      "",
      "https://evil.example/",
      "//evil.example",
      "javascript:alert(1)",
      `${redirectUrl}&more=1`,
      `${redirectUrl}#fragment`,
      redirectUrl.replace("https://", "http://"),
      redirectUrl.replace("https://", "https://user@"),
      redirectUrl.replace("/cookie", "/cookie/../cookie"),
      redirectUrl.replace("/cookie", "/%63ookie"),
      redirectUrl.replace(".example", ".example."),
      redirectUrl.replace(".example", ".example:8443"),
      redirectUrl.toUpperCase(),
      ` ${redirectUrl}`
    ]) {
      const json = { redirectUrl: wrong }
      const answer = await admin.call("POST", `/${oauth}/connect`, { json })
      expectInvalid(answer, "redirectUrl", "not_allowed")
      expect(answer.text).not.toContain("evil")
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })

  check("the credentialId, which OAuth2 has no use for, is ignored", async (host) => {
    for (const credentialId of [null, 1, "nonsense", ["x"]]) {
      const json = { redirectUrl, credentialId }
      expectOk(await host.admin().call("POST", `/${oauth}/connect`, { json }))
    }
  })

  check("S-77 a page of another origin is refused, and gets no cookie", async (host) => {
    const connect = (origin: string) =>
      host.admin().call("POST", `/${oauth}/connect`, { json: { redirectUrl }, headers: { origin } })
    for (const origin of ["https://evil.example", "null", `${appOrigin}.evil.example`]) {
      const answer = await connect(origin)
      expectError(answer, "403 forbidden")
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expectOk(await connect(appOrigin))
  })

  check("S-15 forwarding headers do not reach the redirect URI", async (host) => {
    const { authorizationUrl } = await startFlow(host.admin())
    const answer = await host.admin().call("POST", `/${oauth}/connect`, {
      json: { redirectUrl },
      headers: {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "ftp",
        forwarded: "host=e"
      }
    })
    const forged = new URL(String(expectOk(answer)["authorizationUrl"]))
    expect(forged.searchParams.get("redirect_uri")).toBe(
      authorizationUrl.searchParams.get("redirect_uri")
    )
  })

  check("may ask for fewer scopes than the host, and not for others", async (host) => {
    const admin = host.admin()
    const connect = (asked: ReadonlyArray<string>) =>
      admin.call("POST", `/${oauth}/connect`, { json: { redirectUrl, scopes: asked } })
    const narrow = new URL(String(expectOk(await connect([requiredScope]))["authorizationUrl"]))
    expect(narrow.searchParams.get("scope")).toBe(requiredScope)
    expectInvalid(await connect([requiredScope, "admin"]), "scopes", "not_allowed")
    expectInvalid(await connect(["projects.write"]), "scopes", "missing")
    expectInvalid(await connect([]), "scopes", "missing")
  })

  check("a provider on the tenant's own host asks for its fields", async (host) => {
    const admin = host.admin()
    const connect = (fields: unknown) =>
      admin.call("POST", `/${withRealm}/connect`, { json: { redirectUrl, fields } })
    expectInvalid(await connect(undefined), "fields.realm", "missing")
    expectInvalid(await connect({ realm: "evil.example/" }), "fields.realm", "invalid")
    expectInvalid(await connect({ realm: [realms[0]] }), "fields.realm", "invalid")
    expectInvalid(await connect({ realm: realms[0], more: "x" }), "fields.more", "unknown")

    const flow = await startFlow(admin, {
      provider: withRealm,
      body: { fields: { realm: realms[1] } }
    })
    expect(flow.authorizationUrl.pathname).toBe(`/${realms[1]}/authorize`)
    const back = destination(await comeBack(flow, await consent(flow)))
    expect(back.searchParams.get("status")).toBe("connected")
  })

  check("a provider without fields takes none", async (host) => {
    const json = { redirectUrl, fields: { realm: realms[0] } }
    const answer = await host.admin().call("POST", `/${oauth}/connect`, { json })
    expectInvalid(answer, "fields.realm", "unknown")
  })

  check("an API-key provider knows neither fields, scopes nor reauthorize", async (host) => {
    const admin = host.admin()
    for (const [member, value] of [
      ["fields", { api_key: "x" }],
      ["scopes", []],
      ["reauthorize", true]
    ] as const) {
      const json = { credentialId: "crd_1", [member]: value }
      const answer = await admin.call("POST", `/${apiKey}/connect`, { json })
      expectInvalid(answer, member, "not_allowed")
    }
  })
}
