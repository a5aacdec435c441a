import { randomBytes } from "node:crypto"
import { pglite } from "hawser"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { openChromium } from "../src/chromium.ts"
import { acceptedKey, type Demo, startDemo } from "../src/host.ts"
import { executablePath } from "./support/chromium.ts"

let demo: Demo
let browser: Awaited<ReturnType<typeof openChromium>>
let page: Page
const problems: Array<string> = []

beforeAll(async () => {
  if (executablePath === undefined) return
  demo = await startDemo({ store: pglite(), encryptionKey: randomBytes(32).toString("base64") })
  browser = await openChromium(executablePath, { width: 1100, height: 800 })
  page = await browser.context.newPage()
  page.on("pageerror", (error) => problems.push(error.message))
}, 120_000)

afterAll(async () => {
  if (executablePath === undefined) return
  await browser.close()
  await demo.close()
})

const card = (provider: string) => page.locator(`.card[data-provider="${provider}"]`)
const text = async (selector: string) => (await page.locator(selector).textContent()) ?? ""

it.skipIf(executablePath === undefined)(
  "a person connects Acme Projects and Beacon Monitoring on the demo's page",
  async () => {
    await page.goto(`${demo.origin}/`)

    // A member is told that only an admin may.
    await page.getByText("Max").click()
    await card("acme-projects").getByRole("button", { name: "Connect" }).click()
    await page.getByText("Only an admin of the tenant may do this.").waitFor()
    await page.getByText("Ada").click()

    // Acme: login, consent, back.
    await card("acme-projects").getByRole("button", { name: "Connect" }).click()
    await page.getByRole("heading", { name: "Sign in to Acme Projects" }).waitFor()
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByRole("heading", { name: "Hawser demo asks for access" }).waitFor()
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("Acme Projects is connected.").waitFor()
    expect(page.url()).toBe(`${demo.origin}/`)
    await card("acme-projects").getByText("projects.read").waitFor()
    await card("acme-projects").getByText("by ada").waitFor()
    await page.locator("#events").getByText("acme-projects").waitFor()

    // Beacon: a wrong key, then the right one.
    await card("beacon").getByRole("button", { name: "Connect" }).click()
    await card("beacon").getByLabel("API key").fill("a-wrong-key")
    await card("beacon").getByRole("button").click()
    await page.getByText("rejected the credentials").waitFor()
    await card("beacon").getByLabel("API key").fill(acceptedKey)
    await card("beacon").getByRole("button").click()
    await page.getByText("accepted the key and is connected").waitFor()
    await page.locator("#events").getByText("beacon").waitFor()
    expect(await text("#events")).toContain("integration.connected")

    // And away again.
    await card("beacon").getByRole("button", { name: "Disconnect" }).click()
    await page.locator("#events").getByText("integration.disconnected").waitFor()
    await card("beacon").getByRole("button", { name: "Connect", exact: true }).waitFor()
    expect(problems).toEqual([])
  },
  60_000
)

it.skipIf(executablePath === undefined)(
  "a person connects simulated GitHub and Datadog, and denies Slack, on the demo's page",
  async () => {
    await page.goto(`${demo.origin}/`)
    const simulated = page.getByRole("region", { name: "Simulated" })
    const names = ["Datadog", "GitHub", "Google", "PagerDuty", "Slack"]
    await simulated.getByText("Slack").waitFor()
    expect(await simulated.locator("h3").allTextContents()).toEqual(names)
    const colour = await card("github")
      .locator(".logo")
      .evaluate((logo) => getComputedStyle(logo).backgroundColor)
    expect(colour).toBe("rgb(36, 41, 47)")

    // GitHub: its page, Allow, back.
    await card("github").getByRole("button", { name: "Connect" }).click()
    await page.getByRole("heading", { name: "your GitHub account" }).waitFor()
    expect(new URL(page.url()).hostname).toBe("github.com.localhost")
    await page.getByText("read:user").waitFor()
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("GitHub is connected.").waitFor()
    await card("github").getByText("read:user").waitFor()
    await page.locator("#events").getByText("github").waitFor()

    // Slack: Deny.
    await card("slack").getByRole("button", { name: "Connect" }).click()
    await page.getByRole("heading", { name: "your Slack account" }).waitFor()
    await page.getByRole("button", { name: "Deny" }).click()
    await page.getByText("Slack: you did not allow access").waitFor()
    await card("slack").getByRole("button", { name: "Connect" }).waitFor()

    // Datadog: a wrong key, then the values that the page tells.
    await card("datadog").getByRole("button", { name: "Connect" }).click()
    const sites = card("datadog").getByLabel("Site")
    expect(await sites.locator("option").allTextContents()).toContain("datadoghq.eu")
    await card("datadog").getByRole("button", { name: "Fill them in" }).click()
    expect(await sites.inputValue()).toBe("us5.datadoghq.com")
    await card("datadog").getByLabel("Application key").fill("f".repeat(40))
    await card("datadog").getByRole("button", { name: "Check and connect" }).click()
    await page.getByText("datadog rejected the credentials").waitFor()
    await card("datadog").getByRole("button", { name: "Fill them in" }).click()
    await card("datadog").getByRole("button", { name: "Check and connect" }).click()
    await page.getByText("Datadog accepted the key and is connected").waitFor()
    await page.locator("#events").getByText("datadog").waitFor()

    expect(demo.simulator.violations).toEqual([])
    expect(problems).toEqual([])
  },
  60_000
)
