/** More tenants than this, and those whose entries were set longest ago are forgotten. */
const capacity = 10_000

/** Sets an entry of what a process remembers by tenant, as the newest one, and makes room for it. */
export const setBounded = <Value>(entries: Map<string, Value>, key: string, value: Value): void => {
  entries.delete(key)
  entries.set(key, value)
  for (const oldest of entries.keys()) {
    if (entries.size <= capacity) return
    entries.delete(oldest)
  }
}
