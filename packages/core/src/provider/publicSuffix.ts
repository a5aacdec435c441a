import { getDomain } from "tldts"

/** Public suffixes whose hosts are all run by one vendor: what its customers choose there is a label, and no server. */
const ofOneVendor: ReadonlySet<string> = new Set([
  // shopify.dev, "Authorization code grant": Shopify's own servers answer at every shop's host.
  "myshopify.com"
])

/**
 * The public suffix that a host is, with nothing of one vendor's before it: `co.uk`, `github.io`. Below it anybody can have a
 * host, so no label there may be of a tenant's choice (publicsuffix.org, the private section included). Undefined for a name
 * that somebody has registered.
 */
export const publicSuffix = (host: string): string | undefined =>
  // Below `localhost` a simulated vendor has the name that the vendor itself has.
  ofOneVendor.has(host) ||
  host.endsWith(".localhost") ||
  getDomain(host, { allowPrivateDomains: true }) !== null
    ? undefined
    : host
