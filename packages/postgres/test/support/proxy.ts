import { Effect } from "effect"
import { connect, createServer, type Socket } from "node:net"
import { statementCounter } from "./statementCounter.ts"

/** A way to a server that counts the statements sent over it, and that can be cut, silenced and led elsewhere. */
export const proxy = Effect.fnUntraced(function* (url: string) {
  let target = new URL(url)
  /** Each connection, until its client closes it. */
  const open = new Map<Socket, { readonly upstream: Socket; silent: boolean }>()
  let statements = 0
  let answers = true
  let last = { statement: Infinity, act: () => {} }
  const silence = () => {
    answers = false
    for (const connection of open.values()) connection.silent = true
  }
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    const connection = { upstream, silent: !answers }
    open.set(client, connection)
    const countIn = statementCounter()
    const forward = (from: Socket, to: Socket) => {
      from.on("data", (chunk: Buffer) => {
        if (connection.silent) return
        if (from === client) statements += countIn(chunk)
        if (statements >= last.statement) last.act()
        else to.write(chunk)
      })
      from.on("error", () => from.destroy())
    }
    forward(client, upstream)
    forward(upstream, client)
    client.on("close", () => {
      open.delete(client)
      upstream.destroy()
    })
    upstream.on("close", () => {
      if (!connection.silent) client.destroy()
    })
  })
  yield* Effect.promise(
    () => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  )
  const breakAll = () => {
    for (const client of open.keys()) client.destroy()
  }
  /** Its connections break and new ones are refused. */
  const cut = Effect.sync(() => {
    server.close()
    breakAll()
  })
  /** Answers so many statements more, and to the next one does this. */
  const after = (more: number, act: () => void) =>
    Effect.sync(() => {
      last = { statement: statements + more + 1, act }
    })
  yield* Effect.addFinalizer(() => cut)
  const address = server.address()
  if (address === null || typeof address === "string") return yield* Effect.die("no port was given")
  const through = new URL(url)
  through.port = String(address.port)
  return {
    url: through.href,
    cut,
    /** Nothing arrives any more on any connection, and none breaks: no RST and no FIN, as behind a firewall that forgot. */
    silence: Effect.sync(silence),
    /** The same from the statement after so many more on. */
    silenceAfter: (more: number) => after(more, silence),
    /** The statement after so many more breaks its connection, and so do those that follow. */
    breakAfter: (more: number) => after(more, breakAll),
    /** New connections work again. Those that are silent stay so. */
    recover: Effect.sync(() => {
      answers = true
      last = { statement: Infinity, act: () => {} }
    }),
    /** New connections lead to this server. */
    lead: (to: string) =>
      Effect.sync(() => {
        target = new URL(to)
      }),
    statements: () => statements,
    /** The ports that clients are connected from. */
    clients: () => [...open.keys()].map(({ remotePort }) => remotePort)
  }
})
