import cookie from "@fastify/cookie"
import cors from "@fastify/cors"
import helmet from "@fastify/helmet"
import type { Handler } from "@hawser/node"
import express from "express"
import { fastify, type FastifyInstance, type FastifyServerOptions } from "fastify"
import { Agent, request } from "node:http"
import { connect } from "node:http2"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { createGunzip, type Gunzip, gzipSync } from "node:zlib"
import { describe, expect, it, onTestFinished } from "vitest"
import { fastifyCallback, fastifyHawser } from "../src/index.ts"

const prefix = "/v1/integrations"

const echo: Handler = async (request) =>
  Response.json({
    path: new URL(request.url).pathname,
    body: await request.text(),
    encoding: request.headers.get("content-encoding"),
    names: [...request.headers.keys()]
  })

/** A host, closed after the test. */
const host = (options: FastifyServerOptions = {}): FastifyInstance => {
  const app = fastify(options)
  onTestFinished(async () => app.close())
  return app
}

const portOf = (app: { readonly server: { address: () => AddressInfo | string | null } }): number =>
  (app.server.address() as AddressInfo).port

const json = { "content-type": "application/json" }

describe("where it is registered", () => {
  it("the contract is at its prefix, where that ends in the contract's path", async () => {
    const app = host()
    await app.register(fastifyHawser(echo), { prefix: "/eu/v1/integrations" })
    expect((await app.inject("/eu/v1/integrations/catalog")).statusCode).toBe(200)
    expect((await app.inject("/v1/integrations")).statusCode).toBe(404)
  })

  it("a callback path that is not the contract's is answered where it is registered", async () => {
    const app = host()
    await app.register(fastifyHawser(echo), { prefix })
    await app.register(fastifyCallback(echo), { prefix: "/auth/github/callback" })
    const form = { "content-type": "application/x-www-form-urlencoded" }
    for (const request of [
      { method: "GET", url: "/auth/github/callback?state=x" },
      { method: "POST", url: "/auth/github/callback", headers: form, payload: "state=x" }
    ] as const) {
      const { path } = (await app.inject(request)).json<{ path: string }>()
      expect(path).toBe("/auth/github/callback")
    }
    expect((await app.inject("/auth/github")).statusCode).toBe(404)
  })

  it("the contract is below any other prefix, also one of an outer scope", async () => {
    const app = host()
    await app.register(
      async (api) => {
        await api.register(fastifyHawser(echo))
        api.get("/users", async () => "users")
        api.setNotFoundHandler(async () => "the scope's own 404")
      },
      { prefix: "/api" }
    )
    await app.register(fastifyHawser(echo))
    for (const outer of ["/api", ""]) {
      const { path } = (await app.inject(`${outer}/v1/integrations/x`)).json<{ path: string }>()
      expect(path).toBe(`${outer}/v1/integrations/x`)
    }
    expect((await app.inject("/api/users")).body).toBe("users")
    expect((await app.inject("/api/nowhere")).body).toBe("the scope's own 404")
  })

  it("a scope that is at the contract's path keeps its own 404 handler", async () => {
    const app = host()
    await app.register(
      async (scope) => {
        scope.setNotFoundHandler(async () => "the scope's own 404")
        await scope.register(fastifyHawser(echo))
      },
      { prefix }
    )
    for (const url of [prefix, `${prefix}/`, `${prefix}/catalog`]) {
      for (const method of ["GET", "HEAD", "PATCH", "OPTIONS"] as const) {
        expect((await app.inject({ method, url })).headers["content-type"]).toBe("application/json")
      }
    }
  })

  it("a path that rewriteUrl has changed is the one that came", async () => {
    const app = host({ rewriteUrl: ({ url = "" }) => url.replace("/outside", "") })
    await app.register(fastifyHawser(echo), { prefix })
    const { path } = (await app.inject(`/outside${prefix}`)).json<{ path: string }>()
    expect(path).toBe(`/outside${prefix}`)
  })
})

describe("the host's own routes", () => {
  it("keep their parsers and their error handler", async () => {
    const app = host()
    app.setErrorHandler(async (_error, _request, reply) => reply.code(418).send("the host's"))
    await app.register(fastifyHawser(echo), { prefix })
    app.post("/own", async ({ body }) => body)
    const own = await app.inject({ method: "POST", url: "/own", headers: json, payload: '{"a":1}' })
    expect(own.json()).toStrictEqual({ a: 1 })
    const other = { method: "POST", url: "/own", payload: "x" } as const
    const refused = await app.inject({ ...other, headers: { "content-type": "text/csv" } })
    expect(refused.statusCode).toBe(418)
  })
})

describe("the host's body limit", () => {
  it("is for its own routes: the handler's is the contract's", async () => {
    const app = host({ bodyLimit: 10 })
    await app.register(fastifyHawser(echo), { prefix })
    const body = "x".repeat(65_536)
    const answer = await app.inject({ method: "POST", url: prefix, headers: json, payload: body })
    expect(answer.json()).toMatchObject({ body })
  })
})

