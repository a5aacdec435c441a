import type { NodeRequest } from "./NodeExchange.ts"

/** The contract's limit is 64 KiB: the byte more is what shows the handler that there was more. */
const maxBytes = 64 * 1024 + 1

type Body = Uint8Array<ArrayBuffer> | string

/**
 * The request's body, at most `maxBytes` of it; undefined where the client left before it was complete.
 *
 * Where the host has read the stream already, waiting for its end would wait for ever, so what its parser left behind is
 * taken: exact where it kept the bytes, otherwise written again as the content type says.
 */
export const bodyOf = async (request: NodeRequest, headers: Headers): Promise<Body | undefined> => {
  if (!request.readableDidRead && !request.readableEnded) return readUpTo(request, maxBytes)
  // They describe the bytes on the wire, not what the host's parser made of them.
  headers.delete("content-encoding")
  headers.delete("content-length")
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown }
  const parsed = rawBody ?? body
  if (parsed === undefined || parsed === null) return ""
  if (typeof parsed === "string") return parsed
  if (parsed instanceof Uint8Array) return new Uint8Array(parsed)
  const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")
  return isForm === true ? writeForm(parsed) : JSON.stringify(parsed)
}

const readUpTo = (request: NodeRequest, limit: number): Promise<Body | undefined> =>
  new Promise((resolve) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const settle = (body: Body | undefined) => {
      request.off("data", onData).off("end", onEnd).off("error", onCutOff).off("close", onCutOff)
      resolve(body)
    }
    const onEnd = () => settle(new Uint8Array(Buffer.concat(chunks).subarray(0, limit)))
    const onCutOff = () => settle(undefined)
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size < limit) return
      onEnd()
      // The rest is thrown away as it comes: many clients read the answer only after they have sent everything.
      request.resume()
    }
    request.on("data", onData).on("end", onEnd).on("error", onCutOff).on("close", onCutOff)
    if (request.destroyed) onCutOff()
  })

/** A parsed form as a form again. What a parser nested (`a[b]=c`) has no place in any body of the contract. */
const writeForm = (parsed: object): string => {
  const entries = Object.entries(parsed)
  const [name, value] = entries[0] ?? []
  // `curl -d '{…}'` sends JSON as a form, of which a form parser makes one name without a value.
  if (entries.length === 1 && value === "" && name?.startsWith("{") === true) return name
  const form = new URLSearchParams()
  for (const [name, values] of entries) {
    for (const value of [values].flat()) if (typeof value === "string") form.append(name, value)
  }
  return form.toString()
}
