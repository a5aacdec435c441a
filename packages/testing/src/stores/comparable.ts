import { DateTime } from "effect"
import { Hex } from "effect/encoding"

/**
 * A value as vitest can compare it wholly: bytes by content (a driver may answer a `Buffer`, which is bytes and not
 * equal to a `Uint8Array`) and instants as text. An absent member and one that is undefined are the same.
 */
export const comparable = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `bytes:${Hex.encode(value)}`
  if (DateTime.isDateTime(value)) return `instant:${DateTime.formatIso(value)}`
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === undefined ? [] : [[name, comparable(member)]]
    )
  )
}
