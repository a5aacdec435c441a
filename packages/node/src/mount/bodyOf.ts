import { Readable } from "node:stream"
import type { NodeRequest } from "./NodeExchange.ts"

/** The contract's limit is 64 KiB: the byte more is what shows the handler that there was more. */
const maxBytes = 64 * 1024 + 1

type Body = Uint8Array<ArrayBuffer> | string

/**
 * The request's body, at most `maxBytes` of it. Rejects where the client left before it was complete.
 *
 * Where the host has read the stream already, waiting for its end would never end, so what its parser left behind is
 * taken: exact where it kept the bytes, otherwise written again as the content type says. Undefined where it left nothing
 * of a body that was there.
 */
export const bodyOf = async (
  request: NodeRequest,
  headers: Headers,
  replaced?: unknown
): Promise<Body | undefined> => {
  const isUnread = !request.readableDidRead && !request.readableEnded
  if (isUnread && replaced === undefined) return readUpTo(request, maxBytes)
  const hadBody = hasBody(request, headers)
  // They describe the bytes on the wire, not what the host's parser made of them.
  headers.delete("content-encoding")
  headers.delete("content-length")
  if (replaced instanceof Readable) {
    return readUpTo(replaced, maxBytes).finally(() => {
      // Its source flows away as any other body; it does not, since very much can be behind a little that is packed.
      request.unpipe()
      replaced.destroy()
      request.resume()
    })
  }
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown }
  const parsed = replaced ?? rawBody ?? body
  if (parsed === undefined || parsed === null) return hadBody ? undefined : ""
  if (typeof parsed === "string") return parsed
  if (parsed instanceof Uint8Array) return new Uint8Array(parsed)
  const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")
  return isForm === true ? writeForm(parsed) : JSON.stringify(parsed)
}

/** By what a message says of its body (RFC 9112 §6.3); over HTTP/2, whether its headers were all of it. */
const hasBody = (request: NodeRequest, headers: Headers): boolean => {
  const length = headers.get("content-length")
  if (length !== null) return length !== "0"
  return "stream" in request ? !request.stream.endAfterHeaders : headers.has("transfer-encoding")
}

const readUpTo = (stream: NodeRequest | Readable, limit: number): Promise<Body> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const onData = (data: Buffer | string) => {
      const chunk = typeof data === "string" ? Buffer.from(data) : data
      chunks.push(chunk)
      size += chunk.length
      if (size >= limit) onEnd()
    }
    const onEnd = () => {
      // HTTP/2 ends the body of a stream that was reset just as it ends a whole one.
      if ("aborted" in stream && stream.aborted) return onCutOff()
      // What still comes flows away unseen: many clients read the answer only after they have sent everything.
      // Each complete request is closed too, and an error takes its time to be made.
      stream.off("data", onData).off("close", onCutOff)
      resolve(new Uint8Array(Buffer.concat(chunks).subarray(0, limit)))
    }
    const onCutOff = () => reject(new Error("The client left in the middle of its request."))
    stream.on("data", onData).on("end", onEnd).on("close", onCutOff).on("error", onCutOff)
    if (stream.destroyed) onCutOff()
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
