import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { factsOf } from "@hawser/testing/facts"
import { startSimulator } from "@hawser/testing/simulator"
import { createHawser, memory, nodeHandler, type SecurityEvent } from "hawser"
import { github } from "hawser/providers"
import type { BrowserContext, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { openChromium } from "../src/chromium.ts"
import { executablePath } from "./support/chromium.ts"

beforeEach(({ skip }) => skip(executablePath === undefined, "there is no Chromium"))

const ada = { tenantId: "acme", userId: "ada" }
const closing: Array<() => unknown> = []

/** A server whose pages are of an origin of their own; on another port of this host, of the same site. */
const serve = async (name: string, handle: RequestListener): Promise<string> => {
  const server = createServer(handle)
  await once(server.listen(0, "127.0.0.1"), "listening")
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://${name}:${(server.address() as AddressInfo).port}`
}

const start = async () => {
  const events: Array<SecurityEvent> = []
  /** Of each POST, in the order in which they came: what a browser tells of its own requests may never come. */
  const postedCookies: Array<string | undefined> = []
  const simulator = await startSimulator({ providers: [factsOf("github")] })
  closing.push(() => simulator.close())
  // The tenant's page, on another site: it finishes with the token of its own user.
  const tenantPage = await serve("localhost", (request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8")
    response.end(
      `<h1>The tenant's page</h1><p>${request.method} with ${request.headers.referer}</p>`
    )
  })
  let handle: RequestListener = () => undefined
  const publicUrl = await serve("127.0.0.1", (request, response) => handle(request, response))
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [`${publicUrl}/settings`],
    allowRedirect: ({ url }) => (url === `${tenantPage}/done` ? "confirm" : null),
    tenantName: () => `Acme <img src=x onerror="document.title='canary'"> \u202Egnol`,
    authenticate: () => Promise.resolve({ ...ada, roles: ["admin"] }),
    providers: [simulator.simulate(github, { publicUrl })],
    store: memory(),
    encryptionKey: randomBytes(32).toString("base64"),
    onSecurityEvent: (event) => events.push(event),
    unsafelyAllowLoopback: true
  })
  closing.push(() => hawser.close())
  const mounted = nodeHandler(hawser.handler)
  handle = (request, response) => {
    if (request.method === "POST") postedCookies.push(request.headers.cookie)
    mounted(request, response)
  }
  return { events, hawser, postedCookies, publicUrl, simulator, tenantPage }
}

let host: Awaited<ReturnType<typeof start>>
let browser: Awaited<ReturnType<typeof openChromium>>
let context: BrowserContext

beforeAll(async () => {
  if (executablePath === undefined) return
  host = await start()
  browser = await openChromium(executablePath, { width: 800, height: 600 })
  context = browser.context
}, 120_000)
afterAll(async () => {
  if (executablePath === undefined) return
  await browser.close()
  for (const close of closing.toReversed()) await close()
})

/** A person follows the link of a flow to GitHub, which asks nothing, and on to the confirm page. */
const ledToConfirm = async (): Promise<Page> => {
  const begun = await host.hawser
    .tenant(ada.tenantId, { user: ada.userId })
    .connection("github")
    .reconnect({ redirectUrl: `${host.tenantPage}/done` })
  if (!("authorizationUrl" in begun)) throw new Error("GitHub connects by OAuth2.")
  expect(begun.setCookie).toBeUndefined()
  const page = await context.newPage()
  await page.goto(begun.authorizationUrl)
  await page.getByRole("heading", { name: "Do you want to connect?" }).waitFor()
  return page
}

const connectButton = (page: Page) => page.getByRole("button", { name: "Connect" })
const connections = () =>
  host.hawser
    .tenant("acme")
    .connections()
    .then(({ items }) => items)

