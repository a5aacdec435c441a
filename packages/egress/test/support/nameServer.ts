import { Effect } from "effect"
import { createSocket } from "node:dgram"

/** What a name server says to a question: addresses, that there are none, or nothing at all. */
export type Answer = ReadonlyArray<string> | "no such name" | "silence"

const typeA = 1
const noSuchName = 3

/** The name and the type that a message of one question asks for (RFC 1035 §4.1.2). */
const questionOf = (message: Buffer) => {
  const labels: Array<string> = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join("."), type: message.readUInt16BE(at + 1), end: at + 5 }
}

const addressBytes = (address: string): Buffer =>
  address.includes(":")
    ? // Only ever `::x` here.
      Buffer.concat([Buffer.alloc(15), Buffer.from([Number(address.slice(2))])])
    : Buffer.from(address.split(".").map(Number))

const replyTo = (message: Buffer, end: number, answer: Exclude<Answer, "silence">) => {
  const addresses = answer === "no such name" ? [] : answer
  const header = Buffer.from(message.subarray(0, 12))
  header.writeUInt16BE(0x8180 + (answer === "no such name" ? noSuchName : 0), 2)
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt16BE(0, 8)
  header.writeUInt16BE(0, 10)
  const records = addresses.map((address) => {
    const data = addressBytes(address)
    const type = data.length === 4 ? typeA : 28
    // The name is the question's, by a pointer; the record lives for a minute.
    return Buffer.concat([
      Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]),
      data
    ])
  })
  return Buffer.concat([header, message.subarray(12, end), ...records])
}

/** A name server on this machine that answers by a function, and remembers each question in order. */
export const nameServer = (answerOf: (name: string, family: 4 | 6) => Answer | Promise<Answer>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{
        readonly close: () => void
        readonly port: number
        readonly asked: Array<string>
        readonly waiters: Array<() => void>
      }>((resume) => {
        const asked: Array<string> = []
        const waiters: Array<() => void> = []
        const socket = createSocket("udp4")
        socket.on("message", (message, { address, port }) => {
          const { end, name, type } = questionOf(message)
          asked.push(`${name} ${type === typeA ? "A" : "AAAA"}`)
          for (const waiter of waiters) waiter()
          const reply = async () => {
            const answer = await answerOf(name, type === typeA ? 4 : 6)
            if (answer !== "silence") socket.send(replyTo(message, end, answer), port, address)
          }
          void reply()
        })
        socket.bind(0, "127.0.0.1", () => {
          // Room for all questions of a test at once: what does not fit is lost.
          socket.setRecvBufferSize(200_000)
          resume(
            Effect.succeed({
              close: () => socket.close(),
              port: socket.address().port,
              asked,
              waiters
            })
          )
        })
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ asked, port, waiters }) => ({
      servers: [`127.0.0.1:${port}`],
      asked,
      /** Waits until what was asked is so. */
      until: (holds: (asked: ReadonlyArray<string>) => boolean) =>
        new Promise<void>((resolve) => {
          const look = () => {
            if (holds(asked)) resolve()
          }
          waiters.push(look)
          look()
        })
    })
  )
