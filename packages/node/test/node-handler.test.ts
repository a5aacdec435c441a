import { assert, describe, it } from "@effect/vitest"
import type { Handler } from "../src/index.ts"
import { Effect } from "effect"
import { once } from "node:events"
import {
  request as httpRequest,
  IncomingMessage,
  type ServerOptions,
  type ServerResponse,
  createServer
} from "node:http"
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  createServer as createHttp2Server
} from "node:http2"
import { connect, Socket } from "node:net"
import { setImmediate as nextTurn } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { clientAddressOf } from "../../../test-support/mount-traps-host.ts"
import { type NodeHandlerOptions, nodeHandler, type NodeResponse } from "../src/index.ts"
import { readBody } from "../src/mount/readRequest.ts"
import { listening } from "../../../test-support/servers.ts"

type Host = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** A host that mounts the handler, with middleware of its own in front of it. */
const mounted = Effect.fnUntraced(function* (
  handler: Handler,
  options: {
    readonly before?: Host
    readonly mount?: NodeHandlerOptions
    readonly server?: ServerOptions
  } = {}
) {
  const handle = nodeHandler(handler, options.mount)
  const before: Host = options.before ?? ((_request, _response, next) => next())
  const server = createServer(options.server ?? {}, (request, response) =>
    before(request, response, () => handle(request, response))
  )
  const { port } = yield* listening(server)
  return { port, url: `http://127.0.0.1:${port}` }
})

/** Says what the handler was given. */
const echo: Handler = async (request, context) =>
  Response.json({
    method: request.method,
    url: request.url,
    body: await request.text(),
    contentType: request.headers.get("content-type"),
    contentLength: request.headers.get("content-length"),
    contentEncoding: request.headers.get("content-encoding"),
    clientAddress: clientAddressOf(context)
  })

interface Echoed {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly contentType: string | null
  readonly contentLength: string | null
  readonly contentEncoding: string | null
  readonly clientAddress?: string
}

const ask = (url: string, init?: RequestInit) => Effect.promise(() => fetch(url, init))
const json = <A>(response: Response) => Effect.promise(() => response.json() as Promise<A>)

/** Sends bytes as they are, and gives back all that the server says until it hangs up. */
const speak = (port: number, text: string) =>
  Effect.callback<string>((resume) => {
    let said = ""
    const socket = connect(port, "127.0.0.1", () => socket.end(text))
    socket.on("data", (chunk) => (said += String(chunk)))
    socket.on("close", () => resume(Effect.succeed(said)))
    socket.on("error", () => undefined)
  })

/** What a body parser does: reads the stream to its end and leaves its own idea of the body. */
const parsedAs =
  (leave: (bytes: Buffer) => object): Host =>
  (request, _response, next) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      Object.assign(request, leave(Buffer.concat(chunks)))
      // Only now, as after an `await` in the host's middleware: nothing more will ever come from the stream.
      setImmediate(next)
    })
  }

/** The same on the compatibility API of HTTP/2. */
const mountedOnHttp2 = Effect.fnUntraced(function* (
  handler: Handler,
  before: (response: NodeResponse) => void = () => undefined
) {
  const handle = nodeHandler(handler)
  const server = createHttp2Server((request, response) => {
    before(response)
    handle(request, response)
  })
  const { port } = yield* listening(server)
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => connectHttp2(`http://127.0.0.1:${port}`)),
    (client) => Effect.sync(() => client.destroy())
  )
  return { client }
})

const http2Answer = (stream: ClientHttp2Stream) =>
  Effect.promise(async () => {
    const headers = await new Promise<Readonly<Record<string, unknown>>>((resolve) =>
      stream.once("response", resolve)
    )
    let body = ""
    for await (const chunk of stream) body += String(chunk)
    return { headers, body }
  })

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const form = "application/x-www-form-urlencoded"

