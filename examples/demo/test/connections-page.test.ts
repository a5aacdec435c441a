import { seedConnected } from "@hawser/testing/simulator"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { openChromium } from "../src/chromium.ts"
import { tenantId } from "@hawser/cli/sample"
import { executablePath } from "./support/chromium.ts"
import { openPage } from "./support/page.ts"

beforeEach(({ skip }) => skip(executablePath === undefined, "there is no Chromium"))

let browser: Awaited<ReturnType<typeof openChromium>>
beforeAll(async () => {
  if (executablePath !== undefined)
    browser = await openChromium(executablePath, { width: 1200, height: 900 })
}, 60_000)
afterAll(() => browser?.close())

describe("the demo's page in Chromium", { timeout: 60_000 }, () => {
  it("the company has two accounts at one provider, told apart by their names", async () => {
    const { card, connectAcme, open, problems, says } = await openPage(browser.context)
    await open()
    await connectAcme("tenant", "emea", "grace@acme.test")
    await says("Acme Projects is connected.")
    await connectAcme("tenant", "us", "linus@acme.test")
    await card("tenant", "acme-projects").getByText("linus@acme.test").waitFor()
    const rows = card("tenant", "acme-projects").locator("li")
    expect(await rows.locator(".title").allInnerTexts()).toEqual([
      expect.stringMatching(/^emea\s+grace@acme.test\s+Connected$/),
      expect.stringMatching(/^us\s+linus@acme.test\s+Connected$/)
    ])
    expect(problems).toEqual([])
  })

  it("an account that is connected under another name is refused in words", async () => {
    const { card, connectAcme, open, says } = await openPage(browser.context)
    await open()
    await connectAcme("tenant", "emea", "grace@acme.test")
    await says("Acme Projects is connected.")
    await connectAcme("tenant", "us", "grace@acme.test")
    await says("Acme Projects: this account is connected already, under another name.")
    expect(await card("tenant", "acme-projects").locator("li").count()).toBe(1)
  })

  it("a member sees the company's connection, may not change it, and connects an own beside it", async () => {
    const { card, connectAcme, demo, open, page, says, signIn } = await openPage(browser.context)
    await seedConnected(demo.hawser, demo.simulator, {
      tenantId,
      provider: "github",
      userId: "ada"
    })
    await open()
    await card("tenant", "beacon").getByRole("button", { name: "Connect" }).click()
    await card("tenant", "beacon").getByLabel("API key").waitFor()
    await signIn("Max")
    await card("tenant", "github").getByText("octocat").waitFor()
    const buttons = page.locator("#tenant button")
    expect(await buttons.allInnerTexts()).toEqual(["Call its API"])
    await connectAcme("user", "own", "max@acme.test")
    await says("Acme Projects is connected.")
    await card("user", "acme-projects").getByText("max@acme.test").waitFor()
    // Back from the provider it is still Max.
    expect(await page.getByLabel("Max").isChecked()).toBe(true)
    expect(await card("tenant", "acme-projects").locator("li").count()).toBe(0)
  })

  it("what a person owns is shown to no other member, and an admin sees and may end it", async () => {
    const { card, demo, open, page, press, says, signIn } = await openPage(browser.context)
    await open()
    await signIn("Max")
    await card("user", "google").getByRole("button", { name: "Connect" }).click()
    await press("Allow")
    await card("user", "google").getByText("jsmith@example.com").waitFor()

    await signIn("Lin")
    await card("user", "google")
      .getByRole("button", { name: /^Connect/ })
      .waitFor()
    const others = page.getByRole("region", { name: "Other people's" })
    expect(await page.getByText("jsmith@example.com").count()).toBe(0)
    expect(await others.isVisible()).toBe(false)

    await signIn("Ada")
    await others.getByText("Max").waitFor()
    expect(await others.locator(".title").innerText()).toMatch(/^Google\s+Max\s+Connected$/)
    expect(await page.getByText("jsmith@example.com").count()).toBe(0)
    await others.getByRole("button", { name: "Disconnect: Google of Max" }).click()
    await says("Google of Max is disconnected")
    await page.locator("#events").getByText("integration.disconnected").waitFor()
    const max = demo.hawser.tenant(tenantId, { user: "max" })
    await expect(max.connection("google", { owner: "user" }).token()).rejects.toMatchObject({
      code: "not_connected"
    })
  })

  it("of two organisations that a consent covers the one that is picked is connected", async () => {
    const { card, open, page, press, says } = await openPage(browser.context)
    await open()
    await card("tenant", "xero").getByRole("button", { name: "Connect" }).click()
    await press("Allow")
    const dialog = page.getByRole("dialog", { name: "Which account of Xero?" })
    await dialog.getByLabel("Other Demo Company (NZ)").check()
    await dialog.getByRole("button", { name: "Connect" }).click()
    await says("Xero is connected.")
    await card("tenant", "xero").getByText("Other Demo Company (NZ)").waitFor()
  })

  it("who picks none of the organisations has none connected", async () => {
    const { card, open, page, press, says } = await openPage(browser.context)
    await open()
    await card("tenant", "xero").getByRole("button", { name: "Connect" }).click()
    await press("Allow")
    await page.getByRole("dialog").waitFor()
    await page.keyboard.press("Escape")
    await says("Xero: no account was chosen.")
    await card("tenant", "xero")
      .getByRole("button", { name: /^Connect/ })
      .waitFor()
    expect(await card("tenant", "xero").locator("li").count()).toBe(0)
  })

  it("as on a customer's page, a flow goes through the page on which somebody agrees", async () => {
    const { card, demo, open, page, press, says } = await openPage(browser.context)
    await open()
    await card("tenant", "slack").getByRole("button", { name: "Connect" }).click()
    await press("Allow")
    await page.getByRole("heading", { name: "Do you want to connect?" }).waitFor()
    await page.getByText("Acme Inc").waitFor()
    expect(demo.simulator.count("slack", "token")).toBe(0)
    await page.getByRole("checkbox").check()
    await press("Connect")
    await says("Slack is connected.")
    expect(page.url()).toBe(`${demo.origin}/`)
    await card("tenant", "slack").getByText("Slack Softball Team").waitFor()
  })

  it("a connection that lacks a scope says which, and Reconnect asks for it", async () => {
    const { allowAtAcme, card, connectAcme, open, page, says } = await openPage(browser.context)
    await open()
    await connectAcme("tenant", "emea", "grace@acme.test", ["projects.write"])
    const acme = card("tenant", "acme-projects")
    await acme.getByText("Lacks projects.write").waitFor()
    await acme.getByText("Connected", { exact: true }).first().waitFor()
    await acme.getByRole("button", { name: "Reconnect" }).click()
    await allowAtAcme("grace@acme.test")
    await says("Acme Projects is connected.")
    await acme.locator("dd").getByText("projects.write").waitFor()
    expect(await page.getByText("Lacks").count()).toBe(0)
    expect(await acme.getByRole("button", { name: "Reconnect" }).count()).toBe(0)
  })

  it.each(["acme-projects", "github"])(
    "a connection that %s has ended says why, and Reconnect brings it back",
    async (provider) => {
      const { allowAtAcme, card, connectAcme, demo, open, page, press, says } = await openPage(
        browser.context
      )
      const isAcme = provider === "acme-projects"
      if (!isAcme)
        await seedConnected(demo.hawser, demo.simulator, { tenantId, provider, userId: "ada" })
      await open()
      if (isAcme) await connectAcme("tenant", "emea", "grace@acme.test")
      const row = card("tenant", provider).locator("li")
      await row.getByText("Connected", { exact: true }).first().waitFor()

      await page.getByRole("combobox", { name: "Provider" }).selectOption(provider)
      await press("Revoke the access")
      await says("told nobody")
      expect(await row.locator(".badge").innerText()).toBe("Connected")
      await row.getByRole("button", { name: "Call its API" }).click()
      await row.getByText("has ended: it was withdrawn there, or has expired.").waitFor()
      expect(await row.locator(".badge").innerText()).toBe("Ended")
      await page.locator("#events").getByText("refresh_failed").waitFor()

      await row.getByRole("button", { name: "Reconnect" }).click()
      await (isAcme ? allowAtAcme("grace@acme.test") : press("Allow"))
      await says("is connected.")
      await row.getByText("Connected", { exact: true }).first().waitFor()
      await row.getByRole("button", { name: "Call its API" }).click()
      await says("API answered 200.")
    }
  )

  it("an event changes the page, and not the form that somebody is filling in", async () => {
    const { card, connectAcme, demo, open, says } = await openPage(browser.context)
    await open()
    await connectAcme("tenant", "emea", "grace@acme.test")
    await says("Acme Projects is connected.")
    const acme = card("tenant", "acme-projects")
    await acme.getByRole("button", { name: "Add an account" }).click()
    await acme.getByLabel("Name").fill("half-a-na")
    const company = demo.hawser.tenant(tenantId, { user: "ada" })
    await company.connection("acme-projects", { name: "emea" }).disconnect()
    await acme.locator("li").waitFor({ state: "detached" })
    expect(await acme.getByLabel("Name").inputValue()).toBe("half-a-na")
  })

  it("each button says by its name what it is about", async () => {
    const { card, connectAcme, open, page, says } = await openPage(browser.context)
    await open()
    await connectAcme("tenant", "emea", "grace@acme.test", ["projects.write"])
    await says("Acme Projects is connected.")
    await connectAcme("user", "emea", "grace@acme.test", ["projects.write"])
    await card("user", "acme-projects").getByText("Lacks").waitFor()
    const names = (await page.locator("main").ariaSnapshot()).match(/button "[^"]*"/g) ?? []
    expect(names.length).toBeGreaterThan(10)
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
  })

  it("is dark where the person's system is", async () => {
    const { open, page } = await openPage(browser.context)
    const background = () =>
      page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor)
    await page.emulateMedia({ colorScheme: "light" })
    await open()
    expect(await background()).toBe("rgb(245, 247, 249)")
    await page.emulateMedia({ colorScheme: "dark" })
    expect(await background()).toBe("rgb(15, 21, 27)")
  })
})
