import type { BrowserContext, Page } from "playwright-core"
import { expect, it } from "vitest"
import { allow, card, needsChromium, openPage, said } from "./support/chromium.ts"
import { startHost, type HostOptions } from "./support/host.ts"

needsChromium()

const timeout = 60_000

const open = async (options: HostOptions = {}) => {
  const host = await startHost({
    body: '<hawser-integrations mode="popup"></hawser-integrations>',
    ...options
  })
  const opened = await openPage(`${host.origin}/settings`)
  await card(opened.page, "github").waitFor()
  return { ...host, ...opened }
}

const connect = async (page: Page): Promise<Page> => {
  const opened = page.waitForEvent("popup")
  await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
  const popup = await opened
  await popup.getByRole("button", { name: "Allow" }).waitFor()
  return popup
}

/** As Microsoft's pages do: the window is cut off from the page that has opened it. */
const cutOff = (context: BrowserContext, port: number) =>
  context.route(
    (url) => url.port === String(port),
    async (route) => {
      const request = route.request()
      if (request.method() !== "GET") return route.continue()
      // Only browsers know where hosts below localhost are.
      const url = new URL(request.url())
      const { host } = url
      url.hostname = "127.0.0.1"
      const response = await route.fetch({
        url: url.href,
        headers: { ...request.headers(), host },
        maxRedirects: 0
      })
      await route.fulfill({
        response,
        headers: { ...response.headers(), "cross-origin-opener-policy": "same-origin" }
      })
    }
  )

for (const binding of ["cookie", "complete"] as const)
  it(`a flow in a window of its own ends in the page (${binding})`, { timeout }, async () => {
    const { context, origin, page } = await open({ binding })
    const popup = await connect(page)
    await said(page, "Go on in the other window.")
    const closed = popup.waitForEvent("close")
    await allow(popup)
    await closed
    await said(page, "GitHub is connected.")
    expect(page.url()).toBe(`${origin}/settings`)
    expect(context.pages().includes(page)).toBe(true)
  })

it(
  "a flow ends in the page although the vendor's page cuts the windows apart",
  { timeout },
  async () => {
    const { context, page, simulator } = await open({ binding: "complete" })
    await cutOff(context, simulator.port)
    const popup = await connect(page)
    // The page reads the window as closed, and does not give up.
    await said(page, "GitHub is not connected yet. Go on in the other window, or connect again.")
    expect(await popup.evaluate(() => window.opener as unknown)).toBeNull()
    const closed = popup.waitForEvent("close")
    await allow(popup)
    await closed
    await said(page, "GitHub is connected.")
  }
)

it(
  "a window that the person closes is noticed, and the next one connects",
  { timeout },
  async () => {
    const { page } = await open()
    await (await connect(page)).close()
    await said(page, "GitHub is not connected yet. Go on in the other window, or connect again.")
    const popup = await connect(page)
    await allow(popup)
    await said(page, "GitHub is connected.")
  }
)

it(
  "an address that no flow has ended at takes nothing from the page that waits",
  { timeout },
  async () => {
    const { context, origin, page } = await open({ binding: "complete" })
    const popup = await connect(page)
    await said(page, "Go on in the other window.")
    const linked = await context.newPage()
    await linked.goto(`${origin}/settings?provider=github`)
    await card(linked, "github").waitFor()
    const closed = popup.waitForEvent("close")
    await allow(popup)
    await closed
    await said(page, "GitHub is connected.")
    // One that somebody has made up ends the wait, and does not leave the page at work.
    await page.getByRole("button", { name: "Close" }).click()
    await card(page, "github").getByRole("button", { name: "Disconnect: GitHub" }).click()
    await page
      .locator("[part~=panel]")
      .getByRole("button", { name: /^Disconnect/ })
      .click()
    await said(page, "GitHub is disconnected.")
    await connect(page)
    await said(page, "Go on in the other window.")
    await linked.goto(`${origin}/settings?provider=github&status=made-up`)
    await page.locator("[aria-busy=false]").waitFor()
  }
)

it("giving up closes the window", { timeout }, async () => {
  const { page } = await open()
  const popup = await connect(page)
  const closed = popup.waitForEvent("close")
  await page.getByRole("button", { name: "Cancel" }).click()
  await closed
  await page.getByText("Go on in the other window.").waitFor({ state: "detached" })
})

it("where the browser opens no window, it goes on in this one", { timeout }, async () => {
  const { origin, page } = await open()
  await page.evaluate(() => {
    window.open = () => null
  })
  await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
  await said(page, "Your browser did not open a window.")
  await page.getByRole("button", { name: "Continue here" }).click()
  await allow(page)
  await said(page, "GitHub is connected.")
  expect(page.url()).toBe(`${origin}/settings`)
})

it("a refusal is told in the page, and closes the window", { timeout }, async () => {
  const { page } = await open()
  const popup = await connect(page)
  const closed = popup.waitForEvent("close")
  await popup.getByRole("button", { name: "Deny" }).click()
  await closed
  await said(page, "Access to GitHub was not granted.")
})

it("a window whose page is gone finishes by itself", { timeout }, async () => {
  const { hawser, page } = await open({ binding: "complete" })
  const popup = await connect(page)
  await page.close()
  await allow(popup)
  await said(popup, "GitHub is connected.")
  const { items } = await hawser.tenant("acme").connections()
  expect(items).toMatchObject([{ provider: "github", status: "connected" }])
})

it(
  "of two tabs that wait at once neither is told how the other's flow ended",
  {
    timeout
  },
  async () => {
    const { context, hawser, origin, page } = await open({ binding: "complete" })
    const second = await context.newPage()
    await second.goto(`${origin}/settings`)
    const popups = [await connect(page), await connect(second)]
    for (const tab of [page, second]) await said(tab, "Go on in the other window.")
    // They may be of two tenants: each window finishes its own, and stays open.
    for (const [at, popup] of popups.entries()) {
      await allow(popup)
      await said(popup, at === 0 ? "GitHub is connected." : "GitHub is connected already.")
    }
    expect((await hawser.tenant("acme").connections()).total).toBe(1)
    for (const tab of [page, second]) await said(tab, "Go on in the other window.")
    for (const popup of popups) await popup.close()
    for (const tab of [page, second])
      await said(tab, "GitHub is not connected yet. Go on in the other window, or connect again.")
  }
)

it(
  "a flow that this window left for is never handed to another that waits",
  { timeout },
  async () => {
    const { context, origin, page } = await open({
      body: '<hawser-integrations></hawser-integrations><hawser-integrations mode="popup" owner="user"></hawser-integrations>'
    })
    // Another tab waits for the same provider.
    const waiting = await context.newPage()
    await waiting.goto(`${origin}/settings`)
    await waiting.evaluate(
      () =>
        new Promise<void>((held) => {
          void navigator.locks.request("hawser github 1", () => {
            held()
            return new Promise(() => {})
          })
        })
    )
    await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
    await allow(page)
    await page.locator("hawser-integrations").first().getByText("GitHub is connected.").waitFor()
  }
)
