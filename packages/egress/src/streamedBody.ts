import type { IncomingMessage } from "node:http"
import { addAbortSignal, pipeline, type Readable, type Transform } from "node:stream"

/** Bytes that are read ahead of whoever reads: a short body is off its connection even if nobody does. */
const readAhead = 64 * 1024

/** A body that was dropped unread would never give its connection back. */
const dropped = new FinalizationRegistry<Readable>((source) => source.destroy())

/**
 * The body of an answer as it is read, decompressed. What it fails with is `failure(…)`, or the signal's reason where that
 * was aborted; cancelling it ends the connection.
 */
export const streamedBody = (
  message: IncomingMessage,
  decoder: Transform | undefined,
  failure: (error: unknown) => unknown,
  signal: AbortSignal | undefined
): ReadableStream<Uint8Array> => {
  // The reader sees errors where it reads.
  const ignore = () => undefined
  const source: Readable = decoder === undefined ? message : pipeline(message, decoder, ignore)
  source.on("error", ignore)
  if (signal !== undefined) addAbortSignal(signal, source)
  const chunks: AsyncIterator<Uint8Array, undefined> = source[Symbol.asyncIterator]()
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await chunks.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(signal?.aborted === true ? signal.reason : failure(error))
        }
      },
      cancel: () => void source.destroy()
    },
    new ByteLengthQueuingStrategy({ highWaterMark: readAhead })
  )
  dropped.register(body, source)
  return body
}
