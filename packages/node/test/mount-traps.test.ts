import express from "express"
import { createServer } from "node:http"
import { mountTraps } from "../../../test-support/mount-traps.ts"
import type { Middleware } from "../../../test-support/mount-traps-host.ts"
import { nodeHandler } from "../src/index.ts"

const passOn: Middleware = (_request, _response, next) => next()

mountTraps("node:http", {
  parsers: {
    json: express.json() as Middleware,
    form: express.urlencoded({ extended: true }) as Middleware,
    raw: express.raw({ type: () => true }) as Middleware,
    text: express.text({ type: () => true }) as Middleware
  },
  start: async ({ middleware = passOn, mounts, overtake, trustsProxy }) => {
    const trustProxy = (request: { headers: NodeJS.Dict<string | string[]> }) =>
      String(request.headers["x-forwarded-for"])
    const handlers = mounts.map(({ at, handler }) => ({
      path: at.endsWith("/v1/integrations") ? at : `${at}/v1/integrations`,
      handle: nodeHandler(handler, trustsProxy === true ? { trustProxy } : {})
    }))
    const server = createServer((request, response) => {
      Object.assign(request, { session: "of the host" })
      response.setHeader("x-host", "kept")
      response.setHeader("set-cookie", "host_app=1")
      overtake?.(() => void response.writeHead(503).end("the host's own"))
      if (request.url === "/own") return response.end("own")
      const mount = handlers.find(({ path }) => {
        const url = request.url ?? ""
        return url.startsWith(path) && /^$|^[/?]/.test(url.slice(path.length))
      })
      if (mount === undefined) return response.writeHead(404).end()
      middleware(request, response, () => mount.handle(request, response))
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return {
      server,
      close: () => new Promise((resolve) => void server.close(() => resolve()))
    }
  }
})
