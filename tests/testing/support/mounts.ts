import { expressHandler } from "@hawser/express"
import { fastifyHawser } from "@hawser/fastify"
import express, { type Express } from "express"
import express4 from "express4"
import { fastify } from "fastify"
import { type Handler, nodeHandler } from "hawser"
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import type { HttpMount } from "@hawser/testing"

/** The prefix at which every host of the tests has its mount. */
export const prefix = "/api"

/** How the suite reaches a handler that stands in a host. */
interface Mounted extends Pick<HttpMount, "baseUrl" | "fetch" | "profile"> {
  readonly close: () => Promise<void>
}

export type Mount = (handler: Handler) => Promise<Mounted>

const listen = async (listener: RequestListener): Promise<Mounted> => {
  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 }, listener)
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

const onExpress =
  (createApp: typeof express): Mount =>
  (handler) => {
    const app: Express = createApp()
    app.use(`${prefix}/v1/integrations`, expressHandler(handler))
    return listen(app)
  }

/** Every mount of the matrix, by the name it has there. */
export const mounts: Readonly<Record<string, Mount>> = {
  "node:http": (handler) => listen(nodeHandler(handler)),
  "Express 4": onExpress(express4 as unknown as typeof express),
  "Express 5": onExpress(express),
  "Fastify 5": async (handler) => {
    const app = fastify()
    await app.register(fastifyHawser(handler), { prefix: `${prefix}/v1/integrations` })
    await app.listen({ port: 0, host: "127.0.0.1" })
    const { port } = app.server.address() as AddressInfo
    return { baseUrl: `http://127.0.0.1:${port}${prefix}`, close: () => app.close() }
  },
  fetch: async (handler) => ({
    baseUrl: `https://fetch.conformance.example${prefix}`,
    fetch: handler,
    close: async () => undefined
  })
}

/** A host that parses every body itself before the handler is asked. */
export const preParsed: Mount = async (handler) => {
  const app = express()
  app.use(express.json({ limit: "1mb" }), express.urlencoded({ extended: true }))
  app.use(`${prefix}/v1/integrations`, expressHandler(handler))
  return { ...(await listen(app)), profile: "bodyPreParsed" }
}
