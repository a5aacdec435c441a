import { assert, describe, it } from "@effect/vitest"
import { ConfigurationError } from "@hawser/core"
import { Effect } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { beforeAll } from "vitest"
import type { NodeEgressOptions } from "../src/index.ts"
import { connectProxy, type Route } from "./support/connectProxy.ts"
import { egressWith, fakeResolver, passing, to } from "./support/egress.ts"
import { certificateFor, secureServer, trusting } from "./support/secureServer.ts"
import { httpServer, rawServer } from "../../../test-support/servers.ts"

const requestProcess = fileURLToPath(new URL("support/request-process.ts", import.meta.url))

let api: Awaited<ReturnType<typeof certificateFor>>
let inside: typeof api
beforeAll(async () => {
  api = await certificateFor("api.example")
  inside = await certificateFor("localhost")
})

const publicAddress = "93.184.216.34"

/** A provider behind a proxy, and something inside that no request may come to. */
const network = Effect.fnUntraced(function* (
  answers: ReadonlyArray<ReadonlyArray<string>> = [[publicAddress]],
  routeOf?: (target: string, outside: number) => Route
) {
  yield* trusting(api.cert, inside.cert)
  const outside = yield* secureServer(api)
  const internal = yield* secureServer(api)
  const proxy = yield* connectProxy((target) => {
    if (routeOf !== undefined) return routeOf(target, outside.port)
    // As a proxy that looks names up, which lead inside by then.
    return /^[\d.]+:443$|^\[[\da-f:]+\]:443$/.test(target) ? outside.port : internal.port
  })
  const resolver = fakeResolver(...answers)
  const using = (options: NodeEgressOptions) =>
    egressWith(options, async (hostname, signal) =>
      // The proxy's own name.
      hostname === "localhost"
        ? [{ address: "127.0.0.1", family: 4 }]
        : resolver.resolve(hostname, signal)
    )
  return { outside, internal, proxy, resolver, using }
})

const target = to("https://api.example/v1", { headers: { authorization: "Bearer canary" } })

