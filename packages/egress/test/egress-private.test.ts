import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { beforeAll } from "vitest"
import { isPrivateAddress } from "../src/addresses.ts"
import { addressRule } from "../src/target.ts"
import { connectProxy } from "./support/connectProxy.ts"
import { egressWith, fakeResolver, to, withoutIdleClosing } from "./support/egress.ts"
import { certificateFor, secureServer, trusting } from "./support/secureServer.ts"
import { httpServer } from "../../../test-support/servers.ts"

let pair: Awaited<ReturnType<typeof certificateFor>>
beforeAll(async () => {
  pair = await certificateFor("keys.example")
})

const https = { privateNetwork: "https" } as const
const unsafeHttp = { privateNetwork: "unsafe_http" } as const

describe("S-113 a URL that the host configured in a network of its own", () => {
  const rules = {
    ofTheHost: addressRule({ url: new URL("https://keys.example"), ...https }, false),
    ofTheHostPlain: addressRule({ url: new URL("http://keys.example"), ...unsafeHttp }, false),
    plain: addressRule({ url: new URL("http://localhost"), ...https }, false),
    any: addressRule({ url: new URL("https://keys.example") }, false)
  }

  for (const address of ["10.0.0.1", "100.64.0.1", "172.31.255.1", "192.168.0.1", "fd00::1"]) {
    it(`S-113 may lead to ${address}, as no other may, and no plain http but by its unsafe name`, () => {
      assert.isTrue(rules.ofTheHost(address))
      assert.isTrue(rules.ofTheHostPlain(address))
      assert.isFalse(rules.plain(address))
      assert.isFalse(rules.any(address))
    })
  }

  it.effect("S-113 never leads to a cloud's metadata service", () =>
    Effect.gen(function* () {
      for (const address of ["169.254.169.254", "fd00:ec2::254", "fe80::1", "0.0.0.0", "::"]) {
        assert.isFalse(isPrivateAddress(address))
        const { resolve } = fakeResolver([address])
        const { request } = yield* egressWith({}, resolve)
        for (const [scheme, more] of [
          ["https", https],
          ["http", unsafeHttp]
        ] as const) {
          const error = yield* Effect.flip(request(to(`${scheme}://keys.example/`, more)))
          assert.strictEqual(error.reason, "address_blocked")
        }
      }
    })
  )

  it.effect("S-113 is over plain http on this machine alone, unless that was asked for", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("keys"))
      const { resolve } = fakeResolver(["127.0.0.1"])
      const { request } = yield* egressWith({}, resolve)
      const local = `http://localhost:${server.port}/`
      assert.strictEqual((yield* request(to(local, https))).status, 200)
      assert.strictEqual((yield* Effect.flip(request(to(local)))).reason, "insecure_protocol")
      const named = `http://keys.example:${server.port}/`
      for (const more of [{}, https]) {
        assert.strictEqual(
          (yield* Effect.flip(request(to(named, more)))).reason,
          "insecure_protocol"
        )
      }
      assert.strictEqual((yield* request(to(named, unsafeHttp))).status, 200)
      const ftp = yield* Effect.flip(request(to("ftp://keys.example/", unsafeHttp)))
      assert.strictEqual(ftp.reason, "insecure_protocol")
    })
  )

  it.effect(
    "S-113 opens nothing to a tenant's host at the same address, not even the connection that is there",
    () =>
      Effect.gen(function* () {
        withoutIdleClosing()
        yield* trusting(pair.cert)
        const server = yield* secureServer(pair)
        const { asked, resolve } = fakeResolver(["127.0.0.1"])
        const { reported, request } = yield* egressWith({}, resolve)
        const url = `https://keys.example:${server.port}`
        for (let i = 0; i < 2; i++) yield* request(to(`${url}/jwks.json`, https))
        assert.strictEqual(server.connections(), 1)
        for (const path of ["/jwks.json", "/admin"]) {
          const error = yield* Effect.flip(request(to(url + path)))
          assert.strictEqual(error.reason, "address_blocked")
        }
        assert.strictEqual(asked(), 3)
        assert.lengthOf(reported, 2)
        assert.strictEqual(server.requests(), 2)
      })
  )

  it.effect("S-113 is reached without the proxy, by what the system knows too", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("keys"))
      const proxy = yield* connectProxy(() => server.port)
      for (const options of [{ proxy: proxy.url }, { unsafelyResolvingProxy: proxy.url }]) {
        const { request } = yield* egressWith(options, () => Promise.reject(new Error("unknown")))
        const url = `http://localhost:${server.port}/`
        assert.strictEqual((yield* request(to(url, https))).status, 200)
        const other = yield* Effect.flip(request(to("https://localhost/")))
        assert.strictEqual(other.reason, "connection_failed")
      }
      assert.deepStrictEqual(proxy.asked, [])
    })
  )

  it.effect("S-78 is not asked of the system where its name server was silent", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("keys"))
      const url = `http://localhost:${server.port}/`
      const asks = Effect.fnUntraced(function* (code: string) {
        const failure = Object.assign(new Error(code), { code })
        const { request } = yield* egressWith({}, () => Promise.reject(failure))
        return yield* Effect.result(request(to(url, https)))
      })
      assert.isTrue(Result.isSuccess(yield* asks("ENOTFOUND")))
      assert.isTrue(Result.isFailure(yield* asks("ETIMEOUT")))
    })
  )
})
