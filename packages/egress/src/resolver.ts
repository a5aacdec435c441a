import { registeredDomain } from "@hawser/core"
import type { LookupAddress } from "node:dns"
import { Resolver } from "node:dns/promises"
import { readHostsFile } from "./hostsFile.ts"

/** All addresses of a host name, of both families. Whoever aborts waits no longer. */
export type Resolve = (
  hostname: string,
  signal: AbortSignal
) => Promise<ReadonlyArray<LookupAddress>>

/** Where names are looked up: the machine's own, but for tests. */
export interface ResolverSources {
  /** `address:port` of name servers. */
  readonly servers?: ReadonlyArray<string>
  readonly hostsFile?: string
  /** Milliseconds that a name server has for its first answer. */
  readonly timeoutMs?: number
}

const thisMachine: ReadonlyArray<LookupAddress> = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 }
]

/**
 * How many look-ups are under way at once. A tenant's 2,000 calls of a minute, each of another domain whose name servers keep
 * silent for the 5 seconds of a connection, are fewer.
 */
const atOnce = 256
/** How many of them may be of names below one domain: whoever runs its name servers can keep them waiting. */
const perDomain = 4

/** One question that any number of requests wait for. */
interface LookUp {
  readonly hostname: string
  readonly domain: string
  readonly answer: PromiseWithResolvers<ReadonlyArray<LookupAddress>>
  waiting: number
  resolver: Resolver | undefined
}

/**
 * Resolves names without the operating system's `getaddrinfo`, which waits for a silent name server in one of the few threads
 * that libuv has for it, two by default: two such names would stop the name resolution of the whole process.
 *
 * The hosts file comes first. Names that only the system knows, by mDNS or search domains, are not found: they lead to
 * private addresses, which no request may be connected to. Names below `localhost` are this machine (RFC 6761 §6.3).
 */
export const makeResolver = ({
  hostsFile,
  servers,
  timeoutMs = 2_000
}: ResolverSources = {}): Resolve => {
  const lookUps = new Map<string, LookUp>()
  const queue = new Set<LookUp>()
  const underWay = new Map<string, number>()
  let running = 0
  const inHostsFile = readHostsFile(hostsFile)

  const begin = async (lookUp: LookUp) => {
    const { answer, domain, hostname } = lookUp
    queue.delete(lookUp)
    running += 1
    underWay.set(domain, (underWay.get(domain) ?? 0) + 1)
    // One of its own, so that it can be cancelled alone.
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    lookUp.resolver = resolver
    try {
      answer.resolve(await askBoth(resolver, hostname))
    } catch (error) {
      answer.reject(error)
    }
    running -= 1
    const left = (underWay.get(domain) ?? 0) - 1
    if (left > 0) underWay.set(domain, left)
    else underWay.delete(domain)
    forget(lookUp)
    beginNext()
  }

  const beginNext = () => {
    for (const lookUp of queue) {
      if (running >= atOnce) return
      if ((underWay.get(lookUp.domain) ?? 0) < perDomain) void begin(lookUp)
    }
  }

  const forget = (lookUp: LookUp) => {
    queue.delete(lookUp)
    if (lookUps.get(lookUp.hostname) === lookUp) lookUps.delete(lookUp.hostname)
  }

  const ask = (hostname: string): LookUp => {
    const found = lookUps.get(hostname)
    if (found !== undefined) return found
    const lookUp: LookUp = {
      hostname,
      domain: registeredDomain(hostname),
      answer: Promise.withResolvers(),
      waiting: 0,
      resolver: undefined
    }
    // Nobody may be left to hear of a failure.
    lookUp.answer.promise.catch(() => {})
    lookUps.set(hostname, lookUp)
    queue.add(lookUp)
    beginNext()
    return lookUp
  }

  const leave = (lookUp: LookUp) => {
    lookUp.waiting -= 1
    if (lookUp.waiting > 0) return
    forget(lookUp)
    lookUp.resolver?.cancel()
  }

  return async (hostname, signal) => {
    if (hostname === "localhost" || hostname.endsWith(".localhost")) return thisMachine
    const listed = inHostsFile(hostname)
    if (listed.length > 0) return listed
    signal.throwIfAborted()
    const lookUp = ask(hostname)
    lookUp.waiting += 1
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener("abort", abort, { once: true })
    try {
      return await Promise.race([lookUp.answer.promise, aborted.promise])
    } finally {
      signal.removeEventListener("abort", abort)
      leave(lookUp)
    }
  }
}

/** The addresses of both families; fails when neither has any. */
const askBoth = async (
  resolver: Resolver,
  hostname: string
): Promise<ReadonlyArray<LookupAddress>> => {
  const [v4, v6] = await Promise.allSettled([
    resolver.resolve4(hostname),
    resolver.resolve6(hostname)
  ])
  if (v4.status === "rejected" && v6.status === "rejected") throw v4.reason
  const addressesOf = (answer: PromiseSettledResult<ReadonlyArray<string>>, family: 4 | 6) =>
    answer.status === "fulfilled" ? answer.value.map((address) => ({ address, family })) : []
  return [...addressesOf(v4, 4), ...addressesOf(v6, 6)]
}
