/** The most entries that a process remembers; the oldest are dropped. */
const capacity = 10_000

/** Sets an entry as the newest one, and drops the oldest if there are too many. */
export const setBounded = <Value>(entries: Map<string, Value>, key: string, value: Value): void => {
  entries.delete(key)
  entries.set(key, value)
  for (const oldest of entries.keys()) {
    if (entries.size <= capacity) return
    entries.delete(oldest)
  }
}
