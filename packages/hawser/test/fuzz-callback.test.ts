import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { defineProvider } from "hawser"
import { afterAll, beforeAll, expect, it } from "vitest"
import { secretsIn } from "./support/encodings.ts"
import { startFlow } from "./support/flow.ts"
import { callbackOf, spoiledCallbacks, tooMuch, type TokenAnswer } from "./support/fuzzCallbacks.ts"
import { judge } from "./support/fuzzJudge.ts"
import { firstSeeds, fuzzTimeout, holdsFor, runSeeds } from "./support/fuzzSeeds.ts"
import { startTestHost, type TestHost } from "./support/host.ts"
import { type RawAnswer, sendRaw } from "./support/rawRequest.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

/** A token endpoint that answers as the test says. */
let tokenAnswer: TokenAnswer
const chaos = createServer((request, response) => {
  request.resume()
  sendTokenAnswer(response)
})
const sendTokenAnswer = (response: ServerResponse): void => {
  if (tokenAnswer.breaks) return void response.destroy()
  response.writeHead(tokenAnswer.status, {
    "content-type": tokenAnswer.type,
    location: "http://127.0.0.1:1/"
  })
  response.end(tokenAnswer.body === tooMuch ? "x".repeat(100_000) : tokenAnswer.body)
}

let host: TestHost
const secrets = {
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
  clientSecret: "canary-chaos-client-secret-51c0",
  accessToken: "canary-token-2b9e",
  refreshToken: "canary-refresh-2b9e"
}

beforeAll(async () => {
  await new Promise<void>((resolve) => chaos.listen(0, "127.0.0.1", resolve))
  const chaosOrigin = `http://127.0.0.1:${(chaos.address() as AddressInfo).port}`
  host = await startTestHost(await freshPostgres(), ({ providers }) => ({
    encryptionKey: secrets.encryptionKey,
    providers: [
      ...providers,
      defineProvider(
        {
          id: "chaos",
          displayName: "Chaos",
          category: "other",
          description: "A server that answers anything.",
          authType: "oauth2",
          authorizationEndpoint: `${chaosOrigin}/authorize`,
          tokenEndpoint: `${chaosOrigin}/token`,
          account: { from: "token_response", id: ["team", "id"], label: ["team", "name"] },
          clientAuthentication: "client_secret_post",
          defaultScopes: ["read"]
        },
        { clientId: "chaos-client", clientSecret: secrets.clientSecret }
      )
    ]
  }))
})
afterAll(async () => {
  await host.close()
  chaos.closeAllConnections()
  await new Promise((resolve) => chaos.close(resolve))
})

/** Calls `complete` where the callback left a flow for it, as who began that flow. */
const complete = async ({ headers }: RawAnswer, as: { tenant: string; user: string }) => {
  const { hash } = new URL(String(headers["location"] ?? host.origin))
  const flowId = new URLSearchParams(hash.slice(1)).get("flowId")
  if (flowId === null) return
  const request = {
    method: "POST",
    path: "/v1/integrations/chaos/complete",
    headers: {
      authorization: `Bearer ${await host.token(as)}`,
      "content-type": "application/json"
    },
    body: new TextEncoder().encode(JSON.stringify({ flowId }))
  }
  judge(request, await sendRaw(host.origin, request), secrets, [])
}

let flows = 0

it.each(firstSeeds)(
  "S-06 whatever comes back to the callback, and whatever the provider answers: as it began, or not at all (seed %i)",
  async (first) => {
    let connected = 0
    await runSeeds(first, async (seed) => {
      await holdsFor(seed, 50, spoiledCallbacks, async ({ answer, spoil }) => {
        const number = String(flows++)
        const own = { tenant: `tenant-${number}`, user: `user-${number}` }
        const other = { tenant: `other-${number}`, user: "eve" }
        tokenAnswer = answer
        const redirectUrl = spoil.binding === "cookie" ? host.cookieRedirect : host.completeRedirect
        const ownFlow = await startFlow(host, redirectUrl, { as: own, provider: "chaos" })
        const otherFlow = await startFlow(host, host.cookieRedirect, {
          as: other,
          provider: "chaos"
        })

        const request = callbackOf(spoil, ownFlow, otherFlow)
        const back = await sendRaw(host.origin, request)
        judge(request, back, secrets, [redirectUrl, host.cookieRedirect])

        // Whose flow it is says the state; the cookie must be that flow's.
        const mayFinish =
          spoil.provider === "chaos" &&
          ((spoil.state === "own" && (spoil.binding === "complete" || spoil.cookie === "own")) ||
            (spoil.state === "other" && spoil.cookie === "other"))
        expect(back.status === 303 && !mayFinish).toBe(false)
        await complete(back, own)

        // What came of it belongs to who began that flow, and to nobody else.
        for (const [whose, { tenant, user }] of Object.entries({ own, other })) {
          const [integration] = (await host.hawser.tenant(tenant).connections()).items
          if (integration === undefined) continue
          connected++
          expect(mayFinish && spoil.state === whose).toBe(true)
          expect(integration.connectedBy).toBe(user)
        }
      })
      expect(secretsIn(host.logLines.join("\n"), secrets)).toEqual([])
    })
    expect(connected).toBeGreaterThan(0)
  },
  fuzzTimeout
)
