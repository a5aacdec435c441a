import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** A way to a database that can go silent. */
export interface Relay {
  readonly url: string
  /** Nothing arrives any more, and no connection breaks: as behind a firewall that forgot. */
  readonly silence: () => void
  /** New connections work again. Those that are silent stay so. */
  readonly recover: () => void
  readonly close: () => void
}

export const startRelay = async (url: string): Promise<Relay> => {
  const target = new URL(url)
  const clients = new Set<Socket>()
  let isSilent = false
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    clients.add(client)
    /** One that met the silence never speaks again. */
    let isLost = isSilent
    const forward = (from: Socket, to: Socket) => {
      from.on("data", (chunk) => {
        isLost ||= isSilent
        if (!isLost) to.write(chunk)
      })
      from.on("error", () => from.destroy())
    }
    forward(client, upstream)
    forward(upstream, client)
    client.on("close", () => {
      clients.delete(client)
      upstream.destroy()
    })
    upstream.on("close", () => {
      if (!isLost && !isSilent) client.destroy()
    })
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.href,
    silence: () => {
      isSilent = true
    },
    recover: () => {
      isSilent = false
    },
    close: () => {
      server.close()
      for (const client of clients) client.destroy()
    }
  }
}
