import { writeText } from "../model/index.ts"

/**
 * Joins texts so that no two lists give the same bytes: each is preceded by its length in bytes. With a separator, the
 * lists `a|b`, `c` and `a`, `b|c` would collide.
 */
export const lengthPrefixed = (parts: ReadonlyArray<string>): Uint8Array<ArrayBuffer> => {
  // A unit of UTF-16 takes at most three bytes in UTF-8.
  const out = new Uint8Array(parts.reduce((size, part) => size + 4 + 3 * part.length, 0))
  return out.subarray(
    0,
    parts.reduce((end, part) => writeText(out, end, part), 0)
  )
}
