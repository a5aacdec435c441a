import type { FlowFailure } from "@hawser/core"

/** What the callback told the page that a flow ended at. */
export type Return =
  /** Nobody came back from a flow. */
  | { readonly status: "nothing" }
  | { readonly status: "connected"; readonly provider: string; readonly integrationId: string }
  /** Somebody else, such as an owner of the organization, has yet to approve it at the provider. */
  | { readonly status: "pending_approval"; readonly provider: string }
  /** Parked: it has to be completed. */
  | { readonly status: "pending"; readonly provider: string; readonly flowId: string }
  /** The consent covers several accounts, and one has to be chosen. */
  | { readonly status: "choose"; readonly provider: string; readonly flowId: string }
  | { readonly status: "error"; readonly provider: string; readonly error: FlowFailure }

const nothing: Return = { status: "nothing" }

/**
 * Reads from the address bar what the callback put there, and takes it away, so that it is neither kept in the history nor
 * read twice. Where there is no address bar there is nothing to read. Another window's address is only read.
 */
export const takeReturn = (href?: string): Return => {
  if (href !== undefined) return readReturn(new URL(href))
  const { history, location } = globalThis as Partial<typeof globalThis>
  if (location === undefined || history === undefined) return nothing
  const url = new URL(location.href)
  const found = readReturn(url)
  if (found.status === "nothing") return nothing
  // A router may keep its own state in the entry.
  history.replaceState(history.state, "", withoutReturn(url, found))
  return found
}

/** Anyone can make a link to the page, so all of it is checked before any of it is used in a path or shown. */
const readReturn = ({ hash, searchParams }: URL): Return => {
  const provider = searchParams.get("provider") ?? ""
  if (!isSegment.test(provider)) return nothing
  const status = searchParams.get("status") ?? ""
  switch (status) {
    case "connected": {
      const integrationId = searchParams.get("integrationId") ?? ""
      return isIntegrationId.test(integrationId)
        ? { status: "connected", provider, integrationId }
        : nothing
    }
    case "pending_approval":
      return { status: "pending_approval", provider }
    case "choose":
    case "pending": {
      const flowId = new URLSearchParams(hash.slice(1)).get("flowId") ?? ""
      return flowId === "" ? nothing : { status, provider, flowId }
    }
    case "error": {
      const error = searchParams.get("error") ?? ""
      return { status: "error", provider, error: isFailure(error) ? error : "provider_error" }
    }
    default:
      return nothing
  }
}

/** One segment of a path, and no `..` among them: the token goes where this leads. */
const isSegment = /^[a-z0-9-]{1,63}$/
const isIntegrationId = /^int_[0-9A-Z]{26}$/

const failures: Readonly<Record<FlowFailure, true>> = {
  access_denied: true,
  provider_error: true,
  provider_unavailable: true,
  invalid_response: true,
  insufficient_scope: true,
  account_mismatch: true,
  account_not_permitted: true,
  account_already_connected: true,
  already_connected: true,
  session_expired: true
}

const isFailure = (word: string): word is FlowFailure => Object.hasOwn(failures, word)

const ownParameters = new Set(["status", "provider", "integrationId", "error"])

/** The page's own parameters stay as they were written; only a fragment that carried a flow id goes. */
const withoutReturn = (url: URL, { status }: Return): string => {
  const kept = url.search
    .slice(1)
    .split("&")
    .filter(
      (pair) => ![...new URLSearchParams(pair).keys()].some((name) => ownParameters.has(name))
    )
  const query = kept.length === 0 ? "" : `?${kept.join("&")}`
  const hash = status === "pending" || status === "choose" ? "" : url.hash
  return url.origin + url.pathname + query + hash
}
