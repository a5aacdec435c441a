import { assert, describe, it } from "@effect/vitest"
import { EgressError, type EgressStreamRequest } from "@hawser/core"
import { Effect, Fiber } from "effect"
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { vi } from "vitest"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { egressWith, passing } from "./support/egress.ts"
import { listening, rawServer } from "../../../test-support/servers.ts"

const onLoopback = { unsafelyAllowLoopback: true }
const tenMegabytes = 10 * 1024 * 1024

/** A server that gets each request as it begins. */
const server = Effect.fnUntraced(function* (respond: RequestListener) {
  const { connections, port } = yield* listening(createServer(respond))
  return { connections, origin: `http://127.0.0.1:${port}` }
})

const to = (url: string, more: Partial<EgressStreamRequest> = {}): EgressStreamRequest => {
  const target = new URL(url)
  return { method: "GET", url: target, headers: {}, hosts: [target.host], ...more }
}

const text = (response: Response) => Effect.promise(() => response.text())

/** Counts what a stream holds, without keeping it. */
const lengthOf = async (stream: AsyncIterable<Uint8Array>) => {
  let length = 0
  for await (const chunk of stream) length += chunk.length
  return length
}

describe("an API call", () => {
  it.effect("takes any method, and bodies of text and bytes with their length", () =>
    Effect.gen(function* () {
      const { origin } = yield* server((request, response) => {
        const { "content-length": length, "transfer-encoding": coding } = request.headers
        const answer = async () => {
          const body = Buffer.concat((await request.toArray()) as Array<Buffer>).toString()
          response.end(`${request.method} ${length} ${coding} ${body}`)
        }
        void answer()
      })
      const { open } = yield* egressWith(onLoopback)
      const answer = (more: Partial<EgressStreamRequest>) =>
        Effect.flatMap(open(to(origin, more)), text)
      assert.strictEqual(yield* answer({ method: "PATCH", body: "é" }), "PATCH 2 undefined é")
      assert.strictEqual(
        yield* answer({ method: "DELETE", body: Buffer.from("gone").subarray(1) }),
        "DELETE 3 undefined one"
      )
      assert.strictEqual(yield* answer({ method: "PUT", body: "" }), "PUT 0 undefined ")
      assert.strictEqual(yield* answer({ method: "GET" }), "GET undefined undefined ")
      const body = new Blob(["a stream"]).stream()
      assert.strictEqual(
        yield* answer({ method: "DELETE", body }),
        "DELETE undefined chunked a stream"
      )
    })
  )

  it.effect("S-40 is framed and routed by the egress, whatever headers the caller gives", () =>
    Effect.gen(function* () {
      const { origin } = yield* server((request, response) =>
        response.end(JSON.stringify(request.headers))
      )
      const { open } = yield* egressWith(onLoopback)
      const response = yield* open(
        to(origin, {
          headers: {
            Host: "internal.example",
            "Transfer-Encoding": "chunked",
            "Content-Length": "4",
            Upgrade: "websocket",
            "X-Kept": "1"
          }
        })
      )
      const seen = JSON.parse(yield* text(response)) as Record<string, string>
      assert.deepStrictEqual(seen, {
        host: new URL(origin).host,
        "user-agent": "hawser",
        "accept-encoding": "gzip, deflate, br",
        "x-kept": "1",
        connection: "keep-alive"
      })
    })
  )

  it.effect("sends ten megabytes as the server takes them, and no faster", () =>
    Effect.gen(function* () {
      let produced = 0
      let goOn: () => void = () => undefined
      const held = new Promise<void>((resolve) => (goOn = resolve))
      const { origin } = yield* server((request, response) => {
        void held.then(() => lengthOf(request)).then((length) => response.end(String(length)))
      })
      const { open } = yield* egressWith(onLoopback)
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (produced === tenMegabytes) return controller.close()
          controller.enqueue(new Uint8Array(64 * 1024))
          produced += 64 * 1024
        }
      })
      const call = yield* Effect.forkChild(open(to(origin, { method: "POST", body })))
      // What fits into buffers is taken, and then nothing more is asked of the stream.
      let before = -1
      while (produced !== before) {
        before = produced
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 200)))
      }
      assert.isBelow(produced, tenMegabytes)
      goOn()
      const response = yield* Fiber.join(call)
      assert.strictEqual(yield* text(response), String(tenMegabytes))
    })
  )

  it.effect("is answered before the body has come, and ten megabytes come as they are read", () =>
    Effect.gen(function* () {
      let written = 0
      const { origin } = yield* server((_request, response) => {
        const pour = () => {
          while (written < tenMegabytes) {
            written += 64 * 1024
            if (!response.write(new Uint8Array(64 * 1024))) return response.once("drain", pour)
          }
          return response.end()
        }
        pour()
      })
      const { open } = yield* egressWith(onLoopback)
      const { body } = yield* open(to(origin))
      let before = -1
      while (written !== before) {
        before = written
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 200)))
      }
      assert.isBelow(written, tenMegabytes)
      assert.strictEqual(
        yield* Effect.promise(() => lengthOf(body ?? assert.fail("no body"))),
        tenMegabytes
      )
    })
  )

  it.effect("hands a compressed body on decompressed, and a part of one as it is", () =>
    Effect.gen(function* () {
      const bodies = {
        gzip: gzipSync("plain"),
        deflate: deflateSync("plain"),
        br: brotliCompressSync("plain")
      }
      const { origin } = yield* server((request, response) => {
        const encoding = request.url?.slice(1) as keyof typeof bodies
        if (request.headers["accept-encoding"] === "identity") return response.end("part")
        return response
          .writeHead(200, {
            "content-encoding": encoding,
            "content-length": bodies[encoding].length
          })
          .end(bodies[encoding])
      })
      const { open } = yield* egressWith(onLoopback)
      for (const encoding of Object.keys(bodies)) {
        const response = yield* open(to(`${origin}/${encoding}`))
        assert.strictEqual(yield* text(response), "plain")
        assert.isNull(response.headers.get("content-encoding"))
        assert.isNull(response.headers.get("content-length"))
      }
      const part = yield* open(to(`${origin}/gzip`, { headers: { Range: "bytes=0-3" } }))
      assert.strictEqual(yield* text(part), "part")
    })
  )

  it.effect(
    "answers HEAD, 204, 304 and redirects as they are, without the connection's headers",
    () =>
      Effect.gen(function* () {
        const { connections, origin } = yield* server((request, response) => {
          const status = Number(request.url?.slice(1))
          response
            .writeHead(status, { location: "http://127.0.0.1:1/", "keep-alive": "timeout=9" })
            .end()
        })
        const { open } = yield* egressWith(onLoopback)
        for (const status of [204, 304, 301, 302, 303, 307, 308]) {
          const response = yield* open(to(`${origin}/${status}`))
          assert.strictEqual(response.status, status)
          assert.strictEqual(response.headers.get("location"), "http://127.0.0.1:1/")
          for (const name of ["connection", "keep-alive", "transfer-encoding"])
            assert.isNull(response.headers.get(name))
          assert.strictEqual(yield* text(response), "")
        }
        const head = yield* open(to(`${origin}/200`, { method: "HEAD" }))
        assert.isNull(head.body)
        assert.strictEqual(connections(), 1)
      })
  )

  it.effect(
    "fails where it is read when the answer is cut short, and shows none of its bytes",
    () =>
      Effect.gen(function* () {
        const { port } = yield* rawServer((socket) => {
          socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ncanary")
        })
        const { open } = yield* egressWith(onLoopback)
        const response = yield* open(to(`http://127.0.0.1:${port}/`))
        const error = yield* Effect.promise(() =>
          response.text().catch((caught: unknown) => caught)
        )
        assert.instanceOf(error, EgressError)
        assert.strictEqual(error.reason, "connection_failed")
        assert.notInclude(JSON.stringify(error), "canary")
      })
  )

  it.effect("S-64 reaches no private address and no host of another list", () =>
    Effect.gen(function* () {
      const { open, reported } = yield* egressWith()
      const blocked = yield* Effect.flip(open(to("https://169.254.169.254/latest")))
      assert.strictEqual(blocked.reason, "address_blocked")
      assert.deepStrictEqual(reported, [{ type: "egress_blocked", reason: "address_blocked" }])
      const foreign = yield* Effect.flip(open(to("https://a.example/", { hosts: ["b.example"] })))
      assert.strictEqual(foreign.reason, "host_not_allowed")
      const plain = yield* Effect.flip(open(to("http://a.example/")))
      assert.strictEqual(plain.reason, "insecure_protocol")
    })
  )
})

