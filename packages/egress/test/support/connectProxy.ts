import { Effect } from "effect"
import { createServer, type IncomingMessage } from "node:http"
import { createServer as createSecureServer, type ServerOptions } from "node:https"
import { connect, type Socket } from "node:net"
import { listening } from "../../../../test-support/servers.ts"

/** What a proxy does with a target: the port on this machine that stands for it, a status that refuses, or silence. */
export type Route = number | { readonly refuses: number } | "silence"

/** A real proxy: it takes CONNECT, and what it is asked for leads to where the test says. */
export const connectProxy = Effect.fnUntraced(function* (
  routeOf: (target: string) => Route,
  secure?: ServerOptions
) {
  const asked: Array<string> = []
  const headers: Array<NodeJS.Dict<string | string[]>> = []
  let passedOn = ""
  const { promise: isAsked, resolve: wasAsked } = Promise.withResolvers<void>()
  const server = secure === undefined ? createServer() : createSecureServer(secure)
  server.on("request", (_request, response) => response.writeHead(405).end())
  server.on("tlsClientError", () => undefined)
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    const target = request.url ?? ""
    asked.push(target)
    headers.push(request.headers)
    wasAsked()
    const route = routeOf(target)
    socket.on("error", () => undefined)
    if (route === "silence") return
    if (typeof route === "object") {
      socket.end(`HTTP/1.1 ${route.refuses} No\r\nContent-Length: 6\r\n\r\nsecret`)
      return
    }
    const onward = connect(route, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      socket.on("data", (chunk) => (passedOn += chunk.toString("latin1")))
      socket.pipe(onward).pipe(socket)
    })
    onward.on("error", () => socket.destroy())
    socket.on("close", () => onward.destroy())
  })
  const { port } = yield* listening(server)
  return {
    url: `${secure === undefined ? "http" : "https"}://localhost:${port}`,
    port,
    asked,
    headers,
    isAsked,
    /** All bytes that clients have sent through it. */
    passedOn: () => passedOn
  }
})
