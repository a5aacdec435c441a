import { randomBytes } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { memory } from "hawser"
import { findChromium, openChromium } from "./chromium.ts"
import { startDemo } from "./host.ts"

/** Takes the README's picture: the page with Acme and the simulated GitHub connected, and their events. */
const file = fileURLToPath(new URL("../../../docs/images/demo.png", import.meta.url))
const executablePath = await findChromium()
if (executablePath === undefined) throw new Error("There is no Chromium: set CHROMIUM_PATH.")

const demo = await startDemo({ store: memory(), encryptionKey: randomBytes(32).toString("base64") })
const browser = await openChromium(executablePath, { width: 1120, height: 1040, scale: 1.5 })
const page = await browser.context.newPage()
const card = (provider: string) => page.locator(`.card[data-provider="${provider}"]`)
await page.goto(`${demo.origin}/`)
await card("acme-projects").getByRole("button").click()
await page.getByRole("button", { name: "Sign in" }).click()
await page.getByRole("button", { name: "Allow" }).click()
await page.locator("#events").getByText("acme-projects").waitFor()
await card("github").getByRole("button").click()
await page.getByRole("button", { name: "Allow" }).click()
await page.locator("#events").getByText("github").waitFor()
await mkdir(dirname(file), { recursive: true })
await page.screenshot({ path: file })
console.log(file)
await browser.close()
await demo.close()
