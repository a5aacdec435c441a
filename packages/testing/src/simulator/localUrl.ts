/**
 * The vendor's host below `localhost`, at the simulator's port: `https://slack.com/api` to
 * `http://slack.com.localhost:4000/api`. What stands in the host in place of a tenant's field stays there.
 */
export const localUrl = (vendorUrl: string, port: number): string =>
  vendorUrl.replace(/^https:\/\/([^/?#:]+)(?::\d+)?/, (_, host: string) => {
    return `http://${localHost(host, port)}`
  })

export const localHost = (host: string, port: number): string =>
  `${host.replace(/:\d+$/, "")}.localhost:${port}`

/** The vendor's own URL in place of a local one; undefined for any other host. */
export const vendorHost = (host: string | undefined): string | undefined =>
  /^([a-z0-9.-]+)\.localhost(?::\d+)?$/i.exec(host ?? "")?.[1]?.toLowerCase()

/** The same for a URL; one that is not local stays as it is. */
export const vendorUrl = (text: string): string => {
  const url = URL.parse(text)
  const host = vendorHost(url?.host)
  return url === null || host === undefined
    ? text
    : text.replace(`${url.protocol}//${url.host}`, `https://${host}`)
}
