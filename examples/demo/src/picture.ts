import { randomBytes } from "node:crypto"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { memory } from "hawser"
import { findChromium, openChromium } from "./chromium.ts"
import { startDemo } from "./host.ts"
import { personAt } from "./person.ts"

/**
 * Takes the README's picture: two accounts of the company at Acme, one of which lacks a scope; an access that GitHub has
 * ended; a mailbox of Ada's own, and one of Max's, of which she sees no more than that it is there.
 */
const file = fileURLToPath(new URL("../../../docs/images/demo.png", import.meta.url))
const executablePath = await findChromium()
if (executablePath === undefined) throw new Error("There is no Chromium: set CHROMIUM_PATH.")

const demo = await startDemo({ store: memory(), encryptionKey: randomBytes(32).toString("base64") })
const browser = await openChromium(executablePath, { width: 1240, height: 900, scale: 1.25 })
const page = await browser.context.newPage()
const { behind, card, connect, connectAcme, press, signIn } = personAt(page)

await page.goto(`${demo.origin}/`)
await signIn("Max")
await connect("mine", "google")
await signIn("Ada")
await connect("mine", "google")
await connectAcme("company", "grace@acme.test")
await connectAcme("company", "linus@acme.test", { name: "us", refused: ["projects.write"] })
await connect("company", "github")
await press("Close")
demo.simulator.end("github")
await behind("Call its API", "github")
await card("company", "github").getByText("The access has ended").waitFor()
await page.locator("#events").getByText("refresh_failed").waitFor()
await mkdir(dirname(file), { recursive: true })
await page.screenshot({ path: file, fullPage: true })
console.log(file)
await browser.close()
await demo.close()
