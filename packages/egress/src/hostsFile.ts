import type { LookupAddress } from "node:dns"
import { readFileSync, statSync } from "node:fs"
import { isIP } from "node:net"
import { platform } from "node:process"

const systemsOwn =
  platform === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts"

type Entries = ReadonlyMap<string, ReadonlyArray<LookupAddress>>

/** The addresses that the machine's own list of hosts has for a name; it is read again when it has changed. */
export const readHostsFile = (
  path: string = systemsOwn
): ((hostname: string) => ReadonlyArray<LookupAddress>) => {
  let readAt: number | undefined
  let entries: Entries = new Map()
  return (hostname) => {
    // Read in this thread, because the pool's may be busy; the file is small and seldom changes.
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (changedAt !== readAt) {
      entries = changedAt === undefined ? new Map() : parseHosts(readFileSync(path, "utf8"))
      readAt = changedAt
    }
    return entries.get(hostname) ?? []
  }
}

/** Lines of an address and its names (hosts(5)). */
const parseHosts = (text: string): Entries => {
  const entries = new Map<string, Array<LookupAddress>>()
  for (const line of text.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/)
    const family = isIP(address)
    if (family === 0) continue
    for (const name of names) {
      const addresses = entries.get(name.toLowerCase()) ?? []
      addresses.push({ address, family })
      entries.set(name.toLowerCase(), addresses)
    }
  }
  return entries
}
