import { randomBytes } from "node:crypto"
import { tenantId } from "@hawser/cli/sample"
import { seedConnected } from "@hawser/testing/simulator"
import { memory } from "hawser"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { acceptedKey } from "../src/beacon.ts"
import { launchChromium } from "../src/chromium.ts"
import { type Demo, startDemo } from "../src/host.ts"
import { personAt } from "../src/person.ts"
import { executablePath } from "./support/chromium.ts"

beforeEach(({ skip }) => skip(executablePath === undefined, "there is no Chromium"))

// One browser and one demo for all: what a test has connected is deleted after it.
let browser: Browser
let demo: Demo
beforeAll(async () => {
  if (executablePath === undefined) return
  browser = await launchChromium(executablePath)
  demo = await startDemo({ store: memory(), encryptionKey: randomBytes(32).toString("base64") })
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await demo?.close()
})

/** Has Acme connected as by a consent to these scopes, without its pages. */
const seedAcme = async (
  scopes: ReadonlyArray<string>,
  whose: { readonly userId?: string } = {}
): Promise<void> => {
  const { refused } = await demo.hawser.admin.import([
    {
      tenantId,
      provider: "acme-projects",
      connectedBy: "ada",
      accessToken: randomBytes(16).toString("hex"),
      scopes: ["openid", ...scopes, "offline_access"],
      account: { id: "grace@acme.test", label: "grace@acme.test" },
      ...whose
    }
  ])
  expect(refused).toEqual([])
}

/** The demo's page in a browser that knows nobody, with nothing connected. */
const openPage = async (path = "/") => {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } })
  /** Errors of scripts, and what the page's policy has refused. */
  const problems: Array<string> = []
  onTestFinished(async () => {
    await context.close()
    await demo.hawser.admin.deleteTenant({ tenantId })
    expect(problems).toEqual([])
    expect(demo.simulator.violations).toEqual([])
  })
  context.on("weberror", (error) => problems.push(error.error().message))
  context.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text())
  })
  const page = await context.newPage()
  const person = personAt(page)
  await page.goto(demo.origin + path)
  await person.card("company", "beacon").waitFor()
  return { page, ...person, ...seenAt(page, person) }
}

const seenAt = (page: Page, { rows }: ReturnType<typeof personAt>) => ({
  says: (text: string) => page.getByRole("status").getByText(text).waitFor(),
  /** What the host has heard of the one connection that is there. */
  hears: async (event: string, part: "company" | "mine", provider: string) => {
    const id = (await rows(part, provider).getAttribute("id")) ?? ""
    const heard = page.locator("#events li", { hasText: event }).filter({ hasText: id })
    await heard.waitFor()
    return heard.innerText()
  },
  statusOf: (part: "company" | "mine", provider: string) =>
    rows(part, provider).locator("[part~=status]").innerText()
})

