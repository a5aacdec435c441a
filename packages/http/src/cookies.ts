import type { BrowserBinding } from "@hawser/core"
import { Duration, Redacted } from "effect"

/**
 * The cookie that binds a flow to its browser: one for each flow, so that flows in several tabs do not overwrite
 * each other. `__Host-` keeps sibling domains from planting it; both it and `Secure` fall away only if the public URL
 * is plain http on loopback, where no browser would take them.
 */
const cookieName = (flowTag: string, secure: boolean): string =>
  `${secure ? "__Host-" : ""}hawser-${flowTag}`

const attributes = (secure: boolean, maxAge: number, sameSite = "Lax"): string =>
  `Path=/; HttpOnly; ${secure ? "Secure; " : ""}SameSite=${sameSite}; Max-Age=${maxAge}`

/** A `Set-Cookie` value that lives as long as the flow. */
export const flowCookie = (binding: BrowserBinding, secure: boolean): string =>
  `${cookieName(binding.flowTag, secure)}=${Redacted.value(binding.secret)}; ${attributes(
    secure,
    Math.ceil(Duration.toSeconds(binding.lifetime)),
    // No browser takes None without Secure.
    binding.crossSite && secure ? "None" : "Lax"
  )}`

/** A `Set-Cookie` value that ends the flow's cookie. */
export const clearedFlowCookie = (flowTag: string, secure: boolean): string =>
  `${cookieName(flowTag, secure)}=; ${attributes(secure, 0)}`

/**
 * The browser secret of a flow in a `Cookie` header. A name that stands there twice counts as absent: one of the two was
 * planted, and nobody can tell which.
 */
export const readFlowCookie = (
  header: string | null,
  flowTag: string,
  secure: boolean
): string | undefined => {
  if (header === null) return undefined
  const prefix = `${cookieName(flowTag, secure)}=`
  const values = header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length))
  return values.length === 1 ? values[0] : undefined
}
