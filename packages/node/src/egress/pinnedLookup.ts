import type { LookupAddress } from "node:dns"
import { lookup } from "node:dns/promises"
import type { LookupFunction } from "node:net"
import { callbackify } from "node:util"

/** All addresses of a host name, of both families. */
export type Resolve = (hostname: string) => Promise<ReadonlyArray<LookupAddress>>

const thisMachine: ReadonlyArray<LookupAddress> = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 }
]

/**
 * As the operating system resolves: its hosts file, its order of families. Names below `localhost` are not its to say:
 * they are this machine always (RFC 6761 §6.3), and many systems know none of them.
 */
export const resolveBySystem: Resolve = async (hostname) =>
  hostname.endsWith(".localhost") ? thisMachine : lookup(hostname, { all: true, order: "verbatim" })

/** A host name or literal leads to an address that may not be connected to. */
export class BlockedAddress extends Error {
  readonly code = "address_blocked"
}

/**
 * A lookup that resolves once and hands on only what it has checked, so that a name cannot be one address when checked and
 * another when connected to (DNS rebinding, S-64). One bad address among several refuses them all: which of them would
 * be connected to is the attacker's choice.
 *
 * To be used with `autoSelectFamily`, under which Node asks for all addresses and connects to no others.
 */
export const pinnedLookup = (
  resolve: Resolve,
  isAllowed: (address: string) => boolean
): LookupFunction => {
  const checked = callbackify(async (hostname: string): Promise<Array<LookupAddress>> => {
    const answers = await resolve(hostname)
    if (answers.length > 0 && answers.every(({ address }) => isAllowed(address)))
      return [...answers]
    throw new BlockedAddress(hostname)
  })
  return (hostname, _options, callback) =>
    checked(hostname, (error, addresses) => callback(error, error === null ? addresses : []))
}
