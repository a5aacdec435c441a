import { type EgressFailure, type EgressRequest, isLoopback } from "@hawser/core"
import { isIP } from "node:net"
import { isLoopbackAddress, isPublicAddress } from "./addresses.ts"

/** Which addresses a request may be connected to. */
export type AddressRule = (address: string) => boolean

const publicOrLoopback: AddressRule = (address) =>
  isPublicAddress(address) || isLoopbackAddress(address)

/** The rule for this URL: plain http never leaves the machine, not even where loopback is open. */
export const addressRule = (url: URL, unsafelyAllowLoopback: boolean): AddressRule => {
  if (url.protocol !== "https:") return isLoopbackAddress
  return unsafelyAllowLoopback ? publicOrLoopback : isPublicAddress
}

/** Why a request may not even be tried, from its URL alone; undefined where it may. */
export const refusalOf = (
  { hosts, url }: Pick<EgressRequest, "hosts" | "url">,
  unsafelyAllowLoopback: boolean
): EgressFailure | undefined => {
  // `name.` is the same machine as `name` under another spelling: other certificates, other rules in proxies.
  if (url.username !== "" || url.password !== "" || url.hostname.endsWith(".")) {
    return "host_not_allowed"
  }
  if (!hosts.includes(url.host)) return "host_not_allowed"
  const isPlainLoopback =
    url.protocol === "http:" && unsafelyAllowLoopback && isLoopback(url.hostname)
  if (url.protocol !== "https:" && !isPlainLoopback) return "insecure_protocol"
  // Node connects to literal addresses without asking any lookup. URL has already made 0x7f.1 and 2130706433 plain.
  const literal = url.hostname.replace(/^\[|\]$/g, "")
  if (isIP(literal) !== 0 && !addressRule(url, unsafelyAllowLoopback)(literal))
    return "address_blocked"
  return undefined
}
