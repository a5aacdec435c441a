import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, onTestFinished, vi } from "vitest"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { egressWith, passing, to } from "./support/egress.ts"
import { dripping, httpServer, rawServer } from "../../../test-support/servers.ts"

const onLoopback = { unsafelyAllowLoopback: true }
/** Milliseconds for a whole answer that the host has not set. */
const totalTimeoutMs = 15_000
const secret = "canary-9d1f"
const requestProcess = fileURLToPath(new URL("support/request-process.ts", import.meta.url))

/** Nobody listens there, and no server of another test is given it. */
const closedPort = 1

/** How a request fails whose whole time is over once the server has come to `moment`. */
const leftByTheEnd = Effect.fnUntraced(function* (
  { port }: { readonly port: number },
  moment: Promise<void>
) {
  const { request } = yield* egressWith(onLoopback)
  return yield* passing(
    totalTimeoutMs,
    moment,
    Effect.flip(request(to(`http://127.0.0.1:${port}/`)))
  )
})

describe("redirects", () => {
  for (const status of [300, 301, 302, 303, 307, 308]) {
    it.effect(`S-29 ${status} is refused, and the second host never sees a request`, () =>
      Effect.gen(function* () {
        const second = yield* httpServer((_request, response) => response.end("stolen"))
        const location = `http://127.0.0.1:${second.port}/`
        const first = yield* httpServer((_request, response) =>
          response.writeHead(status, { location }).end()
        )
        const { request } = yield* egressWith(onLoopback)
        const error = yield* Effect.flip(
          request(
            to(`http://127.0.0.1:${first.port}/token`, {
              method: "POST",
              body: `client_secret=${secret}`,
              hosts: [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`]
            })
          )
        )
        assert.strictEqual(error.reason, "redirect_refused")
        assert.isTrue(error.sent)
        assert.strictEqual(first.seen.length, 1)
        assert.strictEqual(second.connections(), 0)
      })
    )
  }
})

describe("S-30 a misbehaving provider", () => {
  it.effect(
    "S-30 that drips its body is left when the whole time is over, and the connection closed",
    () =>
      Effect.gen(function* () {
        const server = yield* dripping("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")
        const error = yield* leftByTheEnd(server, server.hasDripped)
        assert.strictEqual(error.reason, "timeout")
        assert.isTrue(error.sent)
        yield* Effect.promise(() => server.isClosed)
      })
  )

  it.effect("S-30 that never answers is left when the whole time is over", () =>
    Effect.gen(function* () {
      const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
      const server = yield* httpServer(() => arrived())
      const error = yield* leftByTheEnd(server, hasArrived)
      assert.strictEqual(error.reason, "timeout")
    })
  )

  it.effect("S-30 that sends headers a byte at a time is left when the whole time is over", () =>
    Effect.gen(function* () {
      const server = yield* dripping("HTTP/1.1 200 OK\r\nx: ")
      const error = yield* leftByTheEnd(server, server.hasDripped)
      assert.strictEqual(error.reason, "timeout")
    })
  )

  it.effect("S-30 that never ends its headers is left at 16 KiB of them", () =>
    Effect.gen(function* () {
      let written = 0
      const server = yield* rawServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\n")
        const pour = () => {
          while (!socket.destroyed && socket.write("x-more: of-the-same\r\n".repeat(10))) {
            written += 210
            if (written % 21_000 === 0) break
          }
          if (!socket.destroyed) setTimeout(pour, 1)
        }
        pour()
      })
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
      assert.strictEqual(error.reason, "response_too_large")
    })
  )

  it.effect("S-30 whose body has no end is left after 64 KiB, and the connection closed", () =>
    Effect.gen(function* () {
      let closed: () => void
      const isClosed = new Promise<void>((resolve) => {
        closed = resolve
      })
      const server = yield* httpServer((_request, response) => {
        const pour = () => {
          while (!response.destroyed && response.write("x".repeat(16_384)));
        }
        response.on("drain", pour).on("close", () => closed())
        pour()
      })
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
      assert.strictEqual(error.reason, "response_too_large")
      yield* Effect.promise(() => isClosed)
    })
  )

  it.effect("S-30 whose list of accounts is longer is read to the bound of that request", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("x".repeat(100_000)))
      const { request } = yield* egressWith(onLoopback)
      const url = `http://127.0.0.1:${server.port}/`
      const answer = yield* request(to(url, { maxBodyBytes: 100_000 }))
      assert.lengthOf(yield* Effect.promise(() => answer.text()), 100_000)
      const error = yield* Effect.flip(request(to(url, { maxBodyBytes: 99_999 })))
      assert.strictEqual(error.reason, "response_too_large")
    })
  )

  it.effect("S-30 that announces 1 GB is left at the announcement", () =>
    Effect.gen(function* () {
      const server = yield* rawServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
      })
      const { request } = yield* egressWith({ ...onLoopback, totalTimeoutMs })
      const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
      assert.strictEqual(error.reason, "response_too_large")
    })
  )

  for (const [coding, bomb] of [
    ["gzip", gzipSync(Buffer.alloc(200 * 1024 * 1024))],
    ["deflate", deflateSync(Buffer.alloc(20 * 1024 * 1024))],
    ["br", brotliCompressSync(Buffer.alloc(20 * 1024 * 1024))]
  ] as const) {
    it.effect(
      `S-30 whose ${coding} bomb of ${bomb.length} bytes is left at 64 KiB of its content`,
      () =>
        Effect.gen(function* () {
          const server = yield* httpServer((_request, response) => {
            response.writeHead(200, { "content-encoding": coding }).end(bomb)
          })
          const { request } = yield* egressWith(onLoopback)
          const before = process.memoryUsage().arrayBuffers
          const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
          assert.strictEqual(error.reason, "response_too_large")
          assert.isBelow(process.memoryUsage().arrayBuffers - before, 8 * 1024 * 1024)
        })
    )
  }

  it.effect(
    "S-30 whose compressed stream never comes to any content is left after 64 KiB of it",
    () =>
      Effect.gen(function* () {
        const nothing = Buffer.concat(Array.from({ length: 5_000 }, () => gzipSync("")))
        const server = yield* httpServer((_request, response) => {
          response.writeHead(200, { "content-encoding": "gzip" }).end(nothing)
        })
        const { request } = yield* egressWith(onLoopback)
        const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
        assert.strictEqual(error.reason, "response_too_large")
      })
  )

  it.effect("S-30 that resets the connection in the middle of its body", () =>
    Effect.gen(function* () {
      const server = yield* rawServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () =>
          socket.resetAndDestroy()
        )
      })
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
      assert.strictEqual(error.reason, "connection_failed")
      assert.isTrue(error.sent)
    })
  )

  for (const [what, answer] of [
    ["speaks no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["hangs up without a word", ""],
    ["ends before its announced length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"],
    ["answers with a status that does not exist", "HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"],
    [
      "upgrades without being asked",
      "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"
    ],
    [
      "uses a coding nobody knows",
      "HTTP/1.1 200 OK\r\ncontent-encoding: lzw\r\ncontent-length: 1\r\n\r\nx"
    ],
    [
      "gives its length twice, in two ways",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    ],
    [
      "breaks its own gzip",
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nplain"
    ]
  ] as const) {
    it.effect(`S-30 that ${what} is a failed connection, not a crash`, () =>
      Effect.gen(function* () {
        const server = yield* rawServer((socket) => socket.end(answer))
        const { request } = yield* egressWith(onLoopback)
        const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
        assert.strictEqual(error.reason, "connection_failed")
        assert.isTrue(error.sent)
      })
    )
  }

  it.effect(
    "S-30 whose status does not exist is refused too if the host has a Response of its own that takes it",
    () =>
      Effect.gen(function* () {
        const server = yield* rawServer((socket) =>
          socket.end("HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n")
        )
        const platforms = globalThis.Response
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            globalThis.Response = class extends platforms {
              constructor(body?: BodyInit | null, init?: ResponseInit) {
                super(body, { ...init, status: 200 })
              }
            }
          }),
          () => Effect.sync(() => (globalThis.Response = platforms))
        )
        const { open, request } = yield* egressWith(onLoopback)
        const url = to(`http://127.0.0.1:${server.port}/`)
        assert.strictEqual((yield* Effect.flip(request(url))).reason, "connection_failed")
        assert.strictEqual((yield* Effect.flip(open(url))).reason, "connection_failed")
      })
  )

  for (const [what, answer, flag, reason] of [
    [
      "16 KiB of headers and more",
      `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}\r\ncontent-length: 0\r\n\r\n`,
      "--max-http-header-size=1048576",
      "response_too_large"
    ],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "--insecure-http-parser",
      "connection_failed"
    ]
  ] as const) {
    it.effect(`S-30 of ${what} is refused where the process has ${flag}`, () =>
      Effect.gen(function* () {
        const server = yield* rawServer((socket) => socket.end(answer))
        const child = fork(requestProcess, [`http://127.0.0.1:${server.port}/`], {
          execArgv: [...process.execArgv, flag]
        })
        yield* Effect.addFinalizer(() => Effect.sync(() => child.kill()))
        const said = yield* Effect.promise(() => once(child, "message"))
        assert.deepStrictEqual(said.slice(0, 1), [reason])
      })
    )
  }

  it.effect("S-30 of exactly 64 KiB is read, and of one byte more is not", () =>
    Effect.gen(function* () {
      const server = yield* httpServer(({ url }, response) => {
        // Without an announced length, so that it is the bytes that are counted.
        response.writeHead(200).write("x".repeat(65_536))
        response.end(url === "/more" ? "x" : "")
      })
      const { request } = yield* egressWith(onLoopback)
      const response = yield* request(to(`http://127.0.0.1:${server.port}/`))
      assert.strictEqual((yield* Effect.promise(() => response.text())).length, 65_536)
      const error = yield* Effect.flip(request(to(`http://127.0.0.1:${server.port}/more`)))
      assert.strictEqual(error.reason, "response_too_large")
    })
  )
})

