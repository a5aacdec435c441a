import { expect } from "vitest"
import type { Answer } from "../Answer.ts"
import type { Browser } from "../Browser.ts"
import { expectError, expectOk, integrationId, timestamp } from "../expectations.ts"
import {
  comeBack,
  consent,
  destination,
  type Flow,
  type FlowOptions,
  form,
  startFlow
} from "../flows.ts"
import type { Host, Person } from "../Host.ts"
import { formPost, many, oauth, scopes, withSites } from "../provider/definitions.ts"
import { redirectUrls, tenantNameOf } from "../provider/startTestProvider.ts"
import { expectNoFlow } from "./callbackSuite.ts"
import type { Check } from "./Check.ts"

/** A flow whose code waits for somebody to agree, in the browser of who began it. */
interface Waiting {
  readonly flow: Flow
  readonly code: string
  /** Of the confirm page: what the callback answered with. */
  readonly location: URL
  readonly setCookie: string
  /** Of the page, as the mount is reached. */
  readonly path: string
}

const wait = async (
  person: Person,
  {
    account,
    provider = oauth,
    query
  }: Pick<FlowOptions, "provider" | "query"> & { readonly account?: string } = {}
): Promise<Waiting> => {
  const flow = await startFlow(person, {
    binding: "confirm",
    provider,
    ...(query !== undefined && { query })
  })
  const response = await consent(flow, "allow", account)
  const answer = await comeBack(flow, response)
  const location = destination(answer)
  const [setCookie = ""] = answer.headers.getSetCookie()
  return {
    flow,
    code: response.get("code") ?? "",
    location,
    setCookie,
    path: `/${provider}/confirm${location.search}`
  }
}

const open = ({ flow, path }: Waiting, browser: Browser = flow.browser): Promise<Answer> =>
  browser.request("GET", flow.host.url(path))

/** What the form of the page sends, with the box ticked. */
const formOf = ({ text }: Answer): Record<string, string> => {
  const hidden = [...text.matchAll(/<input type="hidden" name="(\w+)" value="([\w-]+)"/g)]
  return {
    ...Object.fromEntries(hidden.map(([, name = "", value = ""]) => [name, value])),
    agreed: "yes",
    answer: "connect"
  }
}

interface Posted {
  readonly origin?: string | null
  readonly browser?: Browser
  readonly path?: string
}

const post = (
  { flow, location, path }: Waiting,
  fields: Readonly<Record<string, string>>,
  { browser = flow.browser, origin = location.origin, path: posted = path }: Posted = {}
): Promise<Answer> =>
  browser.request("POST", flow.host.url(posted), {
    body: new URLSearchParams(fields).toString(),
    headers: { ...form, ...(origin !== null && { origin }) }
  })

const complete = (person: Person, flowId: string, provider = oauth, account?: string) =>
  person.call("POST", `/${provider}/complete`, {
    json: { flowId, ...(account !== undefined && { account }) }
  })

const flowIdIn = ({ hash }: URL): string => new URLSearchParams(hash.slice(1)).get("flowId") ?? ""

const expectPage = (answer: Answer): void => {
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "text/html; charset=utf-8"
  ])
  const policy = answer.headers.get("content-security-policy")?.split("; ") ?? []
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("base-uri 'none'")
  expect(policy.find((directive) => directive.startsWith("form-action "))).toMatch(
    /^form-action 'self'(?: https:\/\/pages\.conformance\.example)?$/
  )
  expect(answer.headers.get("cross-origin-opener-policy")).toBe("same-origin")
  expect(answer.headers.get("cache-control")).toBe("no-store")
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff")
  expect(answer.text).not.toContain("<script")
}

/** Expects that what is done makes no token request, and that the tenant has nothing afterwards. */
const expectNothing = async (person: Person, run: () => Promise<void>): Promise<void> => {
  const before = person.host.provider.tokenRequests()
  await run()
  expect(person.host.provider.tokenRequests()).toBe(before)
  expect(expectOk(await person.call("GET", ""))["total"]).toBe(0)
}