describe("an API call that is given up", () => {
  it.effect("is left when no headers come in time, which begins again while a body is sent", () =>
    Effect.gen(function* () {
      const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
      let mayGoOn = Promise.withResolvers<void>()
      const { origin } = yield* server((request, response) => {
        if (request.url !== "/upload") return arrived()
        request.on("end", () => response.end("done"))
        return request.on("data", () => {
          vi.advanceTimersByTime(200)
          mayGoOn.resolve()
        })
      })
      const { open } = yield* egressWith(onLoopback)
      const error = yield* passing(
        300,
        hasArrived,
        Effect.flip(open(to(origin, { headersTimeoutMs: 300 })))
      )
      assert.strictEqual(error.reason, "timeout")
      assert.isTrue(error.sent)
      let left = 6
      const slow = new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            if (left < 6) await mayGoOn.promise
            mayGoOn = Promise.withResolvers()
            if ((left -= 1) === 0) controller.close()
            else controller.enqueue(new Uint8Array(1))
          }
        },
        { highWaterMark: 0 }
      )
      const response = yield* open(
        to(`${origin}/upload`, { method: "POST", body: slow, headersTimeoutMs: 300 })
      )
      assert.strictEqual(yield* text(response), "done")
    })
  )

  it.effect(
    "closes its connection when it is interrupted, its body cancelled or its signal aborted",
    () =>
      Effect.gen(function* () {
        let begun: () => void = () => undefined
        let closed: Promise<unknown> = Promise.resolve()
        const { origin } = yield* server((request, response) => {
          closed = once(response, "close")
          if (request.url === "/body") response.write("begun")
          begun()
        })
        const { open } = yield* egressWith(onLoopback)

        const arrived = new Promise<void>((resolve) => (begun = resolve))
        const waiting = yield* Effect.forkChild(open(to(origin)))
        yield* Effect.promise(() => arrived)
        yield* Fiber.interrupt(waiting)
        yield* Effect.promise(() => closed)

        const cancelled = yield* open(to(`${origin}/body`))
        yield* Effect.promise(() => cancelled.body?.cancel() ?? assert.fail("no body"))
        yield* Effect.promise(() => closed)

        const aborting = new AbortController()
        const aborted = yield* open(to(`${origin}/body`, { signal: aborting.signal }))
        const reason = new Error("enough")
        aborting.abort(reason)
        const error = yield* Effect.promise(() => aborted.text().catch((caught: unknown) => caught))
        assert.strictEqual(error, reason)
        yield* Effect.promise(() => closed)
      })
  )

  it.effect("closes its connection when nobody holds its body any more", () =>
    Effect.gen(function* () {
      const closed: Array<string> = []
      const { origin } = yield* server((_request, response) => {
        response.on("close", () => closed.push("closed"))
        const pour = () => {
          while (!response.destroyed && response.write(new Uint8Array(64 * 1024)));
        }
        response.on("drain", pour)
        pour()
      })
      const { open } = yield* egressWith(onLoopback)
      yield* Effect.asVoid(open(to(origin)))
      setFlagsFromString("--expose-gc")
      const collect = runInNewContext("gc") as () => void
      while (closed.length === 0) {
        collect()
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
      }
      assert.deepStrictEqual(closed, ["closed"])
    })
  )

  it.effect(
    "is cut short where its own body fails, so that no server takes it for a whole one",
    () =>
      Effect.gen(function* () {
        const { origin } = yield* server((request) => void request.resume())
        const { open } = yield* egressWith(onLoopback)
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          pull: (controller) => controller.error(new Error("canary"))
        })
        const error = yield* Effect.flip(open(to(origin, { method: "POST", body })))
        assert.strictEqual(error.reason, "connection_failed")
        assert.notInclude(String(error.cause), "canary")
      })
  )
})
