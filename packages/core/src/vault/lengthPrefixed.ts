const encoder = new TextEncoder()

/**
 * Joins texts so that no two lists give the same bytes: each is preceded by its length in bytes. With a separator, the
 * lists `a|b`, `c` and `a`, `b|c` would collide.
 */
export const lengthPrefixed = (parts: ReadonlyArray<string>): Uint8Array<ArrayBuffer> => {
  const encoded = parts.map((part) => encoder.encode(part))
  const bytes = new Uint8Array(encoded.reduce((size, part) => size + 4 + part.length, 0))
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const part of encoded) {
    view.setUint32(offset, part.length)
    bytes.set(part, offset + 4)
    offset += 4 + part.length
  }
  return bytes
}
