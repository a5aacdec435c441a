import type { EgressStreamRequest } from "@hawser/core"
import type { ClientRequest } from "node:http"
import { pipeline, Readable } from "node:stream"
import type { ReadableStream as NodeReadableStream } from "node:stream/web"

type Body = EgressStreamRequest["body"]

const pieceBytes = 64 * 1024

/** By these alone the server knows where a body ends. */
export const framingHeaders = (body: Body): Record<string, string> => {
  if (body === undefined) return {}
  if (body instanceof ReadableStream) return { "transfer-encoding": "chunked" }
  return { "content-length": String(Buffer.byteLength(body)) }
}

/** In pieces, so that a long body on a slow line is seen to progress. */
const pieces = function* (bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

const toBuffer = (body: string | Uint8Array): Buffer =>
  typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength)

/** Writes a body as fast as the server takes it. */
export const sendBody = (request: ClientRequest, body: Body, progressed: () => void): void => {
  if (body === undefined) {
    request.end()
    return
  }
  const source =
    body instanceof ReadableStream
      ? // The same class under another declaration.
        Readable.fromWeb(body as NodeReadableStream)
      : Readable.from(pieces(toBuffer(body)), { objectMode: false })
  pipeline(
    source,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        progressed()
        yield chunk
      }
      progressed()
    },
    request,
    // A stream of the host's that fails takes the request with it: cut short, it must not look like a whole one.
    () => undefined
  )
}
