import { type EgressFailure, type EgressRequest, isLoopback } from "@hawser/core"
import { isLoopbackAddress, isPrivateAddress, isPublicAddress } from "./addresses.ts"

/** What of a request says where it may go. */
export type Destination = Pick<EgressRequest, "hosts" | "privateNetwork" | "url">

/** Which addresses a request may be connected to. */
export type AddressRule = (address: string) => boolean

const publicOrLoopback: AddressRule = (address) =>
  isPublicAddress(address) || isLoopbackAddress(address)

const publicOrPrivate: AddressRule = (address) =>
  publicOrLoopback(address) || isPrivateAddress(address)

/** The rule for this URL: plain http never leaves the machine, not even where loopback is open, unless that was asked for. */
export const addressRule = (
  { privateNetwork, url }: Pick<Destination, "privateNetwork" | "url">,
  unsafelyAllowLoopback: boolean
): AddressRule => {
  if (url.protocol !== "https:")
    return privateNetwork === "unsafe_http" ? publicOrPrivate : isLoopbackAddress
  if (privateNetwork !== undefined) return publicOrPrivate
  return unsafelyAllowLoopback ? publicOrLoopback : isPublicAddress
}

/** Whether nobody outside may listen, or the host has said that it may be so. */
const isSecure = (
  { privateNetwork, url }: Pick<Destination, "privateNetwork" | "url">,
  unsafelyAllowLoopback: boolean
): boolean => {
  if (url.protocol === "https:") return true
  if (url.protocol !== "http:") return false
  if (privateNetwork === "unsafe_http") return true
  return (unsafelyAllowLoopback || privateNetwork !== undefined) && isLoopback(url.hostname)
}

/** Why a request may not even be tried, from its URL alone; undefined if it may. */
export const checkTarget = (
  target: Destination,
  unsafelyAllowLoopback: boolean
): EgressFailure | undefined => {
  const { hosts, url } = target
  // `name.` is the same machine as `name` under another spelling: other certificates, other rules in proxies.
  if (url.username !== "" || url.password !== "" || url.hostname.endsWith(".")) {
    return "host_not_allowed"
  }
  if (!hosts.includes(url.host)) return "host_not_allowed"
  if (!isSecure(target, unsafelyAllowLoopback)) return "insecure_protocol"
  return undefined
}
