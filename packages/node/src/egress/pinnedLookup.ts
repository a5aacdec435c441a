import type { LookupAddress } from "node:dns"
import type { LookupFunction } from "node:net"
import { callbackify } from "node:util"
import type { Resolve } from "./resolver.ts"

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
  isAllowed: (address: string) => boolean,
  signal: AbortSignal
): LookupFunction => {
  const checked = callbackify(async (hostname: string): Promise<Array<LookupAddress>> => {
    const answers = await resolve(hostname, signal)
    if (answers.length > 0 && answers.every(({ address }) => isAllowed(address)))
      return [...answers]
    throw new BlockedAddress(hostname)
  })
  return (hostname, _options, callback) =>
    checked(hostname, (error, addresses) => callback(error, error === null ? addresses : []))
}
