import { expect } from "vitest"
import type { Answer } from "../Answer.ts"
import { expectError, expectOk, integrationId, timestamp } from "../expectations.ts"
import {
  comeBack,
  connectOAuth,
  consent,
  destination,
  type Flow,
  postBack,
  startFlow
} from "../flows.ts"
import type { Host } from "../Host.ts"
import type { Script } from "../provider/authorizationServer.ts"
import { formPost, oauth, scopes } from "../provider/definitions.ts"
import { appUrl, redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

/** Of an answer to a browser whose address bar holds a code, nothing may be kept, framed or passed on. */
const expectBrowserHeaders = ({ headers }: Answer): void => {
  expect(headers.get("referrer-policy")).toBe("no-referrer")
  expect(headers.get("cache-control")).toBe("no-store")
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
}

/** Expects that there is no flow, and so nowhere to go. */
export const expectNoFlow = (answer: Answer): void => {
  expectError(answer, "400 validation_error")
  expect(answer.headers.get("location")).toBeNull()
  expectBrowserHeaders(answer)
}

/** Expects that what is done makes so many token requests. */
const expectTokenRequests = async (host: Host, count: number, run: () => Promise<void>) => {
  const before = host.provider.tokenRequests()
  await run()
  expect(host.provider.tokenRequests() - before).toBe(count)
}

const outcomeOf = (answer: Answer) => Object.fromEntries(destination(answer).searchParams)

export const callbackSuite = (check: Check): void => {
  check("cookie: connects, and sends the browser to the stored URL", async (host) => {
    const admin = host.admin()
    const flow = await startFlow(admin)
    const answer = await comeBack(flow, await consent(flow))
    const url = destination(answer)
    expect(url.href.startsWith(`${redirectUrls.cookie}&`)).toBe(true)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      kept: "1",
      status: "connected",
      provider: oauth,
      integrationId
    })
    expect(url.hash).toBe("")
    expectBrowserHeaders(answer)
    const name = flow.setCookie?.split("=")[0]
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining(`${name}=; `)])
    expect(answer.headers.getSetCookie()[0]).toContain("Max-Age=0")

    expect(expectOk(await admin.call("GET", `/${oauth}`))).toMatchObject({
      integrationId: url.searchParams.get("integrationId"),
      status: "connected",
      connectedBy: admin.claims.userId,
      connectedAt: timestamp,
      scopes
    })
  })

  check(
    "session: connects for the admin who is signed in, without a cookie of ours",
    async (host) => {
      const flow = await startFlow(host.admin(), { binding: "session" })
      const answer = await comeBack(flow, await consent(flow))
      expect(outcomeOf(answer)).toMatchObject({ status: "connected" })
      expect(destination(answer).href.startsWith(`${redirectUrls.session}?`)).toBe(true)
    }
  )

  check("S-03 a second visit finds nothing", async (host) => {
    const flow = await startFlow(host.admin())
    const response = await consent(flow)
    await expectTokenRequests(host, 1, async () => {
      destination(await comeBack(flow, response))
      expectNoFlow(await comeBack(flow, response))
    })
  })

  check("S-03 of many visits at once one is served", async (host) => {
    const admin = host.admin()
    const flow = await startFlow(admin)
    const response = await consent(flow)
    await expectTokenRequests(host, 1, async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => comeBack(flow, response)))
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
      expect(statuses).toEqual([303, ...Array.from({ length: 9 }, () => 400)])
    })
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(1)
  })

  check(
    "S-05 cookie: another browser is refused before any token request, and burns the flow",
    async (host) => {
      const admin = host.admin()
      const flow = await startFlow(admin)
      const response = await consent(flow)
      await expectTokenRequests(host, 0, async () => {
        // Of the same person, but not the browser that began.
        expectNoFlow(await comeBack({ ...flow, browser: admin.browser() }, response))
        expectNoFlow(await comeBack(flow, response))
      })
      expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
    }
  )

  check(
    "S-05 cookie: a cookie under the right name with another flow's value is refused",
    async (host) => {
      const admin = host.admin()
      const [flow, other] = [await startFlow(admin), await startFlow(admin)]
      const name = flow.setCookie?.split("=")[0]
      const value = other.setCookie?.split(";")[0]?.split("=")[1]
      flow.browser.keep([`${name}=${value}`])
      expectNoFlow(await comeBack(flow, await consent(flow)))
    }
  )

  check("S-05 flows in two tabs of a browser do not disturb each other", async (host) => {
    const admin = host.admin()
    const [one, other] = [await startFlow(admin), await startFlow(admin, { provider: formPost })]
    const browser = admin.browser()
    browser.keep([one, other].flatMap(({ setCookie }) => setCookie ?? []))
    const answers = [
      await comeBack({ ...one, browser }, await consent(one)),
      await postBack({ ...other, browser }, (await consent(other)).toString())
    ]
    for (const answer of answers) expect(outcomeOf(answer)).toMatchObject({ status: "connected" })
  })

  for (const binding of ["cookie", "session"] as const) {
    check(`S-05 ${binding}: who is not signed in as the one who began is refused`, async (host) => {
      const admin = host.admin()
      const demoted = host.person({ ...admin.claims, roles: ["member"] })
      const strangers = [admin.colleague(), demoted, host.admin()]
      await expectTokenRequests(host, 0, async () => {
        for (const stranger of strangers) {
          const flow = await startFlow(admin, { binding })
          const browser = stranger.browser()
          if (flow.setCookie !== undefined) browser.keep([flow.setCookie])
          expectNoFlow(await comeBack({ ...flow, browser }, await consent(flow)))
        }
      })
    })
  }

  check("S-05 cookie: the cookie alone is not enough where nobody is signed in", async (host) => {
    await expectTokenRequests(host, 0, async () => {
      const flow = await startFlow(host.admin())
      const browser = host.browser()
      if (flow.setCookie !== undefined) browser.keep([flow.setCookie])
      expectNoFlow(await comeBack({ ...flow, browser }, await consent(flow)))
    })
  })

  check("S-05 session: where nobody is signed in any more the page is told, once", async (host) => {
    await expectTokenRequests(host, 0, async () => {
      const admin = host.admin()
      const started = await startFlow(admin, { binding: "session" })
      const flow = { ...started, browser: host.browser() }
      const answer = await consent(flow)
      expect(outcomeOf(await comeBack(flow, answer))).toMatchObject({
        status: "error",
        error: "session_expired"
      })
      // The flow is burned: whoever signs in again begins another.
      expectNoFlow(await comeBack({ ...flow, browser: admin.browser() }, answer))
    })
  })

  check("S-13 without a valid flow there is no redirect", async (host) => {
    const flow = await startFlow(host.admin())
    const guessed = flow.state.startsWith("A")
      ? `B${flow.state.slice(1)}`
      : `A${flow.state.slice(1)}`
    for (const query of [
      "",
      "?state=",
      `?code=x&state=${guessed}`,
      `?code=x&state=${"x".repeat(5000)}`,
      `?error=access_denied&state=${guessed}`,
      "?redirectUrl=https://evil.example&state=x",
      "?code=%00&state=%ff"
    ]) {
      const url = host.url(`/${oauth}/callback${query}`)
      expectNoFlow(await flow.browser.request("GET", url))
    }
    // A provider that nobody knows is not told apart.
    expectNoFlow(await host.call("GET", "/nobody/callback?code=x&state=x"))
  })

  check(
    "S-13 a browser that asks for HTML sees a page with one link to the application",
    async (host) => {
      const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
      const query = `?code=x&state=canary%22%3E%3Cscript%3E`
      const answer = await host.call("GET", `/${oauth}/callback${query}`, { headers: { accept } })
      expect(answer.status).toBe(400)
      expect(answer.headers.get("content-type")).toMatch(/^text\/html; ?charset=utf-8$/i)
      expectBrowserHeaders(answer)
      const links = [...answer.text.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)
      expect(links).toEqual([appUrl.replaceAll("&", "&amp;")])
      expect(answer.text).not.toMatch(/canary|<script/)
    }
  )

  check("S-20 on another provider's path a flow is refused, and burned", async (host) => {
    const flow = await startFlow(host.admin())
    const response = await consent(flow)
    await expectTokenRequests(host, 0, async () => {
      expectNoFlow(await comeBack({ ...flow, provider: formPost }, response))
      expectNoFlow(await comeBack(flow, response))
    })
  })

  check("S-10 a parameter that comes twice is refused before any token request", async (host) => {
    await expectTokenRequests(host, 0, async () => {
      for (const name of ["state", "code", "iss", "error"]) {
        const flow = await startFlow(host.admin())
        const response = await consent(flow)
        response.append(name, response.get(name) ?? "x")
        if (name === "error") response.append(name, "y")
        expectNoFlow(await comeBack(flow, response))
      }
    })
  })

  check("S-81 HEAD does not use up a flow", async (host) => {
    const flow = await startFlow(host.admin())
    const response = await consent(flow)
    const url = host.url(`/${oauth}/callback?${response.toString()}`)
    const answer = await flow.browser.request("HEAD", url)
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST"])
    expect(outcomeOf(await comeBack(flow, response))).toMatchObject({ status: "connected" })
  })

  check("S-124 a prefetch does not use up a flow, and tells nothing of it", async (host) => {
    for (const headers of [
      { "sec-purpose": "prefetch" },
      { "sec-purpose": "prefetch;prerender", purpose: "prefetch" },
      { purpose: "prefetch" },
      { "x-moz": "prefetch" }
    ]) {
      const flow = await startFlow(host.admin())
      const response = await consent(flow)
      const visit = (query: string) =>
        flow.browser.request("GET", host.url(`/${oauth}/callback?${query}`), { headers })
      const known = await visit(response.toString())
      expectError(known, "503 prefetch_refused")
      expectBrowserHeaders(known)
      expect(known.headers.get("retry-after")).toBe("0")
      const unknown = await visit("state=unknown&code=x")
      expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
      expect(outcomeOf(await comeBack(flow, response))).toMatchObject({ status: "connected" })
    }
  })

  check("S-06 parameters that are not OAuth's are looked over", async (host) => {
    const flow = await startFlow(host.admin())
    const response = await consent(flow)
    for (const name of ["tenantId", "tenant_id", "redirectUrl", "provider", "status"]) {
      response.set(name, "https://evil.example")
    }
    expect(outcomeOf(await comeBack(flow, response))).toEqual({
      kept: "1",
      status: "connected",
      provider: oauth,
      integrationId
    })
  })

  const failures: ReadonlyArray<readonly [Script, string]> = [
    ["deny", "access_denied"],
    ["refuse", "provider_error"],
    ["unavailable", "provider_unavailable"],
    ["malformed", "invalid_response"],
    ["narrow", "insufficient_scope"]
  ]
  for (const [script, error] of failures) {
    check(`S-14 ends with ${error} and nothing of the provider's words`, async (host) => {
      const admin = host.admin()
      const flow = await startFlow(admin)
      const answer = await comeBack(flow, await consent(flow, script))
      expect(outcomeOf(answer)).toEqual({ kept: "1", status: "error", provider: oauth, error })
      expectBrowserHeaders(answer)
      expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
    })
  }

  check(
    "S-21 a wrong or missing iss ends with invalid_response before any token request",
    async (host) => {
      await expectTokenRequests(host, 0, async () => {
        for (const iss of ["https://evil.example", undefined]) {
          const flow = await startFlow(host.admin())
          const response = await consent(flow)
          if (iss === undefined) response.delete("iss")
          else response.set("iss", iss)
          expect(outcomeOf(await comeBack(flow, response))["error"]).toBe("invalid_response")
        }
      })
    }
  )

  check("S-17 another flow's code is of no use", async (host) => {
    const admin = host.admin()
    const [flow, other] = [await startFlow(admin), await startFlow(admin)]
    const response = await consent(flow)
    response.set("code", (await consent(other)).get("code") ?? "")
    expect(outcomeOf(await comeBack(flow, response))["error"]).toBe("provider_error")
  })

  check("of two flows of a tenant the second to come back finds it connected", async (host) => {
    const admin = host.admin()
    const flows: ReadonlyArray<Flow> = [await startFlow(admin), await startFlow(admin)]
    const outcomes = new Array<unknown>()
    for (const flow of flows) {
      const { error, status } = outcomeOf(await comeBack(flow, await consent(flow)))
      outcomes.push([status, error])
    }
    expect(outcomes).toEqual([
      ["connected", undefined],
      ["error", "already_connected"]
    ])
  })

  check("of many flows that come back at once one connects", async (host) => {
    const admin = host.admin()
    const flows = await Promise.all(Array.from({ length: 8 }, () => startFlow(admin)))
    const answers = await Promise.all(
      flows.map(async (flow) => comeBack(flow, await consent(flow)))
    )
    const outcomes = answers.map((answer) => outcomeOf(answer))
    expect(outcomes.filter(({ status }) => status === "connected")).toHaveLength(1)
    expect(outcomes.filter(({ error }) => error === "already_connected")).toHaveLength(7)
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(1)
  })

  check("no answer holds a token", async (host) => {
    const admin = host.admin()
    await connectOAuth(admin)
    for (const path of ["", `/${oauth}`]) {
      const { text } = await admin.call("GET", path)
      expect(text).not.toMatch(/token|secret|verifier/i)
    }
  })

  check(
    "S-04 a flow that has expired is one that never was",
    async (host) => {
      const admin = host.admin()
      const flow = await startFlow(admin)
      const response = await consent(flow)
      await host.mount.expireFlows?.()
      await expectTokenRequests(host, 0, async () => expectNoFlow(await comeBack(flow, response)))
      expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
    },
    "expireFlows"
  )
}
