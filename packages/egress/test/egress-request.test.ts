import { assert, describe, it } from "@effect/vitest"
import { Egress, SecurityLog } from "@hawser/core"
import { Effect, Layer } from "effect"
import { inspect } from "node:util"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { NodeEgress } from "../src/index.ts"
import { egressWith, to, withoutIdleClosing } from "./support/egress.ts"
import { httpServer, rawServer } from "../../../test-support/servers.ts"

const onLoopback = { unsafelyAllowLoopback: true }

describe("a request", () => {
  it.effect("arrives with method, path, headers and body, and its answer comes back", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => {
        response
          .writeHead(201, { "x-one": "1", "content-type": "application/json" })
          .end('{"ok":true}')
      })
      const { request } = yield* egressWith(onLoopback)
      const response = yield* request(
        to(`http://127.0.0.1:${server.port}/token?x=1`, {
          method: "POST",
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            authorization: "Basic eA=="
          },
          body: "grant_type=authorization_code"
        })
      )
      assert.strictEqual(response.status, 201)
      assert.strictEqual(response.headers.get("x-one"), "1")
      assert.isNull(response.headers.get("transfer-encoding"))
      assert.deepStrictEqual(yield* Effect.promise(() => response.json()), { ok: true })
      const [seen] = server.seen
      assert.strictEqual(seen?.url, "/token?x=1")
      assert.strictEqual(seen?.body, "grant_type=authorization_code")
      assert.strictEqual(seen?.headers["content-length"], "29")
      assert.strictEqual(seen?.headers["authorization"], "Basic eA==")
      assert.strictEqual(seen?.headers["accept-encoding"], "identity")
    })
  )

  it.effect("may be a DELETE with a body, whose length is told", () =>
    Effect.gen(function* () {
      const methods: Array<string | undefined> = []
      const server = yield* httpServer(({ method }, response) => {
        methods.push(method)
        response.writeHead(204).end()
      })
      const { request } = yield* egressWith(onLoopback)
      for (const body of ['{"access_token":"ü"}', undefined]) {
        const response = yield* request(
          to(`http://127.0.0.1:${server.port}/token`, {
            method: "DELETE",
            ...(body !== undefined && { body })
          })
        )
        assert.strictEqual(response.status, 204)
      }
      assert.deepStrictEqual(
        server.seen.map(({ body, headers }) => [body, headers["content-length"]]),
        [
          ['{"access_token":"ü"}', "21"],
          ["", undefined]
        ]
      )
      assert.deepStrictEqual(methods, ["DELETE", "DELETE"])
    })
  )

  it.effect("is framed and routed by the egress, whatever headers the caller gives", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end())
      const { request } = yield* egressWith(onLoopback)
      yield* request(
        to(`http://127.0.0.1:${server.port}/`, {
          headers: {
            Host: "internal.example",
            "Accept-Encoding": "br",
            Connection: "upgrade",
            "content-length": "4",
            Expect: "nothing",
            "Keep-Alive": "timeout=600",
            TE: "trailers",
            Trailer: "x-late",
            "Transfer-Encoding": "chunked",
            Upgrade: "websocket",
            "x-of-the-caller": "1"
          }
        })
      )
      assert.deepStrictEqual(
        { ...server.seen[0]?.headers },
        {
          host: `127.0.0.1:${server.port}`,
          "accept-encoding": "identity",
          connection: "keep-alive",
          "user-agent": "hawser",
          "x-of-the-caller": "1"
        }
      )
    })
  )

  for (const [coding, body] of [
    ["gzip", gzipSync("fine")],
    ["GZIP", gzipSync("fine")],
    ["x-gzip", gzipSync("fine")],
    ["deflate", deflateSync("fine")],
    ["br", brotliCompressSync("fine")],
    ["identity", Buffer.from("fine")],
    ["", Buffer.from("fine")]
  ] as const) {
    it.effect(
      `is understood in ${coding || "a coding without a name"}, which was not asked for, and handed on without it`,
      () =>
        Effect.gen(function* () {
          const server = yield* httpServer((_request, response) => {
            response
              .writeHead(200, { "content-encoding": coding, "content-length": body.length })
              .end(body)
          })
          const { request } = yield* egressWith(onLoopback)
          const response = yield* request(to(`http://127.0.0.1:${server.port}/`))
          assert.strictEqual(yield* Effect.promise(() => response.text()), "fine")
          assert.isNull(response.headers.get("content-encoding"))
          assert.isNull(response.headers.get("content-length"))
        })
    )
  }

  for (const status of [204, 205]) {
    it.effect(`answered ${status} has no body`, () =>
      Effect.gen(function* () {
        const server = yield* httpServer((_request, response) => response.writeHead(status).end())
        const { request } = yield* egressWith(onLoopback)
        const response = yield* request(to(`http://127.0.0.1:${server.port}/`))
        assert.strictEqual(response.status, status)
        assert.isNull(response.body)
      })
    )
  }

  it.effect("with a header that HTTP cannot carry fails, unsent, without telling its value", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end())
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(
        request(
          to(`http://127.0.0.1:${server.port}/`, {
            headers: { "dd-api-key": "canary-77aa\r\nx: y" }
          })
        )
      )
      assert.strictEqual(error.reason, "connection_failed")
      assert.isFalse(error.sent)
      assert.notInclude(inspect(error, { depth: 10 }), "canary-77aa")
      assert.strictEqual(server.connections(), 0)
    })
  )

  it.effect("S-47 fails without telling what the provider said or what was sent", () =>
    Effect.gen(function* () {
      const server = yield* rawServer((socket) => {
        socket.end('HTTP/1.1 200 OK\r\nbad header\r\n\r\n{"access_token":"canary-51c0"}')
      })
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(
        request(
          to(`http://127.0.0.1:${server.port}/canary-path?key=canary-query`, {
            method: "POST",
            headers: { authorization: "canary-header" },
            body: "canary-body"
          })
        )
      )
      assert.strictEqual(error.reason, "connection_failed")
      assert.notInclude(inspect(error, { depth: 10, showHidden: true }), "canary")
      // Node's own error has the bytes that it could not parse.
      assert.sameMembers(Object.getOwnPropertyNames(error.cause), ["stack", "message"])
    })
  )

  it.effect("uses a connection again, and closes it with the scope", () =>
    Effect.gen(function* () {
      withoutIdleClosing()
      let closed: () => void
      const isClosed = new Promise<void>((resolve) => {
        closed = resolve
      })
      const server = yield* httpServer((request, response) => {
        request.socket.once("close", () => closed())
        response.end("x")
      })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { request } = yield* egressWith(onLoopback)
          for (let i = 0; i < 3; i++) yield* request(to(`http://127.0.0.1:${server.port}/`))
        })
      )
      assert.strictEqual(server.seen.length, 3)
      assert.strictEqual(server.connections(), 1)
      yield* Effect.promise(() => isClosed)
    })
  )

  it.effect("closes a connection that nobody has used for some seconds", () =>
    Effect.gen(function* () {
      const { promise: isClosed, resolve: closed } = Promise.withResolvers<void>()
      const server = yield* rawServer((socket) => {
        socket.once("close", () => closed())
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
      })
      const { request } = yield* egressWith(onLoopback)
      yield* request(to(`http://127.0.0.1:${server.port}/`))
      yield* Effect.promise(() => isClosed)
    })
  )
})

