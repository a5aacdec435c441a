import { randomBytes } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { memory } from "hawser"
import { findChromium, openChromium } from "./chromium.ts"
import { startDemo } from "./host.ts"

/**
 * Takes the README's picture: two accounts of the company at Acme, one of which lacks a scope; an access that GitHub has
 * ended; a mailbox of Ada's own, and one of Max's, of which she sees no more than that it is there.
 */
const file = fileURLToPath(new URL("../../../docs/images/demo.png", import.meta.url))
const executablePath = await findChromium()
if (executablePath === undefined) throw new Error("There is no Chromium: set CHROMIUM_PATH.")

const demo = await startDemo({ store: memory(), encryptionKey: randomBytes(32).toString("base64") })
const browser = await openChromium(executablePath, { width: 1160, height: 900, scale: 1.25 })
const page = await browser.context.newPage()
const card = (owner: "tenant" | "user", provider: string) =>
  page.locator(`#${owner} .card[data-provider="${provider}"]`)
const press = (name: string) => page.getByRole("button", { name }).click()

const connectAcme = async (name: string, account: string, refused: ReadonlyArray<string>) => {
  await card("tenant", "acme-projects").getByRole("button", { name: "Add an account" }).click()
  await card("tenant", "acme-projects").getByLabel("Name").fill(name)
  await press("Go on")
  await page.getByLabel("User name").fill(account)
  await press("Sign in")
  for (const scope of refused) await page.getByLabel(scope).uncheck()
  await press("Allow")
  await page.locator("#events").getByText(`acme-projects ${name}`).waitFor()
}

const connectSimulated = async (owner: "tenant" | "user", provider: string) => {
  await card(owner, provider).getByRole("button", { name: "Connect" }).click()
  await press("Allow")
  await card(owner, provider).getByText("Connected", { exact: true }).first().waitFor()
}

await page.goto(`${demo.origin}/`)
await page.locator("header").getByText("Max").click()
await connectSimulated("user", "google")
await page.locator("header").getByText("Ada").click()
await connectSimulated("user", "google")
await connectAcme("emea", "grace@acme.test", [])
await connectAcme("us", "linus@acme.test", ["projects.write"])
await connectSimulated("tenant", "github")
demo.simulator.end("github")
await card("tenant", "github").getByRole("button", { name: "Call its API" }).click()
await card("tenant", "github").getByText("The access to GitHub has ended").waitFor()
await mkdir(dirname(file), { recursive: true })
await page.screenshot({ path: file, fullPage: true })
console.log(file)
await browser.close()
await demo.close()
