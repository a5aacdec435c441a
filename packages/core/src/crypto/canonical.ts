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