describe("the demo's page in Chromium", { timeout: 60_000 }, () => {
  it("an admin connects Acme Projects and Beacon Monitoring, and disconnects", async () => {
    const { card, connectAcme, connectButton, hears, page, says } = await openPage()

    // Acme: login, consent, back.
    await connectAcme("company", "grace@acme.test")
    await says("Acme Projects is connected.")
    expect(page.url()).toBe(`${demo.origin}/`)
    await hears("integration.connected", "company", "acme-projects")
    const health = page.locator("hawser-health")
    await health.getByText("projects.read").waitFor()
    await health.getByText("by Ada").waitFor()

    // Beacon: a wrong key, then the right one.
    const beacon = card("company", "beacon")
    await connectButton("company", "beacon").click()
    await beacon.getByLabel("API key").fill("a-wrong-key")
    await connectButton("company", "beacon").click()
    await says("Beacon Monitoring does not accept this.")
    await beacon.getByLabel("API key").fill(acceptedKey)
    await connectButton("company", "beacon").click()
    await says("Beacon Monitoring is connected.")
    await hears("integration.connected", "company", "beacon")
    await health.getByRole("button", { name: "Test: Beacon Monitoring" }).click()
    await says("Beacon Monitoring accepts the connection.")

    // And away again.
    const id = (await beacon.locator("[part~=connection]").getAttribute("id")) ?? ""
    await beacon.getByRole("button", { name: "Disconnect" }).click()
    await beacon.getByRole("group").getByRole("button", { name: "Disconnect" }).click()
    await page
      .locator("#events li", { hasText: "integration.disconnected" })
      .filter({ hasText: id })
      .waitFor()
    await connectButton("company", "beacon").waitFor()
  })

  it("an admin connects simulated GitHub and Datadog, and denies Slack", async () => {
    const { card, connectButton, hears, page, press, says } = await openPage()
    const names = ["Acme Projects", "Beacon Monitoring", "Datadog", "GitHub", "Slack", "Xero"]
    expect(await page.locator("#company [part~=name]").allTextContents()).toEqual(names)
    const colour = await card("company", "github")
      .locator("[part~=logo]")
      .evaluate((logo) => getComputedStyle(logo).backgroundColor)
    expect(colour).toBe("rgb(36, 41, 47)")

    // GitHub: its page, Allow, back.
    await connectButton("company", "github").click()
    await page.getByRole("heading", { name: "your GitHub account" }).waitFor()
    expect(new URL(page.url()).hostname).toBe("github.com.localhost")
    await page.getByText("read:user").waitFor()
    await press("Allow")
    await says("GitHub is connected.")
    await page.locator("hawser-health").getByText("read:user").waitFor()
    await hears("integration.connected", "company", "github")
    await page.locator("#requests").getByText("github: token").first().waitFor()

    // Slack: Deny.
    await connectButton("company", "slack").click()
    await page.getByRole("heading", { name: "your Slack account" }).waitFor()
    await press("Deny")
    await says("Access to Slack was not granted.")
    await connectButton("company", "slack").waitFor()

    // Datadog: a wrong key, then the values that its form tells.
    const datadog = card("company", "datadog")
    await connectButton("company", "datadog").click()
    const sites = datadog.getByLabel("Site")
    expect(await sites.locator("option").allTextContents()).toContain("datadoghq.eu")
    const told: Record<string, string> = {}
    for (const label of ["API key", "Application key", "Site"]) {
      const field = datadog.getByLabel(label)
      const help = datadog.locator(`[id="${await field.getAttribute("aria-describedby")}"]`)
      const [, sample = ""] =
        /^The simulation takes (\S+) alone\.$/.exec(await help.innerText()) ?? []
      told[label] = sample
    }
    expect(told["Site"]).toBe("us5.datadoghq.com")
    await sites.selectOption(told["Site"] ?? "")
    await datadog.getByLabel("API key").fill(told["API key"] ?? "")
    await datadog.getByLabel("Application key").fill("f".repeat(40))
    await connectButton("company", "datadog").click()
    await says("Datadog does not accept this.")
    await datadog.getByLabel("Application key").fill(told["Application key"] ?? "")
    await connectButton("company", "datadog").click()
    await says("Datadog is connected.")
    await hears("integration.connected", "company", "datadog")
  })

  it("the company has two accounts at one provider, told apart by names, and each only once", async () => {
    await seedAcme(["projects.read", "projects.write"])
    const { connectAcme, connectButton, allowAtAcme, card, rows, says } = await openPage()
    await connectAcme("company", "linus@acme.test", { name: "us" })
    const shown = () => rows("company", "acme-projects").locator("[part~=head]").allInnerTexts()
    const wanted = [
      expect.stringMatching(/^Connected\s+grace@acme.test$/),
      expect.stringMatching(/^Connected\s+linus@acme.test\s+us$/)
    ]
    expect(await shown()).toEqual(wanted)

    // The first of them under another name.
    await connectButton("company", "acme-projects").click()
    await card("company", "acme-projects").getByLabel("Name").fill("emea")
    await connectButton("company", "acme-projects").click()
    await allowAtAcme("grace@acme.test")
    await says("This account is connected already.")
    expect(await shown()).toEqual(wanted)
  })

  it("a member sees the company's connection, may not change it, and connects an own beside it", async () => {
    await seedConnected(demo.hawser, demo.simulator, {
      tenantId,
      provider: "github",
      userId: "ada"
    })
    const { card, connectAcme, connectButton, page, rows, says, signIn } = await openPage()
    await connectButton("company", "beacon").click()
    await card("company", "beacon").getByLabel("API key").waitFor()
    await signIn("Max")
    await card("company", "github").getByText("octocat").waitFor()
    expect(await page.locator("#company").getByRole("button").allInnerTexts()).toEqual([])
    await connectAcme("mine", "max@acme.test")
    await says("Acme Projects is connected.")
    // Back from the provider it is still Max.
    expect(await page.getByRole("radio", { name: "Max" }).isChecked()).toBe(true)
    expect(await rows("company", "acme-projects").count()).toBe(0)
  })

  it("what a person owns is shown to no other member, and an admin sees and may end it", async () => {
    const { card, connect, connectButton, hears, page, says, signIn } = await openPage()
    await signIn("Max")
    await connect("mine", "google")
    await card("mine", "google").getByText("jsmith@example.com").waitFor()
    await hears("integration.connected", "mine", "google")
    const id = await card("mine", "google").locator("[part~=connection]").getAttribute("id")

    await signIn("Lin")
    await connectButton("mine", "google").waitFor()
    expect(await page.getByText("jsmith@example.com").count()).toBe(0)
    expect(await page.getByRole("region", { name: "What needs somebody" }).isVisible()).toBe(false)

    await signIn("Ada")
    const others = page
      .getByRole("region", { name: "What needs somebody" })
      .getByRole("listitem")
      .filter({ hasText: "belongs to Max" })
    await others.waitFor()
    expect(await others.locator("[part~=head]").allInnerTexts()).toEqual([
      expect.stringMatching(/Google$/),
      "Connected"
    ])
    expect(await page.getByText("jsmith@example.com").count()).toBe(0)
    await others.getByRole("button", { name: "Disconnect: Google" }).click()
    await others.getByRole("group").getByRole("button", { name: "Disconnect" }).click()
    await says("Google is disconnected.")
    await page
      .locator("#events li", { hasText: "integration.disconnected" })
      .filter({ hasText: id ?? "" })
      .waitFor()
    const max = demo.hawser.tenant(tenantId, { user: "max" })
    await expect(max.connection("google", { owner: "user" }).token()).rejects.toMatchObject({
      code: "not_connected"
    })
  })

  it("of two organisations that a consent covers the one that is picked is connected, or none", async () => {
    const { card, connectButton, press, rows, says } = await openPage()
    await connectButton("company", "xero").click()
    await press("Allow")
    await says("Which account of Xero?")
    await press("Cancel")
    await connectButton("company", "xero").waitFor()
    expect(await rows("company", "xero").count()).toBe(0)

    await connectButton("company", "xero").click()
    await press("Allow")
    await press("Other Demo Company (NZ)")
    await says("Xero is connected.")
    await card("company", "xero").getByText("Other Demo Company (NZ)").waitFor()
  })

  it("as on a customer's page, a flow goes through the page on which somebody agrees", async () => {
    const asked = demo.simulator.count("slack", "token")
    const { card, connectButton, page, press, says } = await openPage()
    await page.getByRole("link", { name: "as a customer of yours would run it" }).click()
    await page.waitForURL(`${demo.origin}/portal`)
    await connectButton("company", "slack").click()
    await press("Allow")
    await page.getByRole("heading", { name: "Do you want to connect?" }).waitFor()
    await page.getByText("Acme Inc").waitFor()
    expect(demo.simulator.count("slack", "token")).toBe(asked)
    await page.getByRole("checkbox").check()
    await press("Connect")
    await says("Slack is connected.")
    expect(page.url()).toBe(`${demo.origin}/portal`)
    await card("company", "slack").getByText("Slack Softball Team").waitFor()
  })

  it("a connection that lacks a scope says which, and a button asks for it", async () => {
    const { allowAtAcme, card, connectAcme, page, says } = await openPage()
    await connectAcme("company", "grace@acme.test", { refused: ["projects.write"] })
    const acme = card("company", "acme-projects")
    await acme.getByText("Permissions are missing: projects.write.").waitFor()
    await acme.getByRole("button", { name: /^Grant permissions/ }).click()
    await allowAtAcme("grace@acme.test")
    await says("Acme Projects is connected.")
    await page.locator("hawser-health").getByText("projects.read, projects.write").waitFor()
    expect(await page.getByText("Permissions are missing").count()).toBe(0)
    expect(await page.getByRole("button", { name: /^Grant permissions/ }).count()).toBe(0)
  })

  it.each(["acme-projects", "github"])(
    "a connection that %s has ended says why, and is brought back by a button",
    async (provider) => {
      const isAcme = provider === "acme-projects"
      if (!isAcme)
        await seedConnected(demo.hawser, demo.simulator, { tenantId, provider, userId: "ada" })
      const { allowAtAcme, behind, connectAcme, hears, page, press, rows, says, statusOf } =
        await openPage()
      if (isAcme) await connectAcme("company", "grace@acme.test")
      const row = rows("company", provider)
      await row.getByText("Connected", { exact: true }).waitFor()

      await behind("Revoke the access", provider)
      await says("nobody was told")
      expect(await statusOf("company", provider)).toBe("Connected")
      await behind("Call its API", provider)
      await says("The company's (default): reconnect_required.")
      await row.getByText("The access has ended. Connect again.").waitFor()
      expect(await statusOf("company", provider)).toBe("Needs attention")
      expect(await hears("integration.disconnected", "company", provider)).toContain(
        "refresh_failed"
      )

      await row.getByRole("button", { name: /^Connect again/ }).click()
      await (isAcme ? allowAtAcme("grace@acme.test") : press("Allow"))
      await says("is connected.")
      await row.getByText("Connected", { exact: true }).waitFor()
      await page.getByRole("combobox", { name: "Provider" }).waitFor()
      await behind("Call its API", provider)
      await says("The company's (default): its API answered 200.")
    }
  )

  it("an event changes the page, and not the form that somebody is filling in", async () => {
    await seedAcme(["projects.read", "projects.write"])
    const { card, connectButton, rows } = await openPage()
    await connectButton("company", "acme-projects").click()
    await card("company", "acme-projects").getByLabel("Name").fill("half-a-na")
    const company = demo.hawser.tenant(tenantId, { user: "ada" })
    await company.connection("acme-projects").disconnect()
    await rows("company", "acme-projects").waitFor({ state: "detached" })
    expect(await card("company", "acme-projects").getByLabel("Name").inputValue()).toBe("half-a-na")
  })

  it("each button of a part says by its name what it is about", async () => {
    await seedAcme(["projects.read"])
    await seedAcme(["projects.read"], { userId: "ada" })
    const { page, rows } = await openPage()
    // Each part loads what it shows by itself.
    for (const part of ["company", "mine"] as const) await rows(part, "acme-projects").waitFor()
    for (const part of ["#company", "#mine"]) {
      const names = (await page.locator(part).ariaSnapshot()).match(/button "[^"]*"/g) ?? []
      expect(names.length).toBeGreaterThan(3)
      expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
    }
  })

  it("is dark where the person's system is", async () => {
    const { page } = await openPage()
    const background = () =>
      page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor)
    await page.emulateMedia({ colorScheme: "light" })
    expect(await background()).toBe("rgb(245, 247, 249)")
    await page.emulateMedia({ colorScheme: "dark" })
    expect(await background()).toBe("rgb(15, 21, 27)")
  })
})
