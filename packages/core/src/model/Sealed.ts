import { type Brand, Redacted } from "effect"
import type { Owner, ProviderId, TenantId } from "./Ids.ts"

/** A text, nothing, or a list of those. */
export type Part = string | undefined | ReadonlyArray<Part>

const encoder = new TextEncoder()

const flat = (kind: number, length: number, bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(5 + bytes.length)
  out[0] = kind
  new DataView(out.buffer).setUint32(1, length)
  out.set(bytes, 5)
  return out
}

const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const out = new Uint8Array(parts.reduce((size, { length }) => size + length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/**
 * Bytes that no other part has: 0 for nothing, 1 and the length in bytes before a text, 2 and the number of members before
 * a list. Opaque ids joined with a separator would collide, and an empty text is not one that is not there.
 */
export const canonical = (part: Part): Uint8Array => {
  if (part === undefined) return Uint8Array.of(0)
  if (typeof part !== "string") return flat(2, part.length, joined(part.map(canonical)))
  const bytes = encoder.encode(part)
  return flat(1, bytes.length, bytes)
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