describe("the confirm page in Chromium", { timeout: 60_000 }, () => {
  it("S-86 shows what would be connected, with the host's texts as texts", async () => {
    const page = await ledToConfirm()
    expect(new URL(page.url()).origin).toBe(host.publicUrl)
    expect(new URL(page.url()).search).toMatch(/^\?flow=[\w-]{22}$/)
    const said = await page.locator("dl").innerText()
    for (const text of [
      "GitHub",
      `Acme <img src=x onerror="document.title='canary'"> gnol`,
      "acme",
      "ada"
    ])
      expect(said).toContain(text)
    expect(await page.locator("img").count()).toBe(0)
    expect(await page.title()).toBe("Do you want to connect?")
    await page.close()
  })

  it("S-86 a click without the tick stays; with it the flow ends well on the tenant's page", async () => {
    const page = await ledToConfirm()
    await connectButton(page).click()
    expect(await page.locator("input:invalid").count()).toBe(1)
    expect(new URL(page.url()).pathname).toBe("/v1/integrations/github/confirm")
    await page.getByRole("checkbox").check()
    await connectButton(page).click()
    await page.getByRole("heading", { name: "The tenant's page" }).waitFor()
    // By GET, and nothing of Hawser's page in the referrer.
    await page.getByText("GET with undefined").waitFor()
    const { hash, origin, search } = new URL(page.url())
    expect([origin, search]).toEqual([host.tenantPage, "?status=pending&provider=github"])
    const flowId = new URLSearchParams(hash.slice(1)).get("flowId") ?? ""
    const completed = await fetch(`${host.publicUrl}/v1/integrations/github/complete`, {
      method: "POST",
      headers: { authorization: "Bearer token", "content-type": "application/json" },
      body: JSON.stringify({ flowId })
    })
    expect(completed.status).toBe(200)
    expect(await connections()).toHaveLength(1)
    expect(host.simulator.violations).toEqual([])
    // Back to a page that was used.
    await page.goBack()
    await page.getByRole("heading", { name: "Not connected" }).waitFor()
    await page.close()
  })

  it("S-87 who did not begin it ends on Hawser's own page", async () => {
    const page = await ledToConfirm()
    await page.getByRole("button", { name: "This was not me" }).click()
    await page.getByText("Nothing was connected").waitFor()
    expect(new URL(page.url()).origin).toBe(host.publicUrl)
    expect(await page.getByRole("link").getAttribute("href")).toBe(`${host.publicUrl}/settings`)
    expect(host.events.at(-1)).toMatchObject({ type: "flow_disowned", tenantId: "acme" })
    await page.close()
  })

  it("S-85 a page of a sibling site posts the form in the person's browser, and gets 400", async () => {
    const page = await ledToConfirm()
    const action = page.url()
    const tag = new URL(action).searchParams.get("flow") ?? ""
    // It knows everything but the token: even that would not help.
    const token = (await page.locator('input[name="token"]').getAttribute("value")) ?? ""
    const sibling = await serve("127.0.0.1", (_request, response) => {
      response.setHeader("content-type", "text/html")
      response.end(`<form method="post" action="${action}">
        <input name="flow" value="${tag}"><input name="token" value="${token}">
        <input name="agreed" value="yes"><input name="answer" value="connect"><button>Win</button>
      </form>`)
    })
    const attack = await context.newPage()
    await attack.goto(sibling)
    const answered = attack.waitForResponse(action)
    await attack.getByRole("button", { name: "Win" }).click()
    expect((await answered).status()).toBe(400)
    // The cookie came with it: what refused it is the origin.
    expect(host.postedCookies.at(-1)).toContain(`hawser-${tag}=`)
    expect(host.events.at(-1)).toEqual({ type: "binding_mismatch", reason: "origin" })
    // Closed with the browser: to close a page while it goes to another one has hung.
    await attack.getByRole("heading", { name: "Not connected" }).waitFor()
    // The person is not disturbed.
    await page.getByRole("checkbox").check()
    await connectButton(page).click()
    await page.getByRole("heading", { name: "The tenant's page" }).waitFor()
    await page.close()
  })

  it("S-86 a page that frames it, or has opened it, has no hold of it", async () => {
    const page = await ledToConfirm()
    const url = page.url()
    const sibling = await serve("127.0.0.1", (_request, response) => {
      response.setHeader("content-type", "text/html")
      response.end(`<iframe src="${url}"></iframe>`)
    })
    const attack = await context.newPage()
    const refused = attack.waitForEvent("console", {
      predicate: (message) => message.text().includes("frame-ancestors")
    })
    await attack.goto(sibling)
    await refused
    // A page that lets itself be held would stay open to its opener.
    await attack.evaluate(`window.opened = open(${JSON.stringify(url)})`)
    await attack.waitForFunction("window.opened.closed")
    await attack.close()
    await page.close()
  })
})
