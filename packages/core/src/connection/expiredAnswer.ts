import { Effect } from "effect"
import { passes, type ProviderDefinition } from "../provider/index.ts"
import type { ApiAnswer } from "./apiCall.ts"

/** An answer of the API, and whether it says that the token it was called with is no longer good. */
export interface JudgedAnswer extends ApiAnswer {
  readonly expired: boolean
}

/** As much of a body is read to find a vendor's word in it. */
const longest = 64 * 1024

/**
 * Judges an answer by its status, and by its body if the definition has a word for that status. The body is read as far as
 * that takes and handed on whole. An answer to a request without the token says nothing of the token.
 */
export const judgeAnswer = (
  { api }: Pick<ProviderDefinition, "api">,
  answer: ApiAnswer
): Effect.Effect<JudgedAnswer> => {
  const { carried, response } = answer
  if (!carried || response.status === 401) return Effect.succeed({ ...answer, expired: carried })
  const words = (api?.expired ?? []).filter(({ status }) => status === response.status)
  if (words.length === 0) return Effect.succeed({ ...answer, expired: false })
  if (words.some(({ body }) => body === undefined))
    return Effect.succeed({ ...answer, expired: true })
  // A file or a stream of events may be of any length, and is not an error.
  if (response.body === null || !/json/i.test(response.headers.get("content-type") ?? ""))
    return Effect.succeed({ ...answer, expired: false })
  const reader = response.body.getReader()
  return Effect.promise(() => readBeginning(reader)).pipe(
    Effect.map(({ chunks, isWhole }) => {
      const body = isWhole ? parsed(chunks) : undefined
      return {
        carried,
        response: new Response(resumed(chunks, reader, isWhole), {
          status: response.status,
          headers: response.headers
        }),
        expired: words.some((word) => word.body !== undefined && passes(body, word.body))
      }
    }),
    Effect.onInterrupt(() => Effect.promise(() => reader.cancel().catch(() => undefined)))
  )
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>

const readBeginning = async (reader: Reader) => {
  const chunks: Array<Uint8Array<ArrayBuffer>> = []
  let size = 0
  try {
    while (size <= longest) {
      const { done, value } = await reader.read()
      if (done) return { chunks, isWhole: true }
      chunks.push(value)
      size += value.length
    }
  } catch {
    // Whoever reads on meets the same failure.
  }
  return { chunks, isWhole: false }
}

const parsed = (chunks: ReadonlyArray<Uint8Array>): unknown => {
  try {
    const decoder = new TextDecoder()
    const texts = chunks.map((chunk) => decoder.decode(chunk, { stream: true }))
    return JSON.parse(texts.join("")) as unknown
  } catch {
    return undefined
  }
}

/** The body from its beginning, as if nobody had read of it. */
const resumed = (
  chunks: ReadonlyArray<Uint8Array<ArrayBuffer>>,
  reader: Reader,
  isWhole: boolean
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const first = chunks.values()
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = first.next()
      if (done !== true) return controller.enqueue(value)
      const next = isWhole ? { done: true as const } : await reader.read()
      if (next.done) return controller.close()
      controller.enqueue(next.value)
    },
    cancel: (reason) => reader.cancel(reason)
  })
}
