import { findChromium, launchChromium } from "@hawser/example-demo/chromium"
import type { Browser, BrowserContext, Locator, Page } from "playwright-core"
import { beforeAll, beforeEach, expect, onTestFinished } from "vitest"

const executablePath = await findChromium()
if (executablePath === undefined && process.env["HAWSER_REQUIRE_BROWSER"] === "1")
  throw new Error("There is no Chromium: set CHROMIUM_PATH.")

let browser: Browser | undefined

/** Starts one browser for the tests of a file, or skips them where there is none. */
export const needsChromium = (): void => {
  beforeAll(async () => {
    if (executablePath === undefined) return undefined
    const launched = await launchChromium(executablePath)
    browser = launched
    return () => launched.close()
  })
  beforeEach(({ skip }) => skip(executablePath === undefined, "there is no Chromium"))
}

/** A page of a person who has no other. What its policy refuses or its script throws fails the test. */
export const openPage = async (
  url: string
): Promise<{ readonly page: Page; readonly context: BrowserContext }> => {
  if (browser === undefined) throw new Error("needsChromium() starts the browser.")
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } })
  onTestFinished(() => context.close())
  const problems: Array<string> = []
  const watch = (page: Page) => {
    page.on("pageerror", (error) => problems.push(error.message))
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) problems.push(message.text())
    })
  }
  context.on("page", watch)
  onTestFinished(() => expect(problems).toEqual([]))
  const page = await context.newPage()
  await page.goto(url)
  return { page, context }
}

export const card = (page: Page, provider: string) => page.locator(`li[id="${provider}"]`)

export const allow = (page: Page) => page.getByRole("button", { name: "Allow" }).click()

/** Waits until the page says it, where a screen reader reads it. */
export const said = (page: Page, text: string) =>
  page.getByRole("status").getByText(text, { exact: true }).waitFor()

export const connectGithub = async (page: Page): Promise<void> => {
  await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
  await allow(page)
  await said(page, "GitHub is connected.")
}

export const fillIn = async (
  form: Locator,
  values: ReadonlyArray<readonly [name: string, value: string]>
): Promise<void> => {
  for (const [name, value] of values) {
    const input = form.locator(`[name="${name}"]`)
    if ((await input.evaluate((node) => node.localName)) === "select")
      await input.selectOption(value)
    else await input.fill(value)
  }
}