describe("NodeEgress.layer", () => {
  const withLayer = (options?: Parameters<typeof NodeEgress.layer>[0]) =>
    Effect.provide(
      NodeEgress.layer(options).pipe(
        Layer.provide(
          Layer.succeed(
            SecurityLog,
            SecurityLog.make(() => undefined)
          )
        )
      )
    )

  it.effect("is an Egress that reaches loopback where that was asked for", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("here"))
      const response = yield* Effect.flatMap(Egress, (egress) =>
        egress.request(to(`http://localhost:${server.port}/`))
      ).pipe(withLayer(onLoopback))
      assert.strictEqual(yield* Effect.promise(() => response.text()), "here")
    })
  )

  it.effect("refuses http and loopback by default", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("here"))
      const reasonFor = (url: string) =>
        Effect.flatMap(Egress, (egress) => Effect.flip(egress.request(to(url)))).pipe(
          Effect.map(({ reason }) => reason),
          withLayer()
        )
      assert.strictEqual(yield* reasonFor(`http://127.0.0.1:${server.port}/`), "insecure_protocol")
      assert.strictEqual(yield* reasonFor(`http://localhost:${server.port}/`), "insecure_protocol")
      assert.strictEqual(yield* reasonFor(`https://127.0.0.1:${server.port}/`), "address_blocked")
      assert.strictEqual(yield* reasonFor(`https://[::1]:${server.port}/`), "address_blocked")
      assert.strictEqual(yield* reasonFor(`https://localhost:${server.port}/`), "address_blocked")
      assert.strictEqual(server.connections(), 0)
    })
  )
})
