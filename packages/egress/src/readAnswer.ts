import type { IncomingMessage } from "node:http"
import { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"

/** The answer is longer than the limit, as sent or after decompression. */
export class AnswerTooLarge extends Error {}

const capped = (maxBytes: number) =>
  async function* (source: AsyncIterable<Buffer>) {
    let size = 0
    for await (const chunk of source) {
      size += chunk.length
      if (size > maxBytes) throw new AnswerTooLarge()
      yield chunk
    }
  }

/** What decompresses an answer; undefined if it is not compressed. Throws for a compression that nobody asked for. */
export const makeDecompressor = (message: IncomingMessage) => {
  switch (message.headers["content-encoding"]?.toLowerCase()) {
    case undefined:
    case "":
    case "identity":
      return undefined
    case "gzip":
    case "x-gzip":
      return createGunzip()
    case "deflate":
      return createInflate()
    case "br":
      return createBrotliDecompress()
    default:
      throw new Error("unknown content-encoding")
  }
}

/**
 * The whole body in memory, decompressed, at most `maxBytes` long on either side of the decompressor: a bomb is noticed
 * by what comes out, and an endless stream that decompresses to nothing by what goes in.
 */
export const readAnswer = async (message: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  if (Number(message.headers["content-length"]) > maxBytes) throw new AnswerTooLarge()
  const decoder = makeDecompressor(message)
  const chunks: Array<Buffer> = []
  if (decoder === undefined) {
    // A pipeline makes an AbortController, and the error that it aborts with, for each answer.
    for await (const chunk of capped(maxBytes)(message)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const collect = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    }
  })
  await pipeline(message, capped(maxBytes), decoder, capped(maxBytes), collect)
  return Buffer.concat(chunks)
}