describe("the host's plugins and hooks", () => {
  it("trap 14: CORS, helmet and cookies are in the answer, and preflight is theirs", async () => {
    const app = host()
    await app.register(cors, { origin: "https://app.example", credentials: true })
    await app.register(helmet)
    await app.register(cookie)
    app.addHook("onRequest", async (_request, reply) => void reply.setCookie("host_app", "1"))
    const answer: Handler = async () =>
      new Response("{}", {
        headers: [
          ["content-type", "application/json"],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"]
        ]
      })
    await app.register(fastifyHawser(answer), { prefix })

    const { headers } = await app.inject({
      url: prefix,
      headers: { origin: "https://app.example" }
    })
    expect(headers["access-control-allow-origin"]).toBe("https://app.example")
    expect(headers["access-control-allow-credentials"]).toBe("true")
    expect(headers["x-content-type-options"]).toBe("nosniff")
    expect(headers["content-type"]).toBe("application/json")
    expect(new Set([headers["set-cookie"]].flat())).toStrictEqual(
      new Set(["a=1", "b=2", "host_app=1; SameSite=Lax"])
    )

    const preflight = await app.inject({
      method: "OPTIONS",
      url: `${prefix}/github/connect`,
      headers: { origin: "https://app.example", "access-control-request-method": "POST" }
    })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers["access-control-allow-origin"]).toBe("https://app.example")
  })

  it("trap 10: a cookie that middleware has set on the raw response stays", async () => {
    const app = host()
    app.addHook("onRequest", async (_request, reply) => {
      reply.raw.setHeader("set-cookie", "middleware=1")
    })
    const answer: Handler = async () => new Response(null, { headers: { "set-cookie": "a=1" } })
    await app.register(fastifyHawser(answer), { prefix })
    expect((await app.inject(prefix)).headers["set-cookie"]).toStrictEqual(["middleware=1", "a=1"])
  })

  it("a hook that refuses is answered by the host's error handler, and the handler not asked", async () => {
    let calls = 0
    const app = host()
    app.addHook("preHandler", async () => {
      throw new Error("not from here")
    })
    app.setErrorHandler(async (error, _request, reply) => reply.code(403).send(String(error)))
    await app.register(
      fastifyHawser(async () => {
        calls += 1
        return new Response()
      }),
      { prefix }
    )
    for (const contentType of ["application/json", "malformed", undefined]) {
      const answer = await app.inject({
        method: "POST",
        url: prefix,
        payload: "{}",
        headers: { ...(contentType !== undefined && { "content-type": contentType }) }
      })
      expect(answer.statusCode).toBe(contentType === "malformed" ? 415 : 403)
    }
    expect(calls).toBe(0)
  })

  it("a request that the host has answered is not answered again, nor is that logged", async () => {
    const lines: Array<string> = []
    const logger = { level: "warn", stream: { write: (line: string) => void lines.push(line) } }
    const app = host({ logger })
    const answered = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    app.addHook("onRequest", async (_request, reply) => {
      setImmediate(() => {
        reply.code(503).send("the host's own")
        answered.resolve()
      })
    })
    const late: Handler = async () => {
      await answered.promise
      setImmediate(() => setImmediate(written.resolve))
      return new Response()
    }
    await app.register(fastifyHawser(late), { prefix })
    expect((await app.inject(prefix)).body).toBe("the host's own")
    await written.promise
    expect(lines).toStrictEqual([])
  })

  it("trap 1: a parser of Express's on the raw request leaves a body that Fastify does not see", async () => {
    const app = host()
    app.addHook("onRequest", (request, reply, done) => {
      express.json()(request.raw, reply.raw, done)
    })
    await app.register(fastifyHawser(echo), { prefix })
    const answer = await app.inject({ method: "POST", url: prefix, headers: json, payload: "[1]" })
    expect(answer.json()).toMatchObject({ body: "[1]" })
  })
})

it("a mount of something else than a handler stops the start, and names itself", () => {
  const hawser = { handler: echo } as never
  expect(() => fastifyHawser(hawser)).toThrow("fastifyHawser: Give it hawser.handler, a function.")
  expect(() => fastifyCallback(hawser)).toThrow("fastifyCallback: Give it hawser.handler")
})

it("a hook that sets `request.headers` adds to those that came, replaces and takes away", async () => {
  const app = fastify()
  const hook: { set: Record<string, string | undefined> } = { set: {} }
  app.addHook("onRequest", async (request) => {
    request.headers = hook.set
  })
  const seen: Handler = async ({ headers }) =>
    Response.json([headers.get("authorization"), headers.get("x-one")])
  await app.register(fastifyHawser(seen), { prefix: "/v1/integrations" })
  const ask = async (set: typeof hook.set) => {
    hook.set = set
    const headers = { authorization: "Bearer sent", "x-one": "1" }
    return (await app.inject({ url: "/v1/integrations", headers })).json<unknown>()
  }
  expect(await ask({})).toEqual(["Bearer sent", "1"])
  expect(await ask({ authorization: "Bearer exchanged" })).toEqual(["Bearer exchanged", "1"])
  expect(await ask({ authorization: undefined, "x-one": "2" })).toEqual([null, "2"])
  await app.close()
})

