import { randomBytes } from "node:crypto"
import { pglite } from "hawser"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { findChromium, openChromium } from "../src/chromium.ts"
import { acceptedKey, type Demo, startDemo } from "../src/host.ts"

const executablePath = await findChromium()
if (executablePath === undefined) {
  const message =
    "No Chromium could be had: set CHROMIUM_PATH. The test of the page in a browser is skipped."
  if (process.env["HAWSER_REQUIRE_BROWSER"] === "1") throw new Error(message)
  console.warn(message)
}

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
    await card("acme-projects").getByText("Not connected").waitFor()

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
    await page.getByText("acme-projects is connected.").waitFor()
    expect(page.url()).toBe(`${demo.origin}/`)
    await card("acme-projects").getByText("projects.read").waitFor()
    await card("acme-projects").getByText("by ada").waitFor()
    await page.locator("#events").getByText("acme-projects").waitFor()

    // Beacon: a wrong key, then the right one.
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
    await card("beacon").getByText("Not connected").waitFor()
    expect(problems).toEqual([])
  },
  60_000
)
