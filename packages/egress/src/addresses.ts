import { BlockList, isIP } from "node:net"

type Range = readonly [network: string, prefix: number]

// One list a family: in a shared one, Node matches IPv4 addresses with rules for ::ffff:0:0/96.
const blockList = (family: "ipv4" | "ipv6", ranges: ReadonlyArray<Range>): BlockList => {
  const list = new BlockList()
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family)
  return list
}

/** Private networks, and what else the IANA IPv4 Special-Purpose Address Registry calls not globally reachable. */
const specialIpv4 = blockList("ipv4", [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local: the clouds' metadata services
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4] // reserved, broadcast
])

/**
 * The only IPv6 space that is public at all. Outside of it lie ::, ::1, the IPv4-compatible ::/96, the IPv4-mapped
 * ::ffff:0:0/96, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), unique local fc00::/7, link-local fe80::/10, ff00::/8.
 */
const globalUnicastIpv6 = blockList("ipv6", [["2000::", 3]])

/** What inside global unicast leads elsewhere: three of them carry an IPv4 address that nobody has checked. */
const specialIpv6 = blockList("ipv6", [
  ["2001::", 23], // protocol assignments, Teredo (2001::/32) among them
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4
  ["3fff::", 20] // documentation
])

/** What networks use inside (RFC 1918, RFC 6598, RFC 4193). Link-local, with the metadata services, is not among it. */
const privateIpv4 = blockList("ipv4", [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16]
])
const privateIpv6 = blockList("ipv6", [["fc00::", 7]])
/** The metadata service of EC2, which stands in a private range (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html). */
const metadataIpv6 = blockList("ipv6", [["fd00:ec2::254", 128]])

const loopbackIpv4 = blockList("ipv4", [["127.0.0.0", 8]])
const loopbackIpv6 = blockList("ipv6", [["::1", 128]])

/** Whether an address that a name resolved to may be connected to: global unicast, and nothing that tunnels. */
export const isPublicAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return !specialIpv4.check(address, "ipv4")
    case 6:
      // Only local addresses have a zone.
      return (
        !address.includes("%") &&
        globalUnicastIpv6.check(address, "ipv6") &&
        !specialIpv6.check(address, "ipv6")
      )
    default:
      return false
  }
}

/** Whether an address is one of a private network, and no cloud's metadata service. */
export const isPrivateAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return privateIpv4.check(address, "ipv4")
    case 6:
      return (
        !address.includes("%") &&
        privateIpv6.check(address, "ipv6") &&
        !metadataIpv6.check(address, "ipv6")
      )
    default:
      return false
  }
}

/** Whether an address is this machine's own: 127.0.0.0/8 or ::1, in no other spelling. */
export const isLoopbackAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return loopbackIpv4.check(address, "ipv4")
    case 6:
      return loopbackIpv6.check(address, "ipv6")
    default:
      return false
  }
}
