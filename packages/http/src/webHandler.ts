import { maxBody } from "./body.ts"
import type { AnswerFunction, ClientAddress } from "./HandlerRequest.ts"

/** What a mount knows besides the request. */
export interface HandlerContext {
  /** The client's address. Without it, public operations are not limited. */
  readonly clientAddress?: string | ClientAddress | undefined
  /** The framework's own request. */
  readonly native?: unknown
}

/** The contract as a function of web standards. It never rejects. */
export interface Handler {
  (request: Request, context?: HandlerContext): Promise<Response>
  /** The same without `Request` and `Response`: Hawser's own has it, and the mounts for Node call it. */
  readonly answer?: AnswerFunction
}

/** The handler for hosts of web standards. */
export const webHandler = (
  answer: AnswerFunction
): Handler & { readonly answer: AnswerFunction } => {
  const handle = async (
    request: Request,
    { clientAddress, native }: HandlerContext = {}
  ): Promise<Response> => {
    const { headers, method, url } = request
    const { pathname, search } = new URL(url)
    const { body, ...init } = await answer({
      method,
      path: pathname,
      query: search,
      header: (name) => headers.get(name),
      body: () => readBody(request),
      address: clientAddress,
      native,
      toRequest: () => new Request(url, { method, headers })
    })
    const lines = Object.entries(init.headers).flatMap(([name, value]) =>
      [value].flat().map((line): [string, string] => [name, line])
    )
    return new Response(body ?? null, { status: init.status, headers: lines })
  }
  return Object.assign(handle, { answer })
}

/** Reads on only until there is more than the contract allows. */
const readBody = async (request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (request.body === null) return new Uint8Array()
  // What is left of a body is not the body.
  if (request.bodyUsed || request.body.locked) return undefined
  const reader = request.body.getReader()
  const chunks: Array<Uint8Array> = []
  let size = 0
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value)
    size += read.value.length
    if (size > maxBody) {
      reader.cancel().catch(() => undefined)
      break
    }
  }
  const bytes = new Uint8Array(size)
  let end = 0
  for (const chunk of chunks) {
    bytes.set(chunk, end)
    end += chunk.length
  }
  return bytes
}
