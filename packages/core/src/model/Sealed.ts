import { type Brand, Redacted } from "effect"
import type { Owner, ProviderId, TenantId } from "./Ids.ts"

/** A text, nothing, or a list of those. */
export type Part = string | undefined | ReadonlyArray<Part>

const encoder = new TextEncoder()

/** The most bytes that it may have: a unit of UTF-16 takes at most three bytes in UTF-8. */
const bound = (part: Part): number => {
  if (part === undefined) return 1
  if (typeof part === "string") return 5 + 3 * part.length
  return part.reduce((size, member) => size + bound(member), 5)
}

const writeLength = (out: Uint8Array, at: number, length: number): number => {
  out[at] = length >>> 24
  out[at + 1] = length >>> 16
  out[at + 2] = length >>> 8
  out[at + 3] = length
  return at + 4
}

/** Writes a text after its length, both from `at` on, and returns where it ends. */
export const writeText = (out: Uint8Array, at: number, text: string): number => {
  const begin = at + 4
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Most texts are ASCII, which needs no object for what an encoder has written.
    if (unit > 0x7f) {
      const { written } = encoder.encodeInto(text, out.subarray(begin))
      writeLength(out, at, written)
      return begin + written
    }
    out[begin + i] = unit
  }
  writeLength(out, at, text.length)
  return begin + text.length
}

const write = (out: Uint8Array, at: number, part: Part): number => {
  if (part === undefined) {
    out[at] = 0
    return at + 1
  }
  if (typeof part === "string") {
    out[at] = 1
    return writeText(out, at + 1, part)
  }
  out[at] = 2
  let end = writeLength(out, at + 1, part.length)
  for (const member of part) end = write(out, end, member)
  return end
}

/**
 * Bytes that no other part has: 0 for nothing, 1 and the length in bytes before a text, 2 and the number of members before
 * a list. Opaque ids joined with a separator would collide, and an empty text is not one that is not there.
 *
 * All parts are written into one array: a context has some thirty, and an array for each took 16 KiB and three times as long.
 */
export const canonical = (part: Part): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(bound(part))
  return out.subarray(0, write(out, 0, part))
}

/** Ciphertext in Hawser's envelope. Only a `Cipher` makes one, so only sealed values can be stored. */
export type Sealed = Uint8Array & Brand.Brand<"Sealed">

/**
 * Where a sealed value belongs, and all that decides where it is sent. It is authenticated with the ciphertext: a value that
 * was moved to another row, tenant, provider or column does not open, nor one beside which any of this was changed.
 */
export interface SealContext {
  readonly tenantId: TenantId
  readonly owner: Owner
  readonly provider: ProviderId
  readonly recordId: string
  readonly field: string
  /** What else directs it, in the order that this field has. */
  readonly directing: ReadonlyArray<Part>
}

/** A secret in the process: prints as `<redacted>` everywhere. */
export type Secret = Redacted.Redacted<string>
export const Secret = (value: string): Secret => Redacted.make(value)
