/** The most entries that a process remembers; the oldest are dropped. */
const capacity = 10_000

/** Sets an entry as the newest one. Drops the oldest if there are too many, and returns its value. */
export const setBounded = <Value>(
  entries: Map<string, Value>,
  key: string,
  value: Value
): Value | undefined => {
  entries.delete(key)
  entries.set(key, value)
  if (entries.size <= capacity) return undefined
  for (const [oldest, dropped] of entries) {
    entries.delete(oldest)
    return dropped
  }
}