describe("the times that are not set", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
  afterEach(() => void vi.useRealTimers())

  it.effect("S-30 are 5 s for connecting", () =>
    Effect.gen(function* () {
      const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
      const { request } = yield* egressWith({}, () => {
        asked()
        return new Promise<never>(() => undefined)
      })
      const fiber = yield* Effect.forkChild(Effect.flip(request(to("https://slow-dns.example/"))))
      yield* Effect.promise(() => isAsked)
      vi.advanceTimersByTime(4_999)
      assert.isUndefined(fiber.pollUnsafe())
      vi.advanceTimersByTime(1)
      assert.strictEqual((yield* Fiber.join(fiber)).reason, "timeout")
    })
  )

  it.effect("S-30 are 15 s for the whole answer", () =>
    Effect.gen(function* () {
      const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
      const server = yield* httpServer(() => arrived())
      const { request } = yield* egressWith(onLoopback)
      const fiber = yield* Effect.forkChild(
        Effect.flip(request(to(`http://127.0.0.1:${server.port}/`)))
      )
      yield* Effect.promise(() => hasArrived)
      vi.advanceTimersByTime(14_999)
      assert.isUndefined(fiber.pollUnsafe())
      vi.advanceTimersByTime(1)
      assert.strictEqual((yield* Fiber.join(fiber)).reason, "timeout")
    })
  )
})

