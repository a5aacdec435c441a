import { connect, createServer, type AddressInfo } from "node:net"

/** What PostgreSQL has answered, and how often it was asked. */
export interface WireCounts {
  /** `CommandComplete` messages: statements that the server has run. */
  readonly statements: number
  /** `ReadyForQuery` messages outside of a transaction: transactions that have ended, of one statement or several. */
  readonly transactions: number
  /** How often something was sent after the server had answered what was sent before. */
  readonly roundTrips: number
}

export interface Wire {
  readonly url: string
  readonly counts: () => WireCounts
  readonly close: () => Promise<void>
}

const commandComplete = 0x43
const readyForQuery = 0x5a
const idle = 0x49

/** Calls `each` for every message of a server's stream. */
const messageReader = (each: (type: number, body: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5) {
      const end = 1 + rest.readUInt32BE(1)
      if (rest.length < end) return
      each(rest.readUInt8(0), rest.subarray(5, end))
      rest = rest.subarray(end)
    }
  }
}

/** Stands between a contender and PostgreSQL and counts what goes by; nothing is timed through it. */
export const startWire = async (databaseUrl: string): Promise<Wire> => {
  const target = new URL(databaseUrl)
  const counts = { statements: 0, transactions: 0, roundTrips: 0 }
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
    let isAsking = false
    const read = messageReader((type, body) => {
      if (type === commandComplete) counts.statements++
      if (type === readyForQuery && body[0] === idle) counts.transactions++
    })
    client.setNoDelay(true)
    client.on("data", (chunk) => {
      if (!isAsking) counts.roundTrips++
      isAsking = true
      upstream.write(chunk)
    })
    upstream.on("data", (chunk: Buffer) => {
      isAsking = false
      read(chunk)
      client.write(chunk)
    })
    client.on("close", () => upstream.destroy()).on("error", () => upstream.destroy())
    upstream.on("close", () => client.destroy()).on("error", () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const through = new URL(databaseUrl)
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.href,
    counts: () => ({ ...counts }),
    close: () => new Promise((resolve) => server.close(() => resolve()))
  }
}