export const confirmSuite = (check: Check): void => {
  check("S-85 the callback leads to a page whose URL has neither code nor state", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      const { code, flow, location, setCookie } = await wait(admin)
      expect(location.href).toMatch(/\/v1\/integrations\/[\w-]+\/confirm\?flow=[\w-]{22}$/)
      expect(location.href).not.toContain(flow.state)
      expect(location.href).not.toContain(code)
      const [pair = "", ...attributes] = setCookie.split("; ")
      expect(pair).toMatch(/^(?:__Host-)?hawser-[\w-]{22}=[\w-]{43}\.[\w-]{43}$/)
      expect(attributes).toContain("HttpOnly")
      expect(attributes).toContain("SameSite=Lax")
      expect(attributes).toContain("Path=/")
      for (const secret of pair.slice(pair.indexOf("=") + 1).split("."))
        expect(location.href).not.toContain(secret)
    })
  })

  check("S-86 the page says what would be connected, for whom, and who began it", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      const waiting = await wait(admin)
      const page = await open(waiting)
      expectPage(page)
      const { tenantId = "", userId } = admin.claims
      const name = tenantNameOf(tenantId).slice(0, 100)
      expect(page.text).not.toContain(name.slice(0, 12))
      for (const text of [name, tenantId, userId, ...scopes])
        expect(page.text).toContain(`<bdi>${escaped(text)}</bdi>`)
      expect(page.text).not.toContain(waiting.code)
      expect(page.text).not.toContain(waiting.flow.state)
      // Two gestures: the browser sends no form whose box is not ticked.
      expect(page.text).toMatch(/<input type="checkbox" name="agreed" value="yes" required/)
      // It changes nothing: the page may be read again.
      expect(formOf(await open(waiting))).toEqual(formOf(page))
    })
  })

  check("S-86 the page says whose the connection will be, and under which name", async (host) => {
    const admin = host.admin()
    for (const [query, owner, name] of [
      ["", "everybody there", undefined],
      ["?owner=user", "the user who began this, and nobody else", undefined],
      ["?owner=user&name=sales", "the user who began this, and nobody else", "sales"],
      ["?name=sales", "everybody there", "sales"]
    ] as const) {
      const { text } = await open(await wait(admin, { provider: many, query }))
      expect(text).toContain(`<dd>${owner}</dd>`)
      expect(/under the name<\/dt>\s*<dd><bdi>(.*)<\/bdi>/.exec(text)?.[1]).toBe(name)
    }
  })

  check("who agreed goes on as for complete, and who began it finishes it", async (host) => {
    const admin = host.admin()
    const waiting = await wait(admin)
    const before = host.provider.tokenRequests()
    const answer = await post(waiting, formOf(await open(waiting)))
    const url = destination(answer)
    expect(url.href.startsWith(`${redirectUrls.confirm}?`)).toBe(true)
    expect(Object.fromEntries(url.searchParams)).toEqual({ status: "pending", provider: oauth })
    expect(url.hash).toMatch(/^#flowId=[\w-]{43}$/)
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer")
    const [name] = waiting.setCookie.split("=")
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining(`${name}=; `)])
    expect(host.provider.tokenRequests()).toBe(before)

    expect(expectOk(await complete(admin, flowIdIn(url)))).toEqual({
      integrationId,
      provider: oauth,
      status: "connected",
      connectedAt: timestamp
    })
    expect(host.provider.tokenRequests()).toBe(before + 1)
    expectError(await complete(admin, flowIdIn(url)), "404 flow_not_found")
  })

  check(
    "S-85 S-89 what was confirmed and covers several accounts is chosen after that",
    async (host) => {
      const admin = host.admin()
      const waiting = await wait(admin, { provider: withSites, account: "site-1,site-2" })
      const before = host.provider.tokenRequests()
      const page = await open(waiting)
      // Nobody has asked yet which accounts there are.
      expect(page.text).not.toContain("site-")
      const confirmed = flowIdIn(destination(await post(waiting, formOf(page))))
      expect(host.provider.tokenRequests()).toBe(before)
      // The page of a choice is none to confirm, and a confirmed code takes no account.
      expectNoFlow(await open(waiting))
      const asked = await complete(admin, confirmed, withSites)
      expectError(
        { ...asked, body: { error: asked.body["error"], message: "-" } },
        "409 account_choice_required"
      )
      expect(host.provider.tokenRequests()).toBe(before + 1)
      expect(asked.body["choices"]).toEqual([
        { id: "site-1", label: "Name of site-1" },
        { id: "site-2", label: "Name of site-2" }
      ])
      expectError(await complete(admin, confirmed, withSites), "404 flow_not_found")
      const flowId = String(asked.body["flowId"])
      expect(expectOk(await complete(admin, flowId, withSites, "site-2"))["status"]).toBe(
        "connected"
      )
      expect(host.provider.tokenRequests()).toBe(before + 1)
      const item = expectOk(await admin.call("GET", `/${withSites}`))
      expect(item["accountLabel"]).toBe("Name of site-2")
    }
  )

  check("a flow whose provider posts its response is confirmed as well", async (host) => {
    const admin = host.admin()
    const flow = await startFlow(admin, { binding: "confirm", provider: formPost })
    const response = await consent(flow)
    const answer = await flow.browser.request("POST", host.url(`/${formPost}/callback`), {
      body: response.toString(),
      headers: { ...form, origin: flow.authorizationUrl.origin }
    })
    const location = destination(answer)
    const waiting: Waiting = {
      flow,
      code: "",
      location,
      setCookie: "",
      path: `/${formPost}/confirm${location.search}`
    }
    const url = destination(await post(waiting, formOf(await open(waiting))))
    expect(url.searchParams.get("status")).toBe("pending")
  })

  check("S-85 nobody else finishes what was confirmed", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      for (const stranger of [admin.colleague(), host.admin()]) {
        const waiting = await wait(admin)
        const url = destination(await post(waiting, formOf(await open(waiting))))
        expectError(await complete(stranger, flowIdIn(url)), "404 flow_not_found")
        expectError(await complete(admin, flowIdIn(url)), "404 flow_not_found")
      }
    })
  })

  check("S-85 nothing that the browser has before Connect completes the flow", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      const { flow, setCookie } = await wait(admin)
      const [pair = ""] = setCookie.split(";")
      for (const known of [...pair.slice(pair.indexOf("=") + 1).split("."), flow.state])
        expectError(await complete(admin, known), "404 flow_not_found")
    })
  })

  check(
    "S-85 a form from another origin, or from none, is refused, and the page goes on working",
    async (host) => {
      const admin = host.admin()
      const waiting = await wait(admin)
      const fields = formOf(await open(waiting))
      await expectNothing(admin, async () => {
        for (const origin of [
          "https://sibling.conformance.example",
          new URL(redirectUrls.confirm).origin,
          `${waiting.location.origin}.evil.example`,
          `${waiting.location.origin}, ${waiting.location.origin}`,
          waiting.location.href,
          "null",
          null
        ])
          expectNoFlow(await post(waiting, fields, { origin }))
      })
      destination(await post(waiting, fields))
    }
  )

  check("S-85 it needs the flow's cookie", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      const waiting = await wait(admin)
      const fields = formOf(await open(waiting))
      // Signed in as the same user, in another browser.
      const browser = admin.browser()
      expectNoFlow(await open(waiting, browser))
      expectNoFlow(await post(waiting, fields, { browser }))
      const [name] = waiting.setCookie.split("=")
      browser.keep([`${name}=${"A".repeat(43)}.${fields["token"]}`])
      expectNoFlow(await open(waiting, browser))
      expectNoFlow(await post(waiting, fields, { browser }))
    })
  })

  check("S-85 it needs the token of the page, and a wrong one ends the flow", async (host) => {
    const admin = host.admin()
    for (const token of ["", "A".repeat(43)])
      await expectNothing(admin, async () => {
        const waiting = await wait(admin)
        const fields = formOf(await open(waiting))
        expectNoFlow(await post(waiting, { ...fields, token }))
        expectNoFlow(await post(waiting, fields))
      })
  })

  check("S-86 it needs the ticked box, and an answer of the page", async (host) => {
    const admin = host.admin()
    const waiting = await wait(admin)
    const fields = formOf(await open(waiting))
    await expectNothing(admin, async () => {
      expectNoFlow(await post(waiting, { ...fields, agreed: "" }))
      for (const answer of ["", "yes", "Connect"])
        expectNoFlow(await post(waiting, { ...fields, answer }))
      const { agreed: _, ...unticked } = fields
      expectNoFlow(await post(waiting, unticked))
      // Parameters that come twice (RFC 6749 §3.1).
      const twice = `${new URLSearchParams(fields).toString()}&answer=disown`
      expectError(
        await waiting.flow.browser.request("POST", host.url(waiting.path), {
          body: twice,
          headers: { ...form, origin: waiting.location.origin }
        }),
        "400 validation_error"
      )
    })
    destination(await post(waiting, fields))
  })

  check("S-85 a page is good for one answer, of many at once for one", async (host) => {
    const admin = host.admin()
    const waiting = await wait(admin)
    const fields = formOf(await open(waiting))
    // Each with the cookie, which an answer ends.
    const cookie = waiting.setCookie.split(";")[0] ?? ""
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => {
        const browser = admin.browser()
        browser.keep([cookie])
        return post(waiting, fields, { browser })
      })
    )
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(9)
    waiting.flow.browser.keep([cookie])
    expectNoFlow(await open(waiting))
    expectNoFlow(await post(waiting, fields))
  })

  check("S-85 flows in one browser do not mix", async (host) => {
    const admin = host.admin()
    const first = await wait(admin)
    const browser = first.flow.browser
    const second = await wait(admin)
    browser.keep([second.setCookie])
    const forms = [formOf(await open(first)), formOf(await open(second, browser))] as const
    expect(forms[0]["token"]).not.toBe(forms[1]["token"])
    const url = destination(await post(second, forms[1], { browser }))
    expectOk(await complete(admin, flowIdIn(url)))
    // The first goes on, with its own page alone.
    expectPage(await open(first))
    expectNoFlow(await post(first, { ...forms[0], token: forms[1]["token"] ?? "" }))
    expectNoFlow(await post(first, forms[0]))
  })

  check("S-85 it is not found under another provider", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      const waiting = await wait(admin)
      const fields = formOf(await open(waiting))
      const path = `/${formPost}/confirm${waiting.location.search}`
      expectNoFlow(await open({ ...waiting, path }))
      expectNoFlow(await post(waiting, fields, { path }))
      expectNoFlow(await post(waiting, fields))
    })
  })

  check(
    "S-87 who did not begin it destroys the code, and sees no page of a tenant's",
    async (host) => {
      const admin = host.admin()
      await expectNothing(admin, async () => {
        const waiting = await wait(admin)
        const fields = formOf(await open(waiting))
        const { agreed: _, ...unticked } = fields
        const answer = await post(waiting, { ...unticked, answer: "disown" })
        expectPage(answer)
        expect(answer.headers.get("location")).toBeNull()
        expect(answer.text).not.toContain(new URL(redirectUrls.confirm).host)
        expect(answer.headers.getSetCookie()[0]).toContain("Max-Age=0")
        // Whoever kept the cookie gets nothing.
        waiting.flow.browser.keep([waiting.setCookie])
        expectNoFlow(await open(waiting))
        expectNoFlow(await post(waiting, fields))
        expectNoFlow(
          await comeBack(waiting.flow, new URLSearchParams({ state: waiting.flow.state }))
        )
      })
    }
  )

  check("S-87 another person's session destroys the code", async (host) => {
    const admin = host.admin()
    for (const stranger of [admin.colleague(), admin.member(), host.admin()])
      await expectNothing(admin, async () => {
        const waiting = await wait(admin)
        const fields = formOf(await open(waiting))
        const browser = stranger.browser()
        browser.keep([waiting.setCookie])
        expectNoFlow(await open(waiting, browser))
        expectNoFlow(await post(waiting, fields))

        const other = await wait(admin)
        const answers = formOf(await open(other))
        browser.keep([other.setCookie])
        expectNoFlow(await post(other, answers, { browser }))
        expectNoFlow(await post(other, answers))
      })
  })

  check("S-87 where nobody is signed in there is no button, and nobody may agree", async (host) => {
    const admin = host.admin()
    await expectNothing(admin, async () => {
      const waiting = await wait(admin)
      const fields = formOf(await open(waiting))
      const browser = host.browser()
      browser.keep([waiting.setCookie])
      const page = await open(waiting, browser)
      expectPage(page)
      expect(page.text).not.toMatch(/<form|<button|<input/)
      expect(page.text).not.toContain(fields["token"])
      // Whoever signs in after that has the button.
      expect(formOf(await open(waiting))).toEqual(fields)
      expectNoFlow(await post(waiting, fields, { browser }))
      expectNoFlow(await post(waiting, fields))
    })
  })

  check(
    "S-87 a flow that was not confirmed in time is gone",
    async (host) => {
      const admin = host.admin()
      await expectNothing(admin, async () => {
        const waiting = await wait(admin)
        const fields = formOf(await open(waiting))
        const other = await wait(admin)
        const answers = formOf(await open(other))
        await host.mount.expireFlows?.()
        expectNoFlow(await open(waiting))
        expectNoFlow(await post(waiting, fields))
        expectNoFlow(await post(other, answers))
      })
    },
    "expireFlows"
  )

  check("S-81 neither HEAD nor a prefetch opens the page", async (host) => {
    const waiting = await wait(host.admin())
    const { browser } = waiting.flow
    const url = host.url(waiting.path)
    const head = await browser.request("HEAD", url)
    expect([head.status, head.headers.get("allow")]).toEqual([405, "GET, POST"])
    const prefetched = await browser.request("GET", url, { headers: { "sec-purpose": "prefetch" } })
    expectError(prefetched, "503 prefetch_refused")
    expect(prefetched.headers.get("retry-after")).toBe("0")
    expectPage(await open(waiting))
  })

  check("a page of no flow is the one of the callback", async (host: Host) => {
    const browser = host.browser()
    for (const search of ["", "?flow=", "?flow=x", `?flow=${"A".repeat(22)}`, "?flow=a%3Db"])
      expectNoFlow(await browser.request("GET", host.url(`/${oauth}/confirm${search}`)))
  })
}

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