describe("the request", () => {
  it.effect(
    "names the address that the host trusts its proxy for, and never a header by itself",
    () =>
      Effect.gen(function* () {
        const headers = { "x-forwarded-for": "203.0.113.9" }
        const plain = yield* mounted(echo)
        const proxied = yield* mounted(echo, {
          mount: { trustProxy: (request) => String(request.headers["x-forwarded-for"]) }
        })
        const unknown = yield* mounted(echo, { mount: { trustProxy: () => undefined } })
        const addressAt = (url: string) =>
          Effect.map(
            Effect.flatMap(ask(url, { headers }), json<Echoed>),
            (seen) => seen.clientAddress
          )
        assert.strictEqual(yield* addressAt(plain.url), "127.0.0.1")
        assert.strictEqual(yield* addressAt(proxied.url), "203.0.113.9")
        assert.isUndefined(yield* addressAt(unknown.url))
      })
  )

  it.effect("S-15 has no URL that its Host or forwarded headers can choose", () =>
    Effect.gen(function* () {
      const { port } = yield* mounted(echo)
      const said = yield* speak(
        port,
        "GET //evil.example/x HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
      )
      assert.include(said, '"url":"http://hawser.invalid//evil.example/x"')
    })
  )

  it.effect("in the absolute form of a proxy's client is its path", () =>
    Effect.gen(function* () {
      const { port } = yield* mounted(echo)
      const said = yield* speak(
        port,
        "GET http://u:p@evil.example/v1/integrations?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      )
      assert.include(said, '"url":"http://hawser.invalid/v1/integrations?x=1"')
    })
  )

  for (const [what, head] of [
    ["a target that is not a path", "GET nowhere HTTP/1.1\r\nHost: a"],
    ["a target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a"],
    ["a broken absolute target", "GET http://[/ HTTP/1.1\r\nHost: a"],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: a"]
  ] as const) {
    it.effect(`with ${what} is answered 400 and reaches no handler`, () =>
      Effect.gen(function* () {
        let calls = 0
        const { port, url } = yield* mounted(async () => {
          calls += 1
          return new Response("fine")
        })
        const said = yield* speak(port, `${head}\r\nConnection: close\r\n\r\n`)
        assert.match(said, /^HTTP\/1\.1 400 /)
        assert.strictEqual(calls, 0)
        assert.strictEqual((yield* ask(url)).status, 200)
      })
    )
  }

  it.effect("with a malformed Host is told so in the contract's error body", () =>
    Effect.gen(function* () {
      const { port } = yield* mounted(echo)
      const said = yield* speak(port, "GET / HTTP/1.1\r\nHost: u@a\r\nConnection: close\r\n\r\n")
      assert.include(said.toLowerCase(), "content-type: application/json")
      assert.include(said.toLowerCase(), "cache-control: no-store")
      const body = said.slice(said.indexOf("{"), said.lastIndexOf("}") + 1)
      assert.deepStrictEqual(JSON.parse(body), {
        error: "validation_error",
        message: "The request's Host header is malformed."
      })
    })
  )

  it.effect("with a header that only a lenient parser lets through is answered 400", () =>
    Effect.gen(function* () {
      const { port } = yield* mounted(echo, { server: { insecureHTTPParser: true } })
      const said = yield* speak(
        port,
        "GET / HTTP/1.1\r\nHost: a\r\nX-Odd: a\0b\r\nConnection: close\r\n\r\n"
      )
      assert.match(said, /^HTTP\/1\.1 400 /)
      assert.include(said, "The request's header is malformed.")
    })
  )

  it.effect("over HTTP/2 comes without pseudo headers", () =>
    Effect.gen(function* () {
      let names: ReadonlyArray<string> = []
      const { client } = yield* mountedOnHttp2(async (request) => {
        names = [...request.headers.keys()]
        return new Response(`${request.method} ${request.url} ${await request.text()}`, {
          headers: [
            ["set-cookie", "a=1"],
            ["set-cookie", "b=2"]
          ]
        })
      })
      const stream = client.request({ ":method": "POST", ":path": "/x?y", "x-custom": "1" })
      stream.end("body")
      const answer = yield* http2Answer(stream)
      assert.strictEqual(answer.body, "POST http://hawser.invalid/x?y body")
      assert.deepStrictEqual(answer.headers["set-cookie"], ["a=1", "b=2"])
      assert.deepStrictEqual(names, ["x-custom"])
    })
  )
})

describe("the body", () => {
  const post = (url: string, body: string, contentType: string) =>
    Effect.flatMap(
      ask(url, { method: "POST", headers: { "content-type": contentType }, body }),
      json<Echoed>
    )

  it.effect(
    "is taken from rawBody before body, and loses the content encoding that is no longer true",
    () =>
      Effect.gen(function* () {
        const { url } = yield* mounted(echo, {
          before: parsedAs(() => ({ rawBody: Buffer.from('{"a": 1}'), body: { a: 1 } }))
        })
        const response = yield* ask(url, {
          method: "POST",
          headers: { "content-type": "application/json", "content-encoding": "gzip" },
          body: "compressed"
        })
        const seen = yield* json<Echoed>(response)
        assert.strictEqual(seen.body, '{"a": 1}')
        assert.isNull(seen.contentEncoding)
      })
  )

  it.effect("that a form parser has read is a form again", () =>
    Effect.gen(function* () {
      const { url } = yield* mounted(echo, {
        before: parsedAs(() => ({ body: { state: "a b&c", code: ["1", "2"], nested: { x: "y" } } }))
      })
      const seen = yield* post(url, "ignored", form)
      assert.strictEqual(seen.body, "state=a+b%26c&code=1&code=2")
    })
  )

  it.effect("that a form parser has read is JSON only where nothing else stood there", () =>
    Effect.gen(function* () {
      for (const [parsed, written] of [
        [{ state: "" }, "state="],
        [{ "{a": "1" }, "%7Ba=1"],
        [{ "{a": "", b: "2" }, "%7Ba=&b=2"]
      ] as const) {
        const { url } = yield* mounted(echo, { before: parsedAs(() => ({ body: parsed })) })
        assert.strictEqual((yield* post(url, "ignored", form)).body, written)
      }
    })
  )

  /** Says whether its request's body was read before. */
  const used: Handler = async ({ bodyUsed }) => new Response(String(bodyUsed))

  it.effect("that somebody read and kept as null is one that was read, not awaited", () =>
    Effect.gen(function* () {
      const { url } = yield* mounted(used, { before: parsedAs(() => ({ body: null })) })
      const answer = yield* ask(url, { method: "POST", body: '{"a":1}' })
      assert.strictEqual(yield* Effect.promise(() => answer.text()), "true")
    })
  )

  it.effect("that somebody has read a part of is not what is left of it", () =>
    Effect.gen(function* () {
      const { promise: isRead, resolve: read } = Promise.withResolvers<void>()
      const { port } = yield* mounted(used, {
        before: (request, _response, next) => {
          request.once("data", () => {
            request.pause()
            read()
            next()
          })
        }
      })
      const answer = yield* Effect.promise(async () => {
        const sending = httpRequest({ port, host: "127.0.0.1", method: "POST" })
        sending.write("read by the host")
        await isRead
        sending.end("left over")
        const [response] = (await once(sending, "response")) as [IncomingMessage]
        return Buffer.concat(await response.toArray()).toString()
      })
      assert.strictEqual(answer, "true")
    })
  )

  it.effect("is read from the stream where a parser only left its empty object", () =>
    Effect.gen(function* () {
      const { url } = yield* mounted(echo, {
        before: (request, _response, next) => {
          Object.assign(request, { body: {} })
          next()
        }
      })
      assert.strictEqual((yield* post(url, '{"a":1}', form)).body, '{"a":1}')
    })
  )

  it.effect("that goes on is thrown away after 64 KiB, not kept", () =>
    Effect.gen(function* () {
      let goOn: () => void
      const isSent = new Promise<void>((resolve) => {
        goOn = resolve
      })
      const most = 16 * 1024 * 1024
      let kept = 0
      collectGarbage()
      const before = process.memoryUsage().arrayBuffers
      const { port } = yield* mounted(async () => {
        await isSent
        // What is collected is given back some turns later.
        for (let turn = 0; turn < 100; turn++) {
          collectGarbage()
          await nextTurn()
          kept = process.memoryUsage().arrayBuffers - before
          if (kept < most) break
        }
        return new Response(null, { status: 413 })
      })
      const chunk = Buffer.alloc(65_536)
      const status = yield* Effect.callback<number | undefined>((resume) => {
        const sending = httpRequest({ port, host: "127.0.0.1", method: "POST" }, (answer) => {
          resume(Effect.succeed(answer.statusCode))
          sending.destroy()
        })
        sending.on("error", () => undefined)
        const pour = (left: number) => {
          if (left > 0) sending.write(chunk, () => pour(left - 1))
          else sending.end(() => goOn())
        }
        pour(800)
      })
      assert.strictEqual(status, 413)
      assert.isBelow(kept, most)
    })
  )

  it.effect("over HTTP/2 that somebody read is one that was read, and empty where none came", () =>
    Effect.gen(function* () {
      const handle = nodeHandler(used)
      const server = createHttp2Server((request, response) => {
        request.on("end", () => setImmediate(() => handle(request, response))).resume()
      })
      const { port } = yield* listening(server)
      const client = connectHttp2(`http://127.0.0.1:${port}`)
      const send = (body?: string) => {
        const stream = client.request(
          { ":method": "POST", ":path": "/" },
          { endStream: body === undefined }
        )
        if (body !== undefined) stream.end(body)
        return http2Answer(stream)
      }
      assert.strictEqual((yield* send('{"a":1}')).body, "true")
      assert.strictEqual((yield* send()).body, "false")
      client.destroy()
    })
  )

  it.effect("that is cut off reaches no handler and ends no process", () =>
    Effect.gen(function* () {
      let calls = 0
      let cutOff: (outcome: Promise<string>) => void
      const outcomeOfBody = new Promise<string>((resolve) => {
        cutOff = resolve
      })
      const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
      const { port, url } = yield* mounted(
        async () => {
          calls += 1
          return new Response()
        },
        {
          before: (request, _response, next) => {
            if (request.method === "POST") {
              cutOff(readBody(request, new Map()).then(String, String))
              request.once("data", () => arrived())
            }
            next()
          }
        }
      )
      const socket = connect(port, "127.0.0.1", () =>
        socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
      )
      yield* Effect.promise(() => hasArrived)
      socket.destroy()
      const outcome = yield* Effect.promise(() => outcomeOfBody)
      assert.strictEqual(outcome, "Error: The client left in the middle of its request.")
      assert.strictEqual((yield* ask(url)).status, 200)
      assert.strictEqual(calls, 1)
    })
  )

  it.effect("that is cut off over HTTP/2 is not taken for a whole one", () =>
    Effect.gen(function* () {
      let arrived: (outcome: Promise<string>) => void
      const outcomeOfBody = new Promise<string>((resolve) => {
        arrived = resolve
      })
      const server = createHttp2Server((request) => {
        arrived(readBody(request, new Map()).then(String, String))
        stream.destroy()
      })
      const { port } = yield* listening(server)
      const client = connectHttp2(`http://127.0.0.1:${port}`)
      const stream = client.request({ ":method": "POST", ":path": "/" })
      stream.on("error", () => undefined)
      stream.write("half")
      const outcome = yield* Effect.promise(() => outcomeOfBody)
      client.destroy()
      assert.strictEqual(outcome, "Error: The client left in the middle of its request.")
    })
  )

  it.effect("of a request that is over before the mount sees it is not waited for", () =>
    Effect.gen(function* () {
      const request = new IncomingMessage(new Socket())
      request.destroy()
      yield* Effect.promise(() => new Promise((resolve) => request.once("close", resolve)))
      const outcome = yield* Effect.promise(() => readBody(request, new Map()).then(String, String))
      assert.strictEqual(outcome, "Error: The client left in the middle of its request.")
    })
  )

  it.effect("of a request that the host gives up meanwhile is not waited for", () =>
    Effect.gen(function* () {
      const request = new IncomingMessage(new Socket())
      const outcome = readBody(request, new Map()).then(String, String)
      request.destroy()
      assert.strictEqual(
        yield* Effect.promise(() => outcome),
        "Error: The client left in the middle of its request."
      )
    })
  )
})

describe("the answer", () => {
  it.effect("asks trustProxy only when the handler does, and knows who is at the other end", () =>
    Effect.gen(function* () {
      let asked = 0
      const { url } = yield* mounted(
        async (_, context) => Response.json(context?.clientAddress ?? null),
        {
          mount: {
            trustProxy: () => {
              asked += 1
              throw new Error("canary detail")
            }
          }
        }
      )
      assert.deepStrictEqual(yield* json(yield* ask(url)), {
        setting: "trustProxy",
        peer: "127.0.0.1"
      })
      assert.strictEqual(asked, 0)
    })
  )

  it.effect("adds its cookies, each on its own line, to those the host has set", () =>
    Effect.gen(function* () {
      const { url } = yield* mounted(
        async () =>
          new Response(null, {
            headers: [
              ["set-cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT"],
              ["set-cookie", "b=2"]
            ]
          }),
        {
          before: (_request, response, next) => {
            response.setHeader("set-cookie", ["host_app=1", "host_other=2"])
            response.setHeader("x-host", "kept")
            next()
          }
        }
      )
      const response = yield* ask(url)
      assert.deepStrictEqual(response.headers.getSetCookie(), [
        "host_app=1",
        "host_other=2",
        "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT",
        "b=2"
      ])
      assert.strictEqual(response.headers.get("x-host"), "kept")
    })
  )

  it.effect("that cannot be written ends the connection, not the process", () =>
    Effect.gen(function* () {
      const { url } = yield* mounted(async () => new Response("never seen"), {
        before: (_request, response, next) => {
          response.end = () => {
            throw new Error("of the host's middleware")
          }
          next()
        }
      })
      const outcome = yield* Effect.promise(() =>
        fetch(url).then(
          () => "answered",
          () => "ended"
        )
      )
      assert.strictEqual(outcome, "ended")
    })
  )

  it.effect("to HEAD over HTTP/2 is headers only", () =>
    Effect.gen(function* () {
      const { client } = yield* mountedOnHttp2(
        async () => new Response("nobody reads this", { status: 405 })
      )
      for (let i = 0; i < 2; i++) {
        const stream = client.request({ ":method": "HEAD", ":path": "/" })
        const { body, headers } = yield* http2Answer(stream)
        assert.strictEqual(headers[":status"], 405)
        assert.strictEqual(body, "")
        assert.strictEqual(stream.rstCode, 0)
      }
    })
  )
})

describe("a closed tab", () => {
  /** A handler that is at work until the client has gone, and whether its answer was written. */
  const abandoned = () => {
    const started = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    const finished = Promise.withResolvers<boolean>()
    let writes = 0
    const handler: Handler = async (request) => {
      started.resolve()
      await gone.promise
      finished.resolve(request.signal.aborted)
      return new Response("too late")
    }
    const watch = (response: NodeResponse) => {
      response.once("close", () => gone.resolve())
      Object.assign(response, { end: () => (writes += 1) })
    }
    const outcome = Effect.promise(async () => {
      const wasAborted = await finished.promise
      // Until the handler's answer has been read and dropped.
      for (let turn = 0; turn < 10; turn++) await nextTurn()
      return { wasAborted, writes }
    })
    return { handler, watch, outcome, hasStarted: Effect.promise(() => started.promise) }
  }

  it.effect("does not stop the handler's work, and nothing is written to it", () =>
    Effect.gen(function* () {
      const { handler, hasStarted, outcome, watch } = abandoned()
      const { port } = yield* mounted(handler, {
        before: (_request, response, next) => {
          watch(response)
          next()
        }
      })
      const socket = connect(port, "127.0.0.1", () =>
        socket.write("GET /v1/integrations/github/callback?code=x HTTP/1.1\r\nHost: a\r\n\r\n")
      )
      yield* hasStarted
      socket.destroy()
      assert.deepStrictEqual(yield* outcome, { wasAborted: false, writes: 0 })
    })
  )

  it.effect("does not over HTTP/2 either", () =>
    Effect.gen(function* () {
      const { handler, hasStarted, outcome, watch } = abandoned()
      const { client } = yield* mountedOnHttp2(handler, watch)
      const stream = client.request({ ":path": "/v1/integrations/github/callback?code=x" })
      yield* hasStarted
      stream.close()
      assert.deepStrictEqual(yield* outcome, { wasAborted: false, writes: 0 })
    })
  )
})
