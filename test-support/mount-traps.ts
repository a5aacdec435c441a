import type { EventEmitter } from "node:events"
import { request as httpRequest } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { gzipSync } from "node:zlib"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import {
  clientAddressOf,
  type Framework,
  type HostSettings,
  type Middleware,
  type MountedHandler,
  speak
} from "./mount-traps-host.ts"

interface Echoed {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly contentType: string | null
  readonly contentLength: string | null
  readonly contentEncoding: string | null
  readonly cookie: string | null
  readonly authorization: string | null
  readonly clientAddress?: string
}

/** Says what the handler was given. */
const echo: MountedHandler = async (request, context) =>
  Response.json({
    method: request.method,
    url: request.url,
    body: await request.text(),
    contentType: request.headers.get("content-type"),
    contentLength: request.headers.get("content-length"),
    contentEncoding: request.headers.get("content-encoding"),
    cookie: request.headers.get("cookie"),
    authorization: request.headers.get("authorization"),
    clientAddress: clientAddressOf(context)
  } satisfies Omit<Echoed, "clientAddress"> & { clientAddress: string | undefined })

const base = "/v1/integrations"
const form = "application/x-www-form-urlencoded"
const close = "Connection: close\r\n\r\n"

/** Reads the body to its end and keeps nothing of it. */
const swallow: Middleware = (request, _response, next) => {
  // Only afterwards, as behind an `await`: nothing more will ever come from the stream.
  request.on("end", () => setImmediate(next)).resume()
}

