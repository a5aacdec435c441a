import { beforeEach } from "vitest"
import { executablePath } from "./support/chromium.ts"

if (executablePath !== undefined) process.env["CHROMIUM_PATH"] = executablePath
beforeEach(({ skip }) => skip(executablePath === undefined, "there is no Chromium"))

// All below this line stands in docs/testing.md.
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { factsOf } from "@hawser/testing/facts"
import { startSimulator } from "@hawser/testing/simulator"
import { createHawser, memory, nodeHandler, type ProviderConfig } from "hawser"
import { github } from "hawser/providers"
import { type Browser, chromium } from "playwright-core"
import { afterAll, expect, it, onTestFinished } from "vitest"

// Your application, in short: it is told which providers there are, and has a page to connect them.

const admin = { tenantId: "acme", userId: "ann" }

const words = new Map([
  ["access_denied", "You did not allow it, so nothing is connected."],
  ["provider_unavailable", "GitHub does not answer. Try again in a minute."]
])

const startApp = async (providersAt: (publicUrl: string) => ReadonlyArray<ProviderConfig>) => {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = `${publicUrl}/settings`
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [settings],
    authenticate: () => Promise.resolve({ ...admin, roles: ["admin"] }),
    providers: providersAt(publicUrl),
    store: memory(),
    encryptionKey: randomBytes(32).toString("base64"),
    unsafelyAllowLoopback: true
  })

  const acme = hawser.tenant(admin.tenantId, { user: admin.userId })
  const connect = async (response: ServerResponse) => {
    const begun = await acme.connect("github", { redirectUrl: settings })
    const headers = { location: begun.authorizationUrl, "set-cookie": begun.setCookie ?? "" }
    response.writeHead(303, headers).end()
  }
  const show = async ({ url = "/" }: IncomingMessage, response: ServerResponse) => {
    const error = new URL(url, publicUrl).searchParams.get("error")
    const { items } = await acme.connections({ status: "connected" })
    const [found] = items
    const state = found === undefined ? "Not connected." : `Connected as ${found.accountLabel}.`
    response.setHeader("content-type", "text/html; charset=utf-8")
    response.end(`<h1>Settings</h1>
<p>${error === null ? state : words.get(error)}</p>
<form method="post"><button>Connect GitHub</button></form>`)
  }
  const integrations = nodeHandler(hawser.handler)
  server.on("request", (request, response) => {
    if (request.url?.startsWith("/v1/integrations") === true) integrations(request, response)
    else void (request.method === "POST" ? connect(response) : show(request, response))
  })
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await hawser.close()
  }
  return { settings, close }
}

// The tests of its page.

// One browser for all of them, and for each a context, which shares nothing with the others.
let browser: Browser | undefined
afterAll(() => browser?.close())

const open = async () => {
  const simulator = await startSimulator({ providers: [factsOf("github")], consent: "button" })
  onTestFinished(simulator.close)
  const app = await startApp((publicUrl) => [simulator.simulate(github, { publicUrl })])
  onTestFinished(app.close)
  const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"
  browser ??= await chromium.launch({ executablePath })
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  await page.goto(app.settings)
  return { page, simulator }
}

it("an admin connects GitHub", async () => {
  const { page, simulator } = await open()
  await page.getByRole("button", { name: "Connect GitHub" }).click()
  await page.getByRole("heading", { name: "Allow access to your GitHub account?" }).waitFor()
  await page.getByRole("button", { name: "Allow" }).click()
  await page.getByText("Connected as octocat.").waitFor()
  // Nothing that GitHub would have refused was sent to it.
  expect(simulator.violations).toEqual([])
})

it("who does not allow it comes back, and is told so", async () => {
  const { page } = await open()
  await page.getByRole("button", { name: "Connect GitHub" }).click()
  await page.getByRole("button", { name: "Deny" }).click()
  await page.getByText("You did not allow it").waitFor()
})

it("GitHub is down for a moment, and the second try connects", async () => {
  const { page, simulator } = await open()
  simulator.failNext("github", "token", { kind: "status", status: 503 })
  await page.getByRole("button", { name: "Connect GitHub" }).click()
  await page.getByRole("button", { name: "Allow" }).click()
  await page.getByText("GitHub does not answer").waitFor()
  await page.getByRole("button", { name: "Connect GitHub" }).click()
  await page.getByRole("button", { name: "Allow" }).click()
  await page.getByText("Connected as octocat.").waitFor()
})
