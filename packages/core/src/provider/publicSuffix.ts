import { getDomain } from "tldts"

/** Public suffixes whose hosts are all run by one vendor: its customers choose a label, not a server. */
const ofOneVendor: ReadonlySet<string> = new Set([
  // shopify.dev, "Authorization code grant": Shopify's own servers answer at every shop's host.
  "myshopify.com"
])

/**
 * The host itself, if it is a public suffix such as `co.uk` or `github.io`. Anybody can have a host below it, so a tenant
 * may not choose a label there (publicsuffix.org, the private section included). Undefined for a registered name.
 */
export const publicSuffix = (host: string): string | undefined =>
  ofOneVendor.has(host) || getDomain(host, { allowPrivateDomains: true }) !== null
    ? undefined
    : host

/** The part of a host name that one owner registered: below a public suffix, the private section included. */
export const registeredDomain = (host: string): string =>
  getDomain(host, { allowPrivateDomains: true }) ?? host