describe("connecting", () => {
  it.effect("S-30 the connect time is over: the request was not sent", () =>
    Effect.gen(function* () {
      const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
      const { request } = yield* egressWith({ connectTimeoutMs: 100 }, () => {
        asked()
        return new Promise<never>(() => undefined)
      })
      const error = yield* passing(
        100,
        isAsked,
        Effect.flip(request(to("https://slow-dns.example/")))
      )
      assert.strictEqual(error.reason, "timeout")
      assert.isFalse(error.sent)
    })
  )

  it.effect("S-30 the connect time does not limit an answer that takes longer", () =>
    Effect.gen(function* () {
      const connectTimeoutMs = 100
      const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
      const { promise: isLate, resolve: late } = Promise.withResolvers<void>()
      const server = yield* httpServer((_request, response) => {
        arrived()
        void isLate.then(() => response.end())
      })
      const { request } = yield* egressWith({ ...onLoopback, connectTimeoutMs })
      const response = yield* passing(
        3 * connectTimeoutMs,
        hasArrived.finally(() => setImmediate(late)),
        request(to(`http://127.0.0.1:${server.port}/`))
      )
      assert.strictEqual(response.status, 200)
    })
  )

  it.effect("an exchange leaves no timer behind, however it ends", () =>
    Effect.gen(function* () {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
      onTestFinished(() => void vi.useRealTimers())
      const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
      const server = yield* httpServer(({ url }, response) =>
        url === "/answered" ? response.end() : arrived()
      )
      const { request } = yield* egressWith(onLoopback)

      yield* request(to(`http://127.0.0.1:${server.port}/answered`))
      assert.strictEqual(vi.getTimerCount(), 0)

      yield* Effect.flip(request(to(`http://127.0.0.1:${closedPort}/`)))
      assert.strictEqual(vi.getTimerCount(), 0)

      const fiber = yield* Effect.forkChild(request(to(`http://127.0.0.1:${server.port}/`)))
      yield* Effect.promise(() => hasArrived)
      assert.isAbove(vi.getTimerCount(), 0)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(vi.getTimerCount(), 0)
    })
  )

  it.effect("a refused connection was not sent, and its error tells a code only", () =>
    Effect.gen(function* () {
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(
        request(to(`http://127.0.0.1:${closedPort}/`, { headers: { authorization: secret } }))
      )
      assert.strictEqual(error.reason, "connection_failed")
      assert.isFalse(error.sent)
      assert.strictEqual((error.cause as Error).message, "ECONNREFUSED")
    })
  )

  it.effect("interrupting the effect ends the request", () =>
    Effect.gen(function* () {
      let arrived: () => void
      let gone: () => void
      const hasArrived = new Promise<void>((resolve) => {
        arrived = resolve
      })
      const isGone = new Promise<void>((resolve) => {
        gone = resolve
      })
      const server = yield* httpServer((_request, response) => {
        response.on("close", () => gone())
        arrived()
      })
      const { request } = yield* egressWith(onLoopback)
      const fiber = yield* Effect.forkChild(request(to(`http://127.0.0.1:${server.port}/`)))
      yield* Effect.promise(() => hasArrived)
      yield* Fiber.interrupt(fiber)
      yield* Effect.promise(() => isGone)
    })
  )
})