describe("S-112 an outgoing proxy", () => {
  it.effect(
    "S-112 is asked for the address that was checked, and sees nothing of what is sent",
    () =>
      Effect.gen(function* () {
        const { internal, outside, proxy, resolver, using } = yield* network()
        const { request } = yield* using({ proxy: proxy.url })
        for (let i = 0; i < 2; i++) {
          const response = yield* request(target)
          assert.strictEqual(yield* Effect.promise(() => response.text()), "secure")
        }
        assert.deepStrictEqual(proxy.asked, [`${publicAddress}:443`])
        assert.strictEqual(resolver.asked(), 1)
        assert.deepStrictEqual(outside.hosts, ["api.example", "api.example"])
        assert.strictEqual(internal.connections(), 0)
        assert.notInclude(proxy.passedOn(), "canary")
        assert.notProperty(proxy.headers[0], "proxy-authorization")
      })
  )

  it.effect("S-112 reaches nothing inside by a name that leads there afterwards", () =>
    Effect.gen(function* () {
      const { internal, outside, proxy, using } = yield* network([
        [publicAddress],
        ["10.0.0.1"],
        ["127.0.0.1"],
        [publicAddress, "169.254.169.254"]
      ])
      // Without a connection that is kept, each request looks the name up again.
      const ask = Effect.scoped(
        Effect.flatMap(using({ proxy: proxy.url }), ({ reported, request }) =>
          Effect.map(
            Effect.match(request(target), {
              onSuccess: ({ status }) => String(status),
              onFailure: ({ reason }) => reason
            }),
            (outcome) => [outcome, reported.length]
          )
        )
      )
      assert.deepStrictEqual(yield* ask, ["200", 0])
      for (let i = 0; i < 3; i++) assert.deepStrictEqual(yield* ask, ["address_blocked", 1])
      assert.deepStrictEqual(proxy.asked, [`${publicAddress}:443`])
      assert.strictEqual(outside.requests(), 1)
      assert.strictEqual(internal.connections(), 0)
    })
  )

  it.effect("S-112 is asked for no address that is blocked, in any spelling", () =>
    Effect.gen(function* () {
      const { proxy, using } = yield* network()
      for (const options of [{ proxy: proxy.url }, { unsafelyResolvingProxy: proxy.url }]) {
        const { request } = yield* using(options)
        for (const host of ["169.254.169.254", "0x7f.1", "[::ffff:10.0.0.1]", "2130706433"]) {
          const error = yield* Effect.flip(request(to(`https://${host}/`)))
          assert.strictEqual(error.reason, "address_blocked")
        }
      }
      assert.deepStrictEqual(proxy.asked, [])
    })
  )

  it.effect("passes API calls on, and is asked for IPv6 in brackets", () =>
    Effect.gen(function* () {
      const { proxy, using } = yield* network([["2606:2800:220:1::1"]])
      const { open } = yield* using({ proxy: proxy.url })
      const response = yield* open({ ...target, method: "POST", body: "x" })
      assert.strictEqual(yield* Effect.promise(() => response.text()), "secure")
      assert.deepStrictEqual(proxy.asked, ["[2606:2800:220:1::1]:443"])
    })
  )

  it.effect("that cannot reach one address is asked for the next", () =>
    Effect.gen(function* () {
      const { proxy, using } = yield* network([[publicAddress, "1.1.1.1"]], (asked, outside) =>
        asked.startsWith("1.1.1.1") ? outside : { refuses: 502 }
      )
      const { request } = yield* using({ proxy: proxy.url })
      assert.strictEqual((yield* request(target)).status, 200)
      assert.deepStrictEqual(proxy.asked, [`${publicAddress}:443`, "1.1.1.1:443"])
    })
  )

  it.effect("gets its own password, which the provider does not, nor any error", () =>
    Effect.gen(function* () {
      const { outside, proxy, using } = yield* network()
      const withPassword = proxy.url.replace("//", "//ada:p%40ss:word@")
      const { request } = yield* using({ proxy: withPassword })
      yield* request(target)
      assert.strictEqual(
        proxy.headers[0]?.["proxy-authorization"],
        `Basic ${Buffer.from("ada:p@ss:word").toString("base64")}`
      )
      assert.strictEqual(outside.requests(), 1)

      const refusing = yield* network([[publicAddress]], () => ({ refuses: 407 }))
      const second = yield* refusing.using({
        proxy: refusing.proxy.url.replace("//", "//ada:canary@")
      })
      const error = yield* Effect.flip(second.request(target))
      assert.strictEqual(error.reason, "connection_failed")
      assert.isFalse(error.sent)
      assert.include(inspect(error), "proxy_answered_407")
      assert.notMatch(inspect(error, { depth: 9 }), /canary|secret/)
    })
  )

  it.effect("may be reached over https, whose certificate is verified", () =>
    Effect.gen(function* () {
      const { outside, using } = yield* network()
      const proxy = yield* connectProxy(() => outside.port, inside)
      const { request } = yield* using({ proxy: proxy.url })
      assert.strictEqual((yield* request(target)).status, 200)
      assert.deepStrictEqual(proxy.asked, [`${publicAddress}:443`])

      const other = yield* connectProxy(() => outside.port, api)
      const refused = yield* using({ proxy: other.url })
      assert.strictEqual((yield* Effect.flip(refused.request(target))).reason, "connection_failed")
      assert.deepStrictEqual(other.asked, [])
    })
  )

  it.effect("S-29 cannot stand for the provider: its certificate is verified behind it", () =>
    Effect.gen(function* () {
      const { using } = yield* network()
      const impostor = yield* secureServer(inside)
      const proxy = yield* connectProxy(() => impostor.port)
      const { request } = yield* using({ proxy: proxy.url })
      const error = yield* Effect.flip(request(target))
      assert.deepStrictEqual([error.reason, error.sent], ["connection_failed", false])
      assert.strictEqual(impostor.requests(), 0)
    })
  )

  it.effect("S-30 that never answers is left at the connect time, unsent", () =>
    Effect.gen(function* () {
      const { proxy, using } = yield* network([[publicAddress]], () => "silence")
      const { request } = yield* using({ proxy: proxy.url, connectTimeoutMs: 200 })
      const error = yield* passing(200, proxy.isAsked, Effect.flip(request(target)))
      assert.deepStrictEqual([error.reason, error.sent], ["timeout", false])
    })
  )

  for (const [how, said] of [
    ["that is not a proxy", "SSH-2.0-OpenSSH_9.9\r\n"],
    ["that hangs up", ""],
    ["whose headers do not end", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(4_000)}`],
    ["that opens no tunnel", "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n"]
  ] as const) {
    it.effect(`S-30 ${how} is an error, unsent`, () =>
      Effect.gen(function* () {
        const { using } = yield* network()
        const { port } = yield* rawServer((socket) => socket.end(said))
        const { request } = yield* using({ proxy: `http://127.0.0.1:${port}` })
        const error = yield* Effect.flip(request(target))
        assert.deepStrictEqual([error.reason, error.sent], ["connection_failed", false])
      })
    )
  }

  it.effect("S-112 is not for an environment variable to choose", () =>
    Effect.gen(function* () {
      const { proxy } = yield* network()
      const server = yield* rawServer((socket) => socket.destroy())
      const names = ["http_proxy", "https_proxy", "all_proxy"]
      const env = Object.fromEntries(
        [...names, ...names.map((name) => name.toUpperCase())].map((name) => [name, proxy.url])
      )
      const child = fork(requestProcess, [`https://localhost:${server.port}/`], {
        env: { ...process.env, ...env, NODE_USE_ENV_PROXY: "1" }
      })
      const [reason] = (yield* Effect.promise(() => once(child, "message"))) as [string]
      assert.strictEqual(reason, "connection_failed")
      assert.strictEqual(server.connections(), 1)
      assert.deepStrictEqual(proxy.asked, [])
    })
  )

  it.effect("is not asked for what is on this machine", () =>
    Effect.gen(function* () {
      const { proxy, using } = yield* network([["127.0.0.1"]])
      const server = yield* httpServer((_request, response) => response.end("here"))
      for (const options of [{ proxy: proxy.url }, { unsafelyResolvingProxy: proxy.url }]) {
        const { request } = yield* using({ ...options, unsafelyAllowLoopback: true })
        const url = `http://api.localhost:${server.port}/`
        assert.strictEqual((yield* request(to(url))).status, 200)
      }
      assert.deepStrictEqual(proxy.asked, [])
    })
  )

  it.effect("S-112 that resolves is told the name, by its unsafe name alone", () =>
    Effect.gen(function* () {
      const { proxy, resolver, using } = yield* network([[]], (_target, outside) => outside)
      const { request } = yield* using({ unsafelyResolvingProxy: proxy.url })
      assert.strictEqual((yield* request(target)).status, 200)
      assert.deepStrictEqual(proxy.asked, ["api.example:443"])
      // The proxy's own name was looked up, and nothing else.
      assert.strictEqual(resolver.asked(), 0)
      const local = yield* Effect.flip(request(to("https://api.localhost/")))
      assert.strictEqual(local.reason, "address_blocked")
    })
  )
})

describe("S-112 the proxy of the options", () => {
  for (const [setting, options] of [
    ["egress.proxy", { proxy: "" }],
    ["egress.proxy", { proxy: "proxy:3128" }],
    ["egress.proxy", { proxy: "socks5://proxy:1080" }],
    ["egress.proxy", { proxy: "http://ada:canary@proxy/path" }],
    ["egress.proxy", { proxy: "http://ada:canary%@proxy" }],
    ["egress.proxy", { proxy: "http://ada:canary@proxy:99999" }],
    ["egress.unsafelyResolvingProxy", { unsafelyResolvingProxy: "http://proxy/?x" }],
    ["egress", { proxy: "http://a", unsafelyResolvingProxy: "http://b" }]
  ] as const) {
    it.effect(`is refused as ${JSON.stringify(options)}, and no password repeated`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(egressWith(options))
        assert.instanceOf(error, ConfigurationError)
        assert.strictEqual(error.setting, setting)
        assert.notInclude(inspect(error), "canary")
      })
    )
  }
})