/** What has gone wrong on real mounts, tried on one of ours: the rows of the table of traps, and the seams' promises. */
export const mountTraps = (name: string, framework: Framework): void => {
  const { parsers } = framework

  const start = async (settings: HostSettings) => {
    const host = await framework.start(settings)
    onTestFinished(async () => {
      const closed = host.close()
      // A client that had its answer before it had sent everything is not idle, and may stay.
      host.server.closeAllConnections()
      await closed
    })
    const { port } = host.server.address() as AddressInfo
    const origin = `http://127.0.0.1:${port}`
    return { close: host.close, port, origin, url: `${origin}${base}` }
  }
  const open = (handler: MountedHandler, settings: Partial<HostSettings> = {}) =>
    start({ mounts: [{ at: base, handler }], ...settings })

  const ask = async (url: string, init?: RequestInit): Promise<Echoed> => {
    const response = await fetch(url, init)
    expect(response.status).toBe(200)
    return (await response.json()) as Echoed
  }
  const post = (url: string, body: string | Uint8Array<ArrayBuffer>, contentType: string) =>
    ask(url, { method: "POST", headers: { "content-type": contentType }, body })

  /** Any method, which fetch would not send. */
  const send = (port: number, method: string, path: string) =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        const sending = httpRequest({ port, host: "127.0.0.1", method, path }, (answer) => {
          let body = ""
          answer.on("data", (chunk) => (body += String(chunk)))
          answer.on("end", () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body })
          )
        })
        sending.on("error", reject).end()
      }
    )

  describe(`${name}: the path`, () => {
    it("trap 6: is the whole path, prefix included, wherever the mount is", async () => {
      const { origin } = await start({
        mounts: ["", "/one/v1/integrations", "/two"].map((at) => ({ at, handler: echo }))
      })
      for (const prefix of ["", "/one", "/two"]) {
        const path = `${prefix}${base}/github/connect?a=1`
        expect((await ask(origin + path)).url).toBe(`http://hawser.invalid${path}`)
      }
    })

    it("trap 6: that is not the contract's stays the host's", async () => {
      const { origin } = await start({ mounts: [{ at: "", handler: echo }] })
      const own = await fetch(`${origin}/own`)
      expect(await own.text()).toBe("own")
      for (const path of ["/", "/v1", "/v1/integrationsx", "/x/v1/integrations"]) {
        const answer = await fetch(origin + path)
        expect(answer.status).toBe(404)
        expect(await answer.text()).not.toContain("hawser.invalid")
      }
    })

    it("trap 16: may end in a slash, or be the mount's own", async () => {
      const { url } = await open(echo)
      for (const end of ["", "/", "?a=1", "/?a=1", "/github/", "/github//"]) {
        expect((await ask(url + end)).url).toBe(`http://hawser.invalid${base}${end}`)
      }
    })

    it("may have long segments and escaped ones", async () => {
      const { url } = await open(echo)
      for (const end of [`/${"x".repeat(2000)}`, "/a%2Fb", "/%C3%BC", "/a;b"]) {
        expect((await ask(url + end)).url).toBe(`http://hawser.invalid${base}${end}`)
      }
    })

    it("with escapes that are none is answered, and not by an error of the server", async () => {
      const { port } = await open(echo)
      expect((await send(port, "GET", `${base}/%zz`)).status).toBeLessThan(500)
    })

    it("trap 18: keeps a query's repeated and nested names as they came", async () => {
      const { url } = await open(echo)
      const query = "?state=a&state=b&state[]=c&state[x]=d&code=e%20f+g"
      expect((await ask(url + query)).url).toBe(`http://hawser.invalid${base}${query}`)
    })
  })

  describe(`${name}: the request`, () => {
    it("of every method reaches the handler, so that 405 is the handler's", async () => {
      const { port } = await open(
        async (request) => new Response(null, { headers: { "x-method": request.method } })
      )
      for (const path of [base, `${base}/github/connect`]) {
        for (const method of [
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "PATCH",
          "DELETE",
          "OPTIONS",
          "PROPFIND",
          "PURGE",
          "QUERY"
        ]) {
          expect((await send(port, method, path)).headers["x-method"]).toBe(method)
        }
      }
    })

    it("by a method that the Fetch standard forbids is 405, with Allow", async () => {
      const { port } = await open(echo)
      const { headers, status } = await send(port, "TRACE", base)
      expect(status).toBe(405)
      expect(headers["allow"]).toBe("GET, POST, PUT, DELETE")
    })

    it("of Hawser's own handler is plain values, and neither Request nor Response is made", async () => {
      // Making one throws.
      vi.stubGlobal("Request", undefined)
      vi.stubGlobal("Response", undefined)
      onTestFinished(() => void vi.unstubAllGlobals())
      const handler: MountedHandler = Object.assign(() => Promise.reject(new Error("web")), {
        answer: async ({ body, header, method, path, query }) => ({
          status: 201,
          headers: {
            "content-type": "text/html",
            "x-host": "named again",
            "set-cookie": ["a=1", "b=2"]
          },
          body: [
            method,
            path,
            query,
            header("x-one"),
            header("x-none"),
            new TextDecoder().decode(await body())
          ].join()
        })
      } satisfies Pick<MountedHandler, "answer">)
      const { port } = await open(handler)
      const said = await speak(
        port,
        `POST ${base}/forge/connect?a=1 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nContent-Length: 2\r\n${close}ü`
      )
      const body = `POST,${base}/forge/connect,?a=1,1,,ü`
      expect(said).toMatch(/^HTTP\/1\.1 201 /)
      expect(said).toContain(`\r\n\r\n${body}`)
      for (const line of [
        "content-type: text/html",
        "x-host: named again",
        `content-length: ${Buffer.byteLength(body)}`
      ]) {
        expect(said.toLowerCase()).toContain(`\r\n${line}\r\n`)
      }
      expect(said.match(/(?<=set-cookie: ).*/gi)).toEqual(["host_app=1", "a=1", "b=2"])
    })

    it("comes with the framework's own, for the host's hooks", async () => {
      let native: unknown
      const { url } = await open(async (_request, context) => {
        native = context?.native
        return new Response()
      })
      await fetch(url)
      expect((native as { session?: string }).session).toBe("of the host")
    })

    for (const host of [
      "a b",
      "http://a/",
      "u@a",
      "[::1",
      "a:port",
      "",
      "a\r\nHost: b",
      "a,b",
      "<script>"
    ]) {
      it(`trap 4: with the Host ${JSON.stringify(host)} is 400 and ends nothing`, async () => {
        let calls = 0
        const { port, url } = await open(async () => {
          calls += 1
          return new Response()
        })
        const said = await speak(port, `GET ${base} HTTP/1.1\r\nHost: ${host}\r\n${close}`)
        expect(said).toMatch(/^HTTP\/1\.1 400 /)
        expect(said).toContain('"error":"validation_error"')
        expect(calls).toBe(0)
        expect((await fetch(url)).status).toBe(200)
      })
    }

    for (const header of [
      "X-Forwarded-Host: [::1",
      "X-Forwarded-Proto: javascript",
      "X-Forwarded-For: ,,not an address,",
      'Forwarded: for="',
      "X-Forwarded-Port: -1"
    ]) {
      it(`trap 4: with "${header}" is a request as any other`, async () => {
        const { port } = await open(echo, { trustsProxy: true })
        const said = await speak(port, `GET ${base} HTTP/1.1\r\nHost: a\r\n${header}\r\n${close}`)
        expect(said).toMatch(/^HTTP\/1\.1 200 /)
      })
    }

    it("S-15 trap 7: has no URL that its Host or forwarded headers can choose", async () => {
      const { port } = await open(echo, { trustsProxy: true })
      const said = await speak(
        port,
        `GET ${base} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n` +
          `X-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /evil\r\n${close}`
      )
      expect(said).toContain(`"url":"http://hawser.invalid${base}"`)
    })

    it("trap 8: comes from the address that the host's own trust setting says", async () => {
      const headers = { "x-forwarded-for": "203.0.113.9" }
      const plain = await open(echo)
      const proxied = await open(echo, { trustsProxy: true })
      expect((await ask(plain.url, { headers })).clientAddress).toMatch(/^(::ffff:)?127\.0\.0\.1$/)
      expect((await ask(proxied.url, { headers })).clientAddress).toBe("203.0.113.9")
    })

    it("trap 19: brings the cookies of all flows, and both of two Authorization headers", async () => {
      const { port } = await open(echo)
      const said = await speak(
        port,
        `GET ${base} HTTP/1.1\r\nHost: a\r\nCookie: __Host-a=1; __Host-b=2\r\n` +
          `Authorization: Bearer one\r\nAuthorization: Bearer two\r\n${close}`
      )
      expect(said).toContain('"cookie":"__Host-a=1; __Host-b=2"')
      expect(said).toContain('"authorization":"Bearer one, Bearer two"')
    })
  })

  describe(`${name}: the headers`, () => {
    const behind = async (
      change: (headers: Record<string, unknown>) => void,
      sent: ReadonlyArray<string>
    ): Promise<string> => {
      const seen: MountedHandler = async ({ headers }) =>
        new Response(JSON.stringify([headers.get("authorization"), headers.get("x-tenant")]))
      const { port } = await open(seen, {
        middleware: (request, _response, next) => {
          change(request.headers)
          next()
        }
      })
      const lines = sent.map((line) => `${line}\r\n`).join("")
      const said = await speak(port, `GET ${base} HTTP/1.1\r\nHost: a\r\n${lines}${close}`)
      return /(HTTP\/1\.1 400|\[.*\])/.exec(said)?.[0] ?? said
    }
    const token = "Authorization: Bearer sent"

    it("that middleware has removed are not there: a token that it took away authenticates nobody", async () => {
      const removed = "[null,null]"
      const remove = (headers: Record<string, unknown>) => delete headers["authorization"]
      expect(await behind(remove, [token])).toBe(removed)
      expect(await behind(remove, [token, "Authorization: Bearer second"])).toBe(removed)
      for (const nothing of [undefined, null]) {
        const empty = (headers: Record<string, unknown>) => (headers["authorization"] = nothing)
        expect(await behind(empty, [token])).toBe(removed)
      }
    })

    it("that middleware has added or replaced are what it made them", async () => {
      const change = (headers: Record<string, unknown>) => {
        headers["authorization"] = "Bearer exchanged"
        headers["x-tenant"] = ["one", 2]
      }
      const changed = '["Bearer exchanged","one, 2"]'
      expect(await behind(change, [])).toBe(changed)
      expect(await behind(change, [token])).toBe(changed)
      expect(await behind(change, [token, "X-Tenant: of the client", "X-Tenant: twice"])).toBe(
        changed
      )
    })

    it("that came twice and may not stay both, also where middleware has put one in their place", async () => {
      const exchange = (headers: Record<string, unknown>) => {
        headers["authorization"] = "Bearer exchanged"
      }
      const second = "authorization: Bearer second"
      for (const change of [exchange, () => undefined]) {
        expect(await behind(change, [token, second])).toBe('["Bearer sent, Bearer second",null]')
      }
    })

    it("under two spellings of one name are both there", async () => {
      const add = (headers: Record<string, unknown>) => {
        headers["Authorization"] = "Bearer added"
      }
      expect(await behind(add, [token])).toBe('["Bearer sent, Bearer added",null]')
    })

    it("that no header can be are 400", async () => {
      for (const value of ["a\r\nX-Other: b", {}, [{}]]) {
        const spoil = (headers: Record<string, unknown>) => {
          headers["x-tenant"] = value
        }
        expect(await behind(spoil, [token])).toBe("HTTP/1.1 400")
      }
    })
  })

  describe(`${name}: the body`, () => {
    for (const contentType of [
      "application/json",
      "application/json; charset=utf-16",
      "text/plain",
      form,
      "multipart/form-data; boundary=x",
      "application/unheard-of",
      "image/png"
    ]) {
      it(`trap 13: of ${contentType} arrives as it was sent`, async () => {
        const { url } = await open(echo)
        const seen = await post(url, '{ "label":"ü"', contentType)
        expect(seen.body).toBe('{ "label":"ü"')
        expect(seen.contentType).toBe(contentType)
        expect(seen.contentLength).toBe("14")
      })
    }

    it("trap 13: without content type arrives too", async () => {
      const { port } = await open(echo)
      const said = await speak(
        port,
        `POST ${base} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n${close}body`
      )
      expect(said).toContain('"body":"body","contentType":null')
    })

    it("that is not there is empty", async () => {
      const { port } = await open(echo)
      for (const method of ["POST", "PUT", "DELETE"]) {
        expect((JSON.parse((await send(port, method, base)).body) as Echoed).body).toBe("")
      }
    })

    it("of a GET is not waited for", async () => {
      const { port } = await open(echo)
      const said = await speak(
        port,
        `GET ${base} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n${close}`
      )
      expect(said).toContain('"body":""')
    })

    it("of 64 KiB arrives whole, and a byte more as the sign that there was more", async () => {
      const { url } = await open(async (request) => {
        const { byteLength } = await request.arrayBuffer()
        return new Response(String(byteLength), { status: byteLength > 65_536 ? 413 : 200 })
      })
      for (const contentType of ["application/json", form]) {
        for (const [sent, status, read] of [
          [65_536, 200, "65536"],
          [65_537, 413, "65537"],
          [3_000_000, 413, "65537"]
        ] as const) {
          const response = await fetch(url, {
            method: "POST",
            headers: { "content-type": contentType },
            body: "x".repeat(sent)
          })
          expect(response.status).toBe(status)
          expect(await response.text()).toBe(read)
        }
      }
    })

    it("that never ends is answered when 64 KiB of it are there", async () => {
      const { port } = await open(async (request) => {
        const { byteLength } = await request.arrayBuffer()
        return new Response(null, { status: byteLength > 65_536 ? 413 : 200 })
      })
      const status = await new Promise<number | undefined>((resolve) => {
        const sending = httpRequest(
          { port, host: "127.0.0.1", method: "POST", path: base },
          (answer) => {
            resolve(answer.statusCode)
            sending.destroy()
          }
        )
        sending.on("error", () => undefined)
        const pour = () => {
          if (!sending.destroyed) sending.write("x".repeat(16_384), pour)
        }
        pour()
      })
      expect(status).toBe(413)
    })

    it("trap 1: that a JSON parser has read is taken from there", async () => {
      const { url } = await open(echo, { middleware: parsers.json })
      const seen = await post(url, '{ "redirectUrl": "https://app.example/ü" }', "application/json")
      expect(JSON.parse(seen.body)).toStrictEqual({ redirectUrl: "https://app.example/ü" })
      expect(seen.contentType).toBe("application/json")
      expect(seen.contentLength).toBeNull()
    })

    it("trap 1: that is not there does not hang behind a JSON parser", async () => {
      const { url } = await open(echo, { middleware: parsers.json })
      expect((await ask(url, { method: "POST" })).body).toBe("")
      expect((await post(url, "", "application/json")).body).toMatch(/^(\{\})?$/)
    })

    it("trap 1: that a parser has left alone is read", async () => {
      for (const middleware of [parsers.json, parsers.form]) {
        const { url } = await open(echo, { middleware })
        expect((await post(url, "plain", "text/plain")).body).toBe("plain")
      }
    })

    it("trap 1: that somebody has read and not kept is one that was read, and not awaited without end", async () => {
      const { port, url } = await open(
        async ({ bodyUsed }) => new Response(bodyUsed ? "read before" : "unread"),
        { middleware: swallow }
      )
      const head = { method: "POST", headers: { "content-type": "application/json" } }
      expect(await (await fetch(url, { ...head, body: '{"a":1}' })).text()).toBe("read before")
      expect(await (await fetch(url, head)).text()).toBe("unread")
      const chunked = `POST ${base} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n`
      expect(await speak(port, `${chunked}${close}1\r\na\r\n0\r\n\r\n`)).toContain("read before")
    })

    it("trap 2: that a raw or a text parser has kept is those bytes", async () => {
      for (const middleware of [parsers.raw, parsers.text]) {
        const { url } = await open(echo, { middleware })
        const seen = await post(url, '{ "a":"ü"}', "application/json")
        expect(seen.body).toBe('{ "a":"ü"}')
        expect(seen.contentLength).toBeNull()
      }
    })

    it("trap 2: that a parser has unpacked is not said to be packed", async () => {
      for (const middleware of [parsers.json, parsers.raw]) {
        const { url } = await open(echo, { middleware })
        const seen = await ask(url, {
          method: "POST",
          headers: { "content-type": "application/json", "content-encoding": "gzip" },
          body: new Uint8Array(gzipSync('{"a":1}'))
        })
        expect(seen.body).toBe('{"a":1}')
        expect(seen.contentEncoding).toBeNull()
      }
    })

    it("trap 3: of a form_post callback is that form, also behind a form parser", async () => {
      const body = "state=a+b%26c&code=1&code=2"
      for (const middleware of [undefined, parsers.json, parsers.form, parsers.raw]) {
        const { url } = await open(echo, { ...(middleware && { middleware }) })
        expect((await post(`${url}/github/callback`, body, form)).body).toBe(body)
      }
    })

    it("of the reference's curl lines survives a form parser", async () => {
      const { url } = await open(echo, { middleware: parsers.form })
      const body = '{"redirectUrl":"https://app.example/done"}'
      expect((await post(url, body, form)).body).toBe(body)
    })

    it("that is cut off reaches no handler and ends nothing", async () => {
      let calls = 0
      const { port, url } = await open(async () => {
        calls += 1
        return new Response()
      })
      await new Promise<void>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.end(`POST ${base} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf`)
        })
        socket.on("close", () => resolve()).resume()
      })
      expect((await fetch(url)).status).toBe(200)
      expect(calls).toBe(1)
    })
  })

  describe(`${name}: the answer`, () => {
    const wrongs: Readonly<Record<string, MountedHandler>> = {
      rejects: () => Promise.reject(new Error("canary detail")),
      throws: () => {
        throw new Error("canary detail")
      },
      "answers with a body that breaks": async () =>
        new Response(
          new ReadableStream({ start: (body) => body.error(new Error("canary detail")) })
        ),
      "answers with a body that was read": async () => {
        const response = new Response("canary detail")
        await response.text()
        return response
      }
    }
    for (const [how, handler] of Object.entries(wrongs)) {
      it(`S-70 trap 5: of a handler that ${how} is 500 without details`, async () => {
        const { url } = await open(handler)
        const response = await fetch(url)
        const body = await response.text()
        expect(response.status).toBe(500)
        expect(response.headers.get("content-type")).toMatch(/^application\/json\b/)
        expect((JSON.parse(body) as { error: string }).error).toBe("internal_error")
        expect(body).not.toContain("canary")
      })
    }

    it("traps 9, 10: adds its cookies, each by itself, to the host's", async () => {
      const { url } = await open(
        async () =>
          new Response(null, {
            headers: [
              ["set-cookie", "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT"],
              ["set-cookie", "b=2"]
            ]
          })
      )
      expect((await fetch(url)).headers.getSetCookie()).toStrictEqual([
        "host_app=1",
        "a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT",
        "b=2"
      ])
    })

    it("traps 10, 14: keeps the host's cookies and headers where it has none", async () => {
      for (const handler of [echo, wrongs["rejects"] ?? echo]) {
        const { headers } = await fetch((await open(handler)).url)
        expect(headers.getSetCookie()).toStrictEqual(["host_app=1"])
        expect(headers.get("x-host")).toBe("kept")
      }
    })

    it("keeps its own headers", async () => {
      const { url } = await open(
        async () =>
          new Response("<p>no flow</p>", {
            status: 400,
            headers: { "content-type": "text/html; charset=utf-8", "x-host": "named again" }
          })
      )
      const { headers, status } = await fetch(url)
      expect(status).toBe(400)
      expect(headers.get("content-type")).toBe("text/html; charset=utf-8")
      expect(headers.get("x-host")).toBe("named again")
    })

    it("trap 12: to HEAD is headers only, and the connection goes on", async () => {
      const { port } = await open(
        async () => new Response("nobody reads this", { status: 405, headers: { allow: "GET" } })
      )
      const head = `HEAD ${base} HTTP/1.1\r\nHost: a\r\n`
      const said = await speak(port, `${head}\r\n${head}${close}`)
      expect(said.match(/HTTP\/1\.1 405 /g)).toHaveLength(2)
      expect(said.match(/\r\nallow: GET\r\n/gi)).toHaveLength(2)
      expect(said).not.toContain("nobody")
    })

    for (const status of [200, 204, 303, 304]) {
      it(`trap 12: of status ${status} without a body has none, and no content type`, async () => {
        const { url } = await open(
          async () =>
            new Response(null, { status, headers: { location: "https://app.example/?a=b" } })
        )
        const response = await fetch(url, { redirect: "manual" })
        expect(response.status).toBe(status)
        expect(response.headers.get("location")).toBe("https://app.example/?a=b")
        expect(response.headers.get("content-type")).toBeNull()
        expect(await response.text()).toBe("")
      })
    }

    it("trap 15: that is a stream or bytes arrives whole", async () => {
      const bytes = new Uint8Array([0, 255, 10, 200])
      const bodies = [bytes, new Blob([bytes]).stream()]
      const { url } = await open(
        async () => new Response(bodies.pop() ?? null, { headers: { "content-type": "image/png" } })
      )
      for (let i = 0; i < 2; i++) {
        const response = await fetch(url)
        expect(response.headers.get("content-length")).toBe("4")
        expect(response.headers.get("content-type")).toBe("image/png")
        expect(new Uint8Array(await response.arrayBuffer())).toStrictEqual(bytes)
      }
    })

    it("is left out where the host has answered meanwhile", async () => {
      const started = Promise.withResolvers<void>()
      const mayGoOn = Promise.withResolvers<void>()
      let overtake = (): void => undefined
      const { url } = await open(
        async () => {
          started.resolve()
          await mayGoOn.promise
          return new Response("late")
        },
        { overtake: (answer) => (overtake = answer) }
      )
      const answer = fetch(url)
      await started.promise
      overtake()
      const response = await answer
      expect(response.status).toBe(503)
      expect(await response.text()).toBe("the host's own")
      mayGoOn.resolve()
      overtake = () => undefined
      expect(await (await fetch(url)).text()).toBe("late")
    })
  })

  describe(`${name}: the process`, () => {
    it("trap 11: finishes the work of a closed tab, which no signal stops", async () => {
      const started = Promise.withResolvers<void>()
      const left = Promise.withResolvers<void>()
      const stored = Promise.withResolvers<void>()
      let wasAborted: boolean | undefined
      const { port, url } = await open(async (request, context) => {
        if (!request.url.includes("code=")) return new Response("fine")
        const native = context?.native as { readonly socket: EventEmitter } | undefined
        native?.socket.once("close", left.resolve)
        started.resolve()
        await left.promise
        // What follows the socket's end follows at once.
        await new Promise((resolve) => setImmediate(resolve))
        wasAborted = request.signal.aborted
        stored.resolve()
        return new Response("too late")
      })
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET ${base}/github/callback?code=x HTTP/1.1\r\nHost: a\r\n\r\n`)
      )
      await started.promise
      socket.destroy()
      await stored.promise
      expect(wasAborted).toBe(false)
      expect(await (await fetch(url)).text()).toBe("fine")
    })

    it("finishes a callback in flight when it is asked to stop", async () => {
      const started = Promise.withResolvers<void>()
      const mayGoOn = Promise.withResolvers<void>()
      const { close, url } = await open(async () => {
        started.resolve()
        await mayGoOn.promise
        return new Response("stored")
      })
      const answer = fetch(`${url}/github/callback?code=x`, {
        headers: { connection: "close" }
      })
      await started.promise
      let isClosed = false
      const closed = close().then(() => (isClosed = true))
      // The listening socket is gone when a new connection is refused; what is in flight is not.
      await expect(fetch(url)).rejects.toThrow()
      expect(isClosed).toBe(false)
      mayGoOn.resolve()
      expect(await (await answer).text()).toBe("stored")
      await closed
    })

    it("may have several mounts on one host, and several hosts", async () => {
      const saying =
        (word: string): MountedHandler =>
        async () =>
          new Response(word)
      const first = await start({
        mounts: [
          { at: `/eu${base}`, handler: saying("eu") },
          { at: `/us${base}`, handler: saying("us") }
        ]
      })
      const second = await open(saying("second"))
      const said = await Promise.all(
        [`${first.origin}/eu${base}`, `${first.origin}/us${base}/x`, second.url].map(async (url) =>
          (await fetch(url)).text()
        )
      )
      expect(said).toStrictEqual(["eu", "us", "second"])
    })
  })
}
