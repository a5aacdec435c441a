import { assert, describe, it } from "@effect/vitest"
import {
  AuthorizationRefused,
  startSimulator,
  type StartSimulatorOptions
} from "@hawser/testing/simulator"
import { once } from "node:events"
import { type IncomingMessage, request as httpRequest } from "node:http"
import { text } from "node:stream/consumers"
import { freePort } from "../../../test-support/postgres-server.ts"
import { authorizationUrl, client, redirectUri, tokenRequest, tokensOf } from "./support/client.ts"
import { forgeFacts } from "./support/facts.ts"

const started = async (options: Partial<StartSimulatorOptions> = {}) => {
  const simulator = await startSimulator({ providers: [forgeFacts()], ...options })
  simulator.register("forge", { ...client, redirectUris: [redirectUri] })
  return { ...simulator, [Symbol.asyncDispose]: simulator.close }
}

/** Asks 127.0.0.1 as a browser would ask the host. */
const ask = async (port: number, host: string, path: string, body?: string) => {
  const outgoing = httpRequest({
    host: "127.0.0.1",
    port,
    path,
    method: body === undefined ? "GET" : "POST",
    headers: {
      host: `${host}:${port}`,
      ...(body !== undefined && { "content-type": "application/x-www-form-urlencoded" })
    }
  })
  outgoing.end(body)
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage]
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

describe("a simulator at a port", () => {
  it("plays each vendor at its own host below localhost", async () => {
    await using simulator = await started()
    assert.strictEqual(
      simulator.url("https://acme.forge.example/authorize?a=1"),
      `http://acme.forge.example.localhost:${simulator.port}/authorize?a=1`
    )
    const { pathname, search } = new URL(authorizationUrl())
    const answer = await ask(simulator.port, "acme.forge.example.localhost", pathname + search)
    assert.strictEqual(answer.status, 303)
    assert.include(answer.headers.location, redirectUri)
    assert.strictEqual(simulator.requests[0]?.url, authorizationUrl())
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("is nobody at any other host", async () => {
    await using simulator = await started()
    for (const host of ["localhost", "127.0.0.1", "acme.forge.example", "x.localhost.example"])
      assert.strictEqual((await ask(simulator.port, host, "/authorize")).status, 421)
    assert.strictEqual((await ask(simulator.port, "other.example.localhost", "/")).status, 404)
  })

  it("is visited over HTTP, by the vendor's own URL or by the local one", async () => {
    await using simulator = await started({ consent: "button" })
    for (const url of [authorizationUrl(), simulator.url(authorizationUrl())]) {
      const { url: back } = await simulator.visit(url)
      const answer = await simulator.handle(tokenRequest(back.searchParams.get("code") ?? ""))
      assert.strictEqual(answer.status, 200)
    }
    const denied = await simulator.visit(authorizationUrl(), { decision: "deny" })
    assert.strictEqual(denied.url.searchParams.get("error"), "access_denied")
    const refused = simulator.visit(authorizationUrl({ audience: undefined }))
    assert.instanceOf(await refused.catch((error: unknown) => error), AuthorizationRefused)
  })

  it("hands parameters in a fragment over by its page", async () => {
    await using simulator = await started({
      providers: [forgeFacts({ authorize: { parametersIn: "fragment", space: "%20" } })]
    })
    const url = authorizationUrl().replace("?", "#").replaceAll("+", "%20")
    const { url: back } = await simulator.visit(url)
    assert.strictEqual(back.searchParams.get("state"), "the state")
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("cuts the connection where it was asked to", async () => {
    await using simulator = await started()
    simulator.failNext("forge", "token", { kind: "reset" })
    const cut = ask(simulator.port, "acme.forge.example.localhost", "/token", "a=1")
    const error: unknown = await cut.catch((problem: unknown) => problem)
    assert.strictEqual((error as NodeJS.ErrnoException).code, "ECONNRESET")
  })

  it("takes the port that it is told, and gives it back", async () => {
    const port = await freePort()
    const first = await started({ port })
    await first.close()
    await using second = await started({ port })
    assert.deepStrictEqual([first.port, second.port], [port, port])
    assert.isDefined((await tokensOf(second)).access_token)
  })
})
