import { ValidationError } from "@hawser/core"
import { Effect } from "effect"
import type { HandlerRequest } from "./HandlerRequest.ts"
import { BodyAlreadyRead, PayloadTooLarge, UnsupportedMediaType } from "./requestErrors.ts"

/** A JSON object as it came. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Bytes. */
export const maxBody = 64 * 1024

/** No body of the contract is deeper than three or has more members than a provider has fields. */
const maxDepth = 8
const maxMembers = 256

const notValid = new ValidationError({ details: [{ path: "body", code: "invalid" }] })

/** What the content type promises; a charset other than UTF-8 is not JSON (RFC 8259 §8.1). */
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
 * object, and only beside a bearer token, since any page may send a form with a cookie. Without body and content
 * type the object is empty.
 */
export const readJsonObject = Effect.fnUntraced(function* (
  request: HandlerRequest
): Effect.fn.Return<
  JsonObject,
  BodyAlreadyRead | UnsupportedMediaType | PayloadTooLarge | ValidationError
> {
  const header = request.header("content-type")
  const announced = header === null ? undefined : mediaType(header)
  if (header !== null && announced === undefined) return yield* new UnsupportedMediaType()
  if (announced === "form" && request.header("authorization") === null) {
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

const readBytes = Effect.fnUntraced(function* ({ body, header }: HandlerRequest) {
  if (Number(header("content-length") ?? 0) > maxBody) return yield* new PayloadTooLarge()
  // A client that goes away while it sends has sent something that is not valid.
  const bytes = yield* Effect.tryPromise({ try: () => body(), catch: () => notValid })
  if (bytes === undefined) return yield* new BodyAlreadyRead()
  return bytes.length > maxBody ? yield* new PayloadTooLarge() : bytes
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
  request: HandlerRequest
): Effect.fn.Return<
  URLSearchParams,
  BodyAlreadyRead | UnsupportedMediaType | PayloadTooLarge | ValidationError
> {
  const header = request.header("content-type")
  if (header === null || mediaType(header) !== "form") return yield* new UnsupportedMediaType()
  return new URLSearchParams(new TextDecoder().decode(yield* readBytes(request)))
})
