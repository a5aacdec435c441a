import type { OAuth2Definition } from "./ProviderDefinition.ts"

/** They authenticate somebody, or are the connection's own. */
const reservedHeaders = new Set([
  "authorization",
  "connection",
  "content-length",
  "cookie",
  "dpop",
  "host",
  "proxy-authorization",
  "transfer-encoding"
])

/** The name of a header that no definition may set of its own; `also` carries the credential. */
export const reservedHeader = (
  headers: Readonly<Record<string, string>> | undefined,
  also?: string
): string | undefined =>
  Object.keys(headers ?? {}).find(
    (name) => reservedHeaders.has(name.toLowerCase()) || name.toLowerCase() === also
  )

/** The header that says how the body of a request is written: `encoding` does. */
export const contentTypeIn = (
  headers: Readonly<Record<string, string>> | undefined
): string | undefined =>
  Object.keys(headers ?? {}).find((name) => name.toLowerCase() === "content-type")

/** Headers of a definition's that would speak for somebody else. */
export const headerContradiction = (definition: OAuth2Definition): string | undefined => {
  const { account, check, discovery, refreshRequest, revocation, tokenHeader, tokenRequest } =
    definition
  const own = tokenHeader?.name.toLowerCase()
  const places = {
    "tokenRequest.headers": tokenRequest?.headers,
    "refreshRequest.headers": refreshRequest?.headers,
    "revocation.headers": revocation?.headers,
    "check.headers": check?.headers,
    "account.headers": account?.from === "request" ? account.headers : undefined,
    "discovery.headers": discovery?.headers
  }
  for (const [member, headers] of Object.entries(places)) {
    const found = reservedHeader(headers, own)
    if (found !== undefined) return `${member} may not set ${found}`
  }
  const written = { tokenRequest, refreshRequest, revocation }
  for (const [member, request] of Object.entries(written)) {
    const found = contentTypeIn(request?.headers)
    if (found !== undefined)
      return `${member}.headers may not set ${found}: ${member}.encoding does`
  }
  return undefined
}
