import { pglite } from "hawser"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { acceptedKey } from "../src/beacon.ts"
import { openChromium } from "../src/chromium.ts"
import { executablePath } from "./support/chromium.ts"
import { openPage } from "./support/page.ts"

beforeEach(({ skip }) => skip(executablePath === undefined, "there is no Chromium"))

let browser: Awaited<ReturnType<typeof openChromium>>
beforeAll(async () => {
  if (executablePath !== undefined)
    browser = await openChromium(executablePath, { width: 1200, height: 900 })
}, 60_000)
afterAll(() => browser?.close())

describe("the first connections on the demo's page", { timeout: 120_000 }, () => {
  it("a person connects Acme Projects and Beacon Monitoring, and disconnects", async () => {
    const { card, connectAcme, demo, open, page, problems, says } = await openPage(
      browser.context,
      pglite()
    )
    await open()

    // Acme: login, consent, back.
    await connectAcme("tenant", "emea", "grace@acme.test")
    await says("Acme Projects is connected.")
    expect(page.url()).toBe(`${demo.origin}/`)
    await card("tenant", "acme-projects").getByText("projects.read").waitFor()
    await card("tenant", "acme-projects").getByText("by Ada").waitFor()
    await page.locator("#events").getByText("acme-projects").waitFor()

    // Beacon: a wrong key, then the right one.
    const beacon = card("tenant", "beacon")
    await beacon.getByRole("button", { name: "Connect" }).click()
    await beacon.getByLabel("API key").fill("a-wrong-key")
    await beacon.getByRole("button", { name: "Check and connect" }).click()
    await says("rejected the credentials")
    await beacon.getByLabel("API key").fill(acceptedKey)
    await beacon.getByRole("button", { name: "Check and connect" }).click()
    await says("accepted the key and is connected")
    await page.locator("#events").getByText("beacon").waitFor()
    await beacon.getByRole("button", { name: "Test" }).click()
    await says("Beacon Monitoring accepts the key.")

    // And away again.
    await beacon.getByRole("button", { name: "Disconnect" }).click()
    await page.locator("#events").getByText("integration.disconnected").waitFor()
    await beacon.getByRole("button", { name: /^Connect/ }).waitFor()
    expect(problems).toEqual([])
  })

  it("a person connects simulated GitHub and Datadog, and denies Slack", async () => {
    const { card, demo, open, page, press, problems, says } = await openPage(browser.context)
    await open()
    const simulated = page.locator("#tenant .card", { hasText: "simulated" })
    const names = ["Datadog", "GitHub", "Slack", "Xero"]
    expect(await simulated.locator("h3").allTextContents()).toEqual(names)
    const colour = await card("tenant", "github")
      .locator(".logo")
      .evaluate((logo) => getComputedStyle(logo).backgroundColor)
    expect(colour).toBe("rgb(36, 41, 47)")

    // GitHub: its page, Allow, back.
    await card("tenant", "github").getByRole("button", { name: "Connect" }).click()
    await page.getByRole("heading", { name: "your GitHub account" }).waitFor()
    expect(new URL(page.url()).hostname).toBe("github.com.localhost")
    await page.getByText("read:user").waitFor()
    await press("Allow")
    await says("GitHub is connected.")
    await card("tenant", "github").getByText("read:user").waitFor()
    await page.locator("#events").getByText("github").waitFor()

    // Slack: Deny.
    await card("tenant", "slack").getByRole("button", { name: "Connect" }).click()
    await page.getByRole("heading", { name: "your Slack account" }).waitFor()
    await press("Deny")
    await says("Slack: you did not allow access")
    await card("tenant", "slack")
      .getByRole("button", { name: /^Connect/ })
      .waitFor()

    // Datadog: a wrong key, then the values that the page tells.
    const datadog = card("tenant", "datadog")
    await datadog.getByRole("button", { name: "Connect" }).click()
    const sites = datadog.getByLabel("Site")
    expect(await sites.locator("option").allTextContents()).toContain("datadoghq.eu")
    await datadog.getByRole("button", { name: "Fill them in" }).click()
    expect(await sites.inputValue()).toBe("us5.datadoghq.com")
    await datadog.getByLabel("Application key").fill("f".repeat(40))
    await datadog.getByRole("button", { name: "Check and connect" }).click()
    await says("datadog rejected the credentials")
    await datadog.getByRole("button", { name: "Fill them in" }).click()
    await datadog.getByRole("button", { name: "Check and connect" }).click()
    await says("Datadog accepted the key and is connected")
    await page.locator("#events").getByText("datadog").waitFor()

    expect(demo.simulator.violations).toEqual([])
    expect(problems).toEqual([])
  })
})
