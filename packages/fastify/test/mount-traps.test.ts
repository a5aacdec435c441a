import express from "express"
import { fastify } from "fastify"
import { mountTraps } from "../../../test-support/mount-traps.ts"
import type { Middleware } from "../../../test-support/mount-traps-host.ts"
import { fastifyHawser } from "../src/index.ts"

mountTraps("Fastify 5", {
  // On the raw request, as @fastify/middie and @fastify/express run what was written for Express.
  parsers: {
    json: express.json() as Middleware,
    form: express.urlencoded({ extended: true }) as Middleware,
    raw: express.raw({ type: () => true }) as Middleware,
    text: express.text({ type: () => true }) as Middleware
  },
  start: async ({ middleware, mounts, overtake, trustsProxy }) => {
    const app = fastify({ trustProxy: trustsProxy === true ? "loopback" : false })
    app.decorateRequest("session", "")
    app.addHook("onRequest", async (request, reply) => {
      Object.assign(request, { session: "of the host" })
      reply.header("x-host", "kept").header("set-cookie", "host_app=1")
      overtake?.(() => void reply.code(503).send("the host's own"))
    })
    if (middleware !== undefined) {
      app.addHook("onRequest", (request, reply, done) => {
        middleware(request.raw, reply.raw, (error) => done(error as Error))
      })
    }
    for (const { at, handler } of mounts) await app.register(fastifyHawser(handler), { prefix: at })
    app.get("/own", async () => "own")
    await app.listen({ port: 0, host: "127.0.0.1" })
    return { server: app.server, close: async () => app.close() }
  }
})
