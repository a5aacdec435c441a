import { once } from "node:events"
import { createServer, request as requestTo } from "node:http"
import type { AddressInfo } from "node:net"
import { factsOf } from "@hawser/testing/facts"
import { startSimulator } from "@hawser/testing/simulator"
import { datadog, github } from "hawser/providers"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { expect, it, onTestFinished } from "vitest"
import { spawnServer, untilListening } from "../../examples/standalone/test/support/process.ts"
import { createDatabase } from "../../test-support/postgres.ts"
import { card, connectGithub, fillIn, needsChromium, openPage, said } from "./support/chromium.ts"
import { settingsPage } from "./support/host.ts"

needsChromium()

/** An origin that has the page, the key set of who signs its people in, and the server below /api. */
const startFront = async () => {
  let upstream = ""
  const answers = new Map<string, string>()
  let answerPage: Awaited<ReturnType<typeof settingsPage>> = () => false
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const path = request.url ?? "/"
    const { pathname } = new URL(path, "http://front")
    const answer = answers.get(pathname)
    if (answer !== undefined) return void response.end(answer)
    if (answerPage(pathname, response)) return
    if (!pathname.startsWith("/api/")) return void response.writeHead(404).end()
    const { headers, method } = request
    // A connection of its own: one that is kept may be closed under a request, where this machine is busy.
    const options = { agent: false, headers, method }
    const passed = requestTo(upstream + path, options, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(response)
    })
    passed.on("error", () => response.destroy())
    request.pipe(passed)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" }
  answers.set("/jwks.json", JSON.stringify({ keys: [jwk] }))
  const token = await new SignJWT({ tenant_id: "acme", roles: ["admin"] })
    .setProtectedHeader({ alg: "ES256", kid: "k" })
    .setSubject("ada")
    .setIssuer(origin)
    .setAudience(origin)
    .setExpirationTime("5 minutes")
    .sign(privateKey)
  return {
    origin,
    show: async (at: string) => {
      upstream = at
      answerPage = await settingsPage({
        body: '<hawser-integrations base-url="/api"></hawser-integrations>',
        html: `lang="en" data-user="${token}"`,
        script: "standalone"
      })
    }
  }
}

for (const HAWSER_ADAPTER of ["node", "express", "fastify"])
  it(
    `the standalone file works on a page of its own against the standalone server on ${HAWSER_ADAPTER}`,
    { timeout: 90_000 },
    async () => {
      const front = await startFront()
      const publicUrl = `${front.origin}/api`
      const simulator = await startSimulator({
        providers: [factsOf("datadog"), factsOf("github")],
        consent: "button"
      })
      onTestFinished(simulator.close)
      const database = await createDatabase()
      onTestFinished(database.drop)
      const server = spawnServer(
        {
          publicUrl,
          allowedRedirectUrls: [`${front.origin}/settings`],
          jwt: {
            issuer: front.origin,
            audience: front.origin,
            jwksUrl: `${front.origin}/jwks.json`
          },
          encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
          providers: [
            simulator.simulate(datadog, { publicUrl }),
            simulator.simulate(github, { publicUrl })
          ],
          unsafelyAllowLoopback: true
        },
        { HAWSER_ADAPTER, DATABASE_URL: database.url }
      )
      await front.show((await untilListening(server)).origin)

      const { page } = await openPage(`${front.origin}/settings`)
      await connectGithub(page)
      await card(page, "github").getByText("octocat").waitFor()
      await card(page, "datadog").getByRole("button", { name: "Connect: Datadog" }).click()
      const form = card(page, "datadog").getByRole("form")
      await fillIn(form, Object.entries(simulator.fields("datadog")))
      await form.getByRole("button", { name: "Connect: Datadog" }).click()
      await said(page, "Datadog is connected.")
      await card(page, "github")
        .getByRole("button", { name: /^Disconnect/ })
        .click()
      await page.keyboard.press("Enter")
      await said(page, "GitHub is disconnected.")
      expect(simulator.violations).toEqual([])
    }
  )
