import { Effect } from "effect"
import { createServer, type RequestListener } from "node:http"
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket
} from "node:net"

/** A server on loopback for the length of a scope: its port, and how many connections it has seen. */
export const listening = Effect.fnUntraced(function* (server: Server) {
  let connections = 0
  const sockets = new Set<Socket>()
  server.on("connection", (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.on("close", () => sockets.delete(socket))
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  )
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
})

/** An HTTP server whose requests the test can look at. */
export const httpServer = Effect.fnUntraced(function* (respond: RequestListener) {
  const seen: Array<{
    readonly url: string
    readonly headers: NodeJS.Dict<string | string[]>
    readonly body: string
  }> = []
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += String(chunk)))
    request.on("end", () => {
      seen.push({ url: request.url ?? "", headers: request.headers, body })
      respond(request, response)
    })
  })
  const { connections, port } = yield* listening(server)
  return { port, connections, seen }
})

/** A server that says whatever it likes once a request has come: `speak` gets the bare socket. */
export const rawServer = Effect.fnUntraced(function* (speak: (socket: Socket) => void) {
  const server = createTcpServer((socket) => {
    socket.once("data", () => speak(socket))
  })
  return yield* listening(server)
})

/** A server that drips one byte after another once it has said `beginning`. */
export const dripping = Effect.fnUntraced(function* (beginning: string) {
  const { promise: hasDripped, resolve: dripped } = Promise.withResolvers<void>()
  const { promise: isClosed, resolve: closed } = Promise.withResolvers<void>()
  const server = yield* rawServer((socket) => {
    let drips = 0
    socket.write(beginning)
    const drip = setInterval(() => {
      socket.write("y")
      // The client has read some of them by then: it runs on the same event loop.
      if (++drips === 5) dripped()
    }, 5)
    socket.on("close", () => {
      clearInterval(drip)
      closed()
    })
  })
  return { ...server, hasDripped, isClosed }
})
