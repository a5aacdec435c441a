import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { allow, card, connectGithub, needsChromium, openPage, said } from "./support/chromium.ts"
import { startHost } from "./support/host.ts"

needsChromium()

const timeout = 90_000
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** What axe finds, by rule and place: of WCAG 2.2 A and AA, and what it calls best practice. */
const findings = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<Results> } }
    interface Results {
      readonly violations: ReadonlyArray<{
        readonly id: string
        readonly nodes: ReadonlyArray<{ readonly html: string }>
      }>
      readonly incomplete: Results["violations"]
    }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  })
}

const both = "<hawser-integrations></hawser-integrations><hawser-health></hawser-health>"

for (const [how, html, scheme] of [
  ["light", 'lang="en"', "light"],
  ["dark", 'lang="en"', "dark"],
  ["from right to left", 'lang="ar" dir="rtl"', "light"]
] as const)
  it(`axe finds nothing in any state (${how})`, { timeout }, async () => {
    const { origin, simulator } = await startHost({ html, body: both })
    const { page } = await openPage(`${origin}/settings`)
    await page.emulateMedia({ colorScheme: scheme })
    await card(page, "github").waitFor()
    expect(await findings(page)).toEqual([])

    simulator.failNext("github", "token", { kind: "partial_scopes" })
    await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
    await allow(page)
    await card(page, "github").getByText("Permissions are missing: ").waitFor()
    await card(page, "datadog").getByRole("button", { name: "Connect: Datadog" }).click()
    await card(page, "datadog")
      .getByRole("form")
      .getByRole("button", { name: "Connect: Datadog" })
      .click()
    await card(page, "datadog").getByText("Please fill this in.").first().waitFor()
    expect(await findings(page)).toEqual([])

    await card(page, "github")
      .getByRole("button", { name: /^Disconnect/ })
      .click()
    await card(page, "github").locator("[part~=panel]").waitFor()
    expect(await findings(page)).toEqual([])
  })

it(
  "everything can be done with the keyboard alone, and focus is never lost",
  { timeout },
  async () => {
    const { origin } = await startHost()
    const { page } = await openPage(`${origin}/settings`)
    await card(page, "github").waitFor()
    const { keyboard } = page
    const focused = () =>
      page.evaluate(() => {
        const inner = document.activeElement?.shadowRoot?.activeElement
        return (
          inner?.getAttribute("aria-label") ?? inner?.getAttribute("name") ?? inner?.textContent
        )
      })
    /** Presses Tab until it is there; more often than there are stops means that it cannot be reached. */
    const tabTo = async (name: string): Promise<void> => {
      for (let stops = 0; stops < 30; stops++) {
        if ((await focused()) === name) return
        await keyboard.press("Tab")
      }
      throw new Error(`Tab does not lead to ${name}`)
    }
    await tabTo("Search")
    await keyboard.type("code")
    await tabTo("Connect: GitHub")
    await keyboard.press("Enter")
    await tabToAllow(page)
    await said(page, "GitHub is connected.")

    await tabTo("Disconnect: GitHub, octocat")
    await keyboard.press("Enter")
    // The question has the focus. Escape leaves it, back to where it was asked.
    await expect.poll(focused).toBe("Disconnect: GitHub")
    await keyboard.press("Escape")
    await expect.poll(focused).toBe("Disconnect: GitHub, octocat")
    await keyboard.press("Enter")
    await expect.poll(focused).toBe("Disconnect: GitHub")
    await keyboard.press("Space")
    await said(page, "GitHub is disconnected.")
    await expect.poll(focused).toBe("Connect: GitHub")

    await tabTo("Connect: Zendesk")
    await keyboard.press("Space")
    await expect.poll(focused).toBe("subdomain")
    await keyboard.type("not a host")
    await keyboard.press("Enter")
    await card(page, "zendesk").getByText("This is not valid.").waitFor()
  }
)

/** The vendor's page, by keyboard too. */
const tabToAllow = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Allow" }).waitFor()
  for (let stops = 0; stops < 10; stops++) {
    await page.keyboard.press("Tab")
    if (
      (await page.evaluate(() => document.activeElement?.textContent))?.includes("Allow") === true
    )
      return page.keyboard.press("Enter")
  }
  throw new Error("Tab does not lead to Allow")
}

it("a screen reader is told what each control is about", { timeout }, async () => {
  const { origin } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  await connectGithub(page)
  await card(page, "zendesk").getByRole("button", { name: "Connect: Zendesk" }).click()
  await expect
    .poll(() => page.locator("hawser-integrations").ariaSnapshot())
    .toContain(
      ['    - form "Zendesk":', "      - text: Subdomain", '      - textbox "Subdomain"'].join("\n")
    )
  const tree = await page.locator("hawser-integrations").ariaSnapshot()
  expect(tree).toContain("- status: GitHub is connected.")
  expect(tree).toContain('button "Disconnect: GitHub, octocat"')
  const help = card(page, "zendesk").getByRole("textbox", {
    description: "acme, where your help desk is at acme.zendesk.com"
  })
  expect(await help.count()).toBe(1)
})

it("the page is German where it is asked to be", { timeout }, async () => {
  const { origin } = await startHost({ html: 'lang="de" data-lang="de"', body: both })
  const { page } = await openPage(`${origin}/settings`)
  await card(page, "github").getByRole("button", { name: "Verbinden: GitHub" }).click()
  await allow(page)
  await page.locator("hawser-integrations").getByText("GitHub ist verbunden.").waitFor()
  const shown = () =>
    page
      .locator("hawser-integrations, hawser-health")
      .evaluateAll((elements) => elements.map(({ shadowRoot }) => shadowRoot?.textContent).join())
  await expect.poll(shown).toContain("1 verbunden")
  expect(await shown()).not.toMatch(/Connect|Disconnect|Search|attention|Close|\bby\b/)
  expect(await findings(page)).toEqual([])
})

it(
  "from right to left, cards begin at the right and names stay readable",
  { timeout },
  async () => {
    const { origin } = await startHost({ html: 'lang="he" dir="rtl"' })
    const { page } = await openPage(`${origin}/settings`)
    await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
    await allow(page)
    const logo = await card(page, "github").locator("[part~=logo]").boundingBox()
    const name = await card(page, "github").locator("[part~=name]").boundingBox()
    expect(logo?.x).toBeGreaterThan(name?.x ?? Infinity)
    await page.getByRole("status").getByText("\u2068GitHub\u2069 is connected.").waitFor()
  }
)
