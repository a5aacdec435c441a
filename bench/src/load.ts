import { connect, type Socket } from "node:net"

/** As much of an answer as the measurements need. */
export interface WireAnswer {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  readonly body: string
}

export interface WireRequest {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

const bytesOf = ({ headers = {}, json, method, path }: WireRequest): string => {
  const body = json === undefined ? "" : JSON.stringify(json)
  const all = {
    host: "app.example.com",
    ...headers,
    ...(json !== undefined && {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body))
    })
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`
}

const headEnd = "\r\n\r\n"

/** The answer that came in chunks (RFC 9112 §7.1), once the empty one is there. */
const chunkedAnswer = (text: string, bodyAt: number, status: number, head: string) => {
  let body = ""
  for (let at = bodyAt; ;) {
    const sizeEnd = text.indexOf("\r\n", at)
    if (sizeEnd === -1) return undefined
    const size = Number.parseInt(text.slice(at, sizeEnd), 16)
    const end = sizeEnd + 2 + size + 2
    if (text.length < end) return undefined
    if (size === 0) return { answer: { status, head, body }, end }
    body += text.slice(sizeEnd + 2, end - 2)
    at = end
  }
}

/** The first whole answer in the text, and where it ends; undefined while some of it is missing. */
const firstAnswer = (
  text: string
): { readonly answer: WireAnswer; readonly end: number } | undefined => {
  const at = text.indexOf(headEnd)
  if (at === -1) return undefined
  const head = text.slice(0, at)
  const bodyAt = at + headEnd.length
  const status = Number(head.slice(9, 12))
  if (/\r\ntransfer-encoding: chunked/i.test(head)) return chunkedAnswer(text, bodyAt, status, head)
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const end = bodyAt + length
  return text.length < end
    ? undefined
    : { answer: { status, head, body: text.slice(bodyAt, end) }, end }
}

interface Connection {
  readonly exchange: (request: string) => Promise<WireAnswer>
  readonly close: () => void
}

const open = async (port: number): Promise<Connection> => {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject)
  })
  let received = ""
  let settle:
    | { readonly resolve: (answer: WireAnswer) => void; readonly reject: (error: Error) => void }
    | undefined
  // One character a byte, so that lengths in bytes can be compared.
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    received += chunk
    const found = firstAnswer(received)
    if (found === undefined) return
    received = received.slice(found.end)
    settle?.resolve(found.answer)
  })
  socket.on("error", (error) => settle?.reject(error))
  socket.on("close", () => settle?.reject(new Error("The connection was closed.")))
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy()
  }
}

export interface LoadResult {
  readonly answers: ReadonlyArray<WireAnswer>
  /** Milliseconds from the first request to the last answer. */
  readonly elapsed: number
  /** Milliseconds of each exchange. */
  readonly latencies: ReadonlyArray<number>
}

/**
 * Sends all requests over so many connections, each with one request under way. A client of a few lines over sockets:
 * with two cores, a heavier one would take from what it measures.
 */
export const load = async (
  port: number,
  requests: ReadonlyArray<WireRequest>,
  concurrency: number
): Promise<LoadResult> => {
  const texts = requests.map(bytesOf)
  const answers = new Array<WireAnswer>()
  const latencies = new Array<number>()
  const connections = await Promise.all(Array.from({ length: concurrency }, () => open(port)))
  let next = 0
  const begun = performance.now()
  await Promise.all(
    connections.map(async (connection) => {
      for (let i = next++; i < texts.length; i = next++) {
        const sent = performance.now()
        answers[i] = await connection.exchange(texts[i] ?? "")
        latencies[i] = performance.now() - sent
      }
    })
  )
  const elapsed = performance.now() - begun
  for (const connection of connections) connection.close()
  return { answers, elapsed, latencies }
}
