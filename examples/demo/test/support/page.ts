import { randomBytes } from "node:crypto"
import { type HawserOptions, memory } from "hawser"
import type { BrowserContext } from "playwright-core"
import { onTestFinished } from "vitest"
import { startDemo } from "../../src/host.ts"

/** A demo of this test's own, and its page in a browser. */
export const openPage = async (
  context: BrowserContext,
  store: HawserOptions["store"] = memory()
) => {
  const demo = await startDemo({
    store,
    encryptionKey: randomBytes(32).toString("base64")
  })
  onTestFinished(demo.close)
  const page = await context.newPage()
  onTestFinished(() => page.close())
  /** Errors of scripts, and what the page's policy has refused. */
  const problems: Array<string> = []
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text())
  })

  const open = async () => {
    await page.goto(`${demo.origin}/`)
    await card("tenant", "beacon").waitFor()
  }
  const card = (owner: "tenant" | "user", provider: string) =>
    page.locator(`#${owner} .card[data-provider="${provider}"]`)
  const press = (name: string) => page.getByRole("button", { name }).click()
  const says = (text: string) => page.getByRole("status").getByText(text).waitFor()
  const signIn = async (name: string) => {
    await page.locator("header").getByText(name).click()
    await card("user", "google").waitFor()
  }

  /** Adds an account at Acme, and allows what is not among `refused`. */
  const connectAcme = async (
    owner: "tenant" | "user",
    name: string,
    account: string,
    refused: ReadonlyArray<string> = []
  ) => {
    await card(owner, "acme-projects").getByRole("button", { name: "Add an account" }).click()
    await card(owner, "acme-projects").getByLabel("Name").fill(name)
    await press("Go on")
    await allowAtAcme(account, refused)
  }
  const allowAtAcme = async (account: string, refused: ReadonlyArray<string> = []) => {
    await page.getByLabel("User name").fill(account)
    await press("Sign in")
    for (const scope of refused) await page.getByLabel(scope).uncheck()
    await press("Allow")
  }

  return { demo, page, problems, open, card, press, says, signIn, connectAcme, allowAtAcme }
}
