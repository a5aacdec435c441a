import express from "express"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { Contender, Settings } from "../settings.ts"
import { type Answer, makeOperations } from "./operations.ts"

type Operations = ReturnType<typeof makeOperations>

const maxBody = 64 * 1024

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Array<Buffer> = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBody) throw new Error("too large")
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString())
}

const write = (response: ServerResponse, { body, headers, status }: Answer): void => {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (body === undefined) return void response.end()
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify(body))
}

const route = /^\/v1\/integrations(?:\/([a-z0-9-]+))?(?:\/(connect|callback))?$/

const onNode =
  (operations: Operations): RequestListener =>
  (request, response) => {
    const answer = async (): Promise<Answer> => {
      const { headers, method } = request
      const url = new URL(request.url ?? "/", "http://internal.invalid")
      const [matched, provider, action] = route.exec(url.pathname) ?? []
      const address = request.socket.remoteAddress ?? ""
      if (matched !== undefined) {
        if (method === "POST" && provider !== undefined && action === "connect")
          return operations.connect(headers.authorization, provider, await readJson(request))
        if (method === "GET" && provider !== undefined && action === "callback")
          return operations.callback(provider, url.searchParams, headers.cookie, address)
        if (method === "GET" && provider === undefined)
          return operations.list(headers.authorization)
        if (method === "GET" && provider === "catalog") return operations.catalog(address)
      }
      return { status: 404, headers: {}, body: { error: "not_found", message: "not_found" } }
    }
    answer().then(
      (result) => write(response, result),
      () => write(response, { status: 500, headers: {}, body: { error: "internal_error" } })
    )
  }

const onExpress = (operations: Operations): RequestListener => {
  const app = express()
  app.get("/v1/integrations", async ({ headers }, response) =>
    write(response, await operations.list(headers.authorization))
  )
  app.get("/v1/integrations/catalog", ({ ip = "" }, response) =>
    write(response, operations.catalog(ip))
  )
  app.post(
    "/v1/integrations/:provider/connect",
    express.json({ limit: maxBody }),
    async ({ body, headers, params }, response) =>
      write(response, await operations.connect(headers.authorization, params.provider, body))
  )
  app.get(
    "/v1/integrations/:provider/callback",
    async ({ headers, ip = "", originalUrl, params }, response) => {
      const { searchParams } = new URL(originalUrl, "http://internal.invalid")
      write(response, await operations.callback(params.provider, searchParams, headers.cookie, ip))
    }
  )
  return app
}

export const startByHand = (settings: Settings): Contender => {
  const operations = makeOperations(settings)
  return {
    listener: settings.mount === "node" ? onNode(operations) : onExpress(operations),
    close: operations.close
  }
}
