import type { LookupAddress } from "node:dns"
import { isIP } from "node:net"
import type { Resolve } from "./resolver.ts"
import type { AddressRule } from "./target.ts"

/** A host name or literal leads to an address that may not be connected to. */
export class BlockedAddress extends Error {
  readonly code = "address_blocked"
}

/**
 * The addresses of a host, resolved once and checked, so that a name cannot be one address when checked and another when
 * connected to (DNS rebinding). One bad address among several refuses them all: which of them would be connected to
 * is the attacker's choice.
 */
export const checkedAddresses = async (
  hostname: string,
  resolve: Resolve,
  isAllowed: AddressRule,
  signal: AbortSignal
): Promise<ReadonlyArray<LookupAddress>> => {
  // URL has made other spellings of an address, such as 0x7f.1 and 2130706433, plain.
  const family = isIP(hostname)
  const answers = family === 0 ? await resolve(hostname, signal) : [{ address: hostname, family }]
  if (answers.length > 0 && answers.every(({ address }) => isAllowed(address))) return answers
  throw new BlockedAddress(hostname)
}