describe("a hook that replaces or unpacks bodies", () => {
  const unpacking = async (handler: Handler, unpacker = createGunzip) => {
    const app = host()
    app.addHook("preParsing", async (_request, _reply, payload) => payload.pipe(unpacker()))
    await app.register(fastifyHawser(handler), { prefix })
    await app.listen({ port: 0, host: "127.0.0.1" })
    return `http://127.0.0.1:${portOf(app)}${prefix}`
  }
  const post = (url: string, body: Uint8Array<ArrayBuffer>) =>
    fetch(url, { method: "POST", headers: { ...json, "content-encoding": "gzip" }, body })

  it("is read where it leaves text, and the request as it is", async () => {
    const app = host()
    app.addHook("preParsing", async () => Readable.from(['{"a":', '"ü"}']))
    await app.register(fastifyHawser(echo), { prefix })
    const answer = await app.inject({ method: "POST", url: prefix, headers: json, payload: "{}" })
    expect(answer.json()).toMatchObject({ body: '{"a":"ü"}' })
  })

  it("is read instead of the request, whose encoding is no longer true", async () => {
    const url = await unpacking(echo)
    const answer = await post(url, new Uint8Array(gzipSync('{"a":"ü"}')))
    expect(await answer.json()).toMatchObject({ body: '{"a":"ü"}', encoding: null })
  })

  it("is stopped when 64 KiB are there, and the connection goes on", async () => {
    const unpackers: Array<Gunzip> = []
    const url = await unpacking(
      async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
      () => {
        const unpacker = createGunzip()
        unpackers.push(unpacker)
        return unpacker
      }
    )
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024), { level: 1 })
    const sockets = new Set<unknown>()
    for (let i = 0; i < 3; i++) {
      const said = await new Promise<string>((resolve, reject) => {
        const sending = request(url, { agent, method: "POST", headers: json }, (answer) => {
          sockets.add(sending.socket)
          let text = ""
          answer.on("data", (chunk) => (text += String(chunk)))
          answer.on("end", () => resolve(text))
        })
        sending.on("error", reject).end(bomb)
      })
      expect(said).toBe("65537")
    }
    expect(sockets.size).toBe(1)
    expect(unpackers.map(({ destroyed }) => destroyed)).toStrictEqual([true, true, true])
  })

  it("of what is not packed is an error without details, and ends nothing", async () => {
    const url = await unpacking(echo)
    for (let i = 0; i < 2; i++) {
      const answer = await post(url, new Uint8Array(Buffer.from("not packed")))
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ error: "validation_error" })
    }
  })
})

describe("what Fastify refuses before the handler", () => {
  it("a malformed content type is 415 in the contract's body", async () => {
    const app = host()
    await app.register(fastifyHawser(echo), { prefix })
    for (const contentType of ["json", "a b/c", "/", "undefined"]) {
      const answer = await app.inject({
        method: "POST",
        url: prefix,
        headers: { "content-type": contentType },
        payload: "{}"
      })
      expect(answer.statusCode).toBe(415)
      expect(answer.json()).toMatchObject({ error: "unsupported_media_type" })
    }
  })
})

describe("over HTTP/2", () => {
  it("trap 17: pseudo headers are left out, and body, cookies and HEAD are as over HTTP/1.1", async () => {
    const app = fastify({ http2: true })
    const answer: Handler = async (request) =>
      new Response(await (await echo(request)).text(), {
        headers: [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"]
        ]
      })
    await app.register(fastifyHawser(answer), { prefix })
    await app.listen({ port: 0, host: "127.0.0.1" })
    const client = connect(`http://127.0.0.1:${portOf(app)}`)
    onTestFinished(async () => {
      client.destroy()
      await app.close()
    })
    const ask = async (method: string, body?: string) => {
      const stream = client.request({ ":method": method, ":path": prefix, "x-custom": "1" })
      stream.end(body)
      const headers = new Promise<Record<string, unknown>>((resolve) =>
        stream.once("response", resolve)
      )
      let text = ""
      for await (const chunk of stream) text += String(chunk)
      return { headers: await headers, text }
    }
    const post = await ask("POST", "body")
    expect(post.headers["set-cookie"]).toStrictEqual(["a=1", "b=2"])
    expect(JSON.parse(post.text)).toMatchObject({ path: prefix, body: "body", names: ["x-custom"] })
    const head = await ask("HEAD")
    expect(head.headers[":status"]).toBe(200)
    expect(head.text).toBe("")
  })
})
