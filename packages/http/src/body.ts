import { ValidationError } from "@hawser/core"
import { Effect } from "effect"
import { BodyAlreadyRead, PayloadTooLarge, UnsupportedMediaType } from "./requestErrors.ts"

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Bytes. */
const maxBody = 64 * 1024

/** No body of the contract is deeper than three or has more members than a provider has fields (S-69). */
const maxDepth = 8
const maxMembers = 256

const notValid = new ValidationError({ details: [{ path: "body", code: "invalid" }] })

/** What the content type promises; a charset other than UTF-8 is no JSON (RFC 8259 §8.1). */
const mediaType = (header: string): "json" | "form" | undefined => {
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase())
  if (!parameters.every((parameter) => isUtf8(parameter))) return undefined
  if (type === "application/json") return "json"
  return type === "application/x-www-form-urlencoded" ? "form" : undefined
}

const isUtf8 = (parameter: string): boolean =>
  !parameter.startsWith("charset=") || /^charset="?utf-8"?$/.test(parameter)

/**
 * Reads a JSON object from a request.
 *
 * curl's `-d '{…}'` announces a form, and so do the reference's own lines: such a body is JSON where it parses as an
 * object, and only beside a bearer token, since any page may send a form with a cookie (S-08). Without body and content
 * type the object is empty.
 */
export const readJsonObject = Effect.fnUntraced(function* (
  request: Request
): Effect.fn.Return<
  JsonObject,
  BodyAlreadyRead | UnsupportedMediaType | PayloadTooLarge | ValidationError
> {
  const header = request.headers.get("content-type")
  const announced = header === null ? undefined : mediaType(header)
  if (header !== null && announced === undefined) return yield* new UnsupportedMediaType()
  if (announced === "form" && !request.headers.has("authorization")) {
    return yield* new UnsupportedMediaType()
  }

  const bytes = yield* readBytes(request)
  if (header === null) {
    return bytes.length === 0 ? {} : yield* new UnsupportedMediaType()
  }
  if (announced === "json" && bytes.length === 0) return {}
  const parsed = parseObject(bytes)
  if (parsed !== undefined) return isPlain(parsed) ? parsed : yield* notValid
  return yield* announced === "form" ? new UnsupportedMediaType() : notValid
})

const readBytes = Effect.fnUntraced(function* (request: Request) {
  if (Number(request.headers.get("content-length") ?? 0) > maxBody)
    return yield* new PayloadTooLarge()
  if (request.body === null) return new Uint8Array()
  // What is left of a body is not the body.
  if (request.bodyUsed || request.body.locked) return yield* new BodyAlreadyRead()
  const reader = request.body.getReader()
  const chunks: Array<Uint8Array> = []
  let size = 0
  for (;;) {
    // A client that goes away while it sends has sent something that is not valid.
    const read = yield* Effect.tryPromise({ try: () => reader.read(), catch: () => notValid })
    if (read.done) break
    size += read.value.length
    if (size > maxBody) {
      yield* Effect.ignore(Effect.tryPromise(() => reader.cancel()))
      return yield* new PayloadTooLarge()
    }
    chunks.push(read.value)
  }
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
})

const parseObject = (bytes: Uint8Array): JsonObject | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Names that reach a prototype when a host's code copies an object carelessly. */
const dangerousNames = new Set(["__proto__", "constructor", "prototype"])

const isPlain = (root: JsonObject): boolean => {
  let members = 0
  const visit = (value: unknown, depth: number): boolean => {
    if (typeof value !== "object" || value === null) return true
    if (depth > maxDepth) return false
    return Object.entries(value).every(
      ([name, member]) =>
        ++members <= maxMembers && !dangerousNames.has(name) && visit(member, depth + 1)
    )
  }
  return visit(root, 1)
}

/** Reads the form that a provider has the browser post; it comes without a bearer token, and with nothing but parameters. */
export const readForm = Effect.fnUntraced(function* (
  request: Request
): Effect.fn.Return<
  URLSearchParams,
  BodyAlreadyRead | UnsupportedMediaType | PayloadTooLarge | ValidationError
> {
  const header = request.headers.get("content-type")
  if (header === null || mediaType(header) !== "form") return yield* new UnsupportedMediaType()
  return new URLSearchParams(new TextDecoder().decode(yield* readBytes(request)))
})
