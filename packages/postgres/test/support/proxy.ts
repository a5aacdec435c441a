import { Effect } from "effect"
import { connect, createServer, type Socket } from "node:net"
import { statementCounter } from "./statementCounter.ts"

/** A way to a server that counts the statements sent over it, and that can be cut. */
export const proxy = Effect.fnUntraced(function* (url: string) {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  let statements = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on("error", () => socket.destroy())
    }
    const countIn = statementCounter()
    client.on("data", (chunk: Buffer) => (statements += countIn(chunk)))
    client.pipe(upstream).pipe(client)
  })
  yield* Effect.promise(
    () => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  )
  /** Its connections break and new ones are refused. */
  const cut = Effect.sync(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  yield* Effect.addFinalizer(() => cut)
  const address = server.address()
  if (address === null || typeof address === "string") return yield* Effect.die("no port was given")
  const through = new URL(url)
  through.port = String(address.port)
  return { url: through.href, cut, statements: () => statements }
})
