import { choiceList } from "./accounts.ts"
import type { AccountPath, Capture, OAuth2Definition } from "./ProviderDefinition.ts"
import { publicSuffix } from "./publicSuffix.ts"
import { placeholders } from "./template.ts"

/** What a definition says of captured values and cannot mean. */
export const checkCaptures = (
  definition: OAuth2Definition,
  /** Whether the kind's own requests verify what the browser brought. */
  { confirmsCallback }: { readonly confirmsCallback: boolean }
): string | undefined => {
  const captures = definition.captures ?? {}
  for (const [name, capture] of Object.entries(captures)) {
    const wrong = checkCapture(definition, capture)
    if (wrong !== undefined) return `captures.${name}: ${wrong}`
  }
  const { account, discovery } = definition
  if (account !== undefined && account.from !== "capture" && hasPosition(account.id))
    return `account.id: ${byPosition}`
  const chosen = checkChoice(definition)
  if (chosen !== undefined) return chosen
  if (account?.from === "capture" && captures[account.name]?.required === false)
    return `account: ${account.name} may be left out`
  if (account?.from === "capture" && captures[account.name] === undefined)
    return `account: ${account.name} is not the name of a capture`
  // Anybody can write a value into the callback's address. As an account it would name somebody else's.
  const confirmed = new Set(placeholders(discovery?.url ?? ""))
  if (
    account?.from === "capture" &&
    captures[account.name]?.from === "callback" &&
    !confirmsCallback &&
    !confirmed.has(account.name)
  )
    return `account: {${account.name}} comes with the browser and is nowhere asked about; name it in discovery.url`
  const isAsked = ({ from }: Capture) => from === "request"
  if (discovery === undefined) return undefined
  const early = placeholders(discovery.url).find((name) => captures[name]?.from === "request")
  if (early !== undefined) return `discovery.url: {${early}} comes in the answer to it`
  const confirms = [...confirmed].some((name) => captures[name]?.from === "callback")
  return confirms || account?.from === "discovery" || Object.values(captures).some(isAsked)
    ? undefined
    : "discovery: no capture comes from it, and none of the callback stands in its URL"
}

/** A token opens all of the accounts, so the one that was chosen must stand in each request to the API. */
const checkChoice = (definition: OAuth2Definition): string | undefined => {
  const { account, api, apiHeaders, discovery, grantSubject } = definition
  if (account?.from === "discovery" && discovery === undefined)
    return "account: there is no discovery to ask"
  if (grantSubject?.from === "discovery" && discovery === undefined)
    return "grantSubject: there is no discovery to ask"
  if (grantSubject?.from === "id_token" && definition.openid !== true)
    return "grantSubject comes from an ID token, and openid is not set"
  if (choiceList(definition) === undefined || api === undefined) return undefined
  const used = [api.baseUrl, ...Object.values(apiHeaders ?? {})].flatMap(placeholders)
  const isDirected = Object.entries(definition.captures ?? {}).some(
    ([name, capture]) =>
      used.includes(name) &&
      (account?.from === "discovery"
        ? capture.from === "request" && isSamePath(capture.path, account.id)
        : account?.from === "capture" && account.name === name)
  )
  return isDirected
    ? undefined
    : "account: the id of the account that is chosen must be captured from discovery and stand in api.baseUrl or apiHeaders"
}

const isSamePath = (one: AccountPath, other: AccountPath): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The first of several accounts is somebody else's as often as not. */
const hasPosition = (path: AccountPath): boolean =>
  path.some((step) => typeof step === "string" && /^\d+$/.test(step))

const byPosition = 'a list is not left by position; write { "only": true } or { "where": … }'

/** Secrets are sealed; what is captured is shown. */
const secretMembers = new Set(["access_token", "refresh_token", "id_token"])

const checkCapture = (definition: OAuth2Definition, capture: Capture): string | undefined => {
  const { hostBelow, sameAs } = capture
  if (sameAs !== undefined && !(definition.fields ?? []).some(({ name }) => name === sameAs))
    return `sameAs: ${sameAs} is not the name of a field`
  if (
    capture.moves === true &&
    (hostBelow === undefined || sameAs !== undefined || capture.from !== "token_response")
  )
    return "moves: only a host below the vendor's domains that comes in a token response may move"
  const wide = hostBelow?.find(
    (suffix) =>
      !/^(?:\.[a-z0-9-]+){2,}$/.test(suffix) || publicSuffix(suffix.slice(1)) !== undefined
  )
  if (wide !== undefined) return `hostBelow: ${wide} is wider than one vendor`
  if (capture.from !== "callback" && hasPosition(capture.path)) return `path: ${byPosition}`
  switch (capture.from) {
    case "callback":
      return ["code", "error", "iss", "state", definition.codeParameter].includes(capture.parameter)
        ? `${capture.parameter} belongs to the protocol`
        : undefined
    case "request":
      return definition.discovery === undefined ? "there is no discovery to ask" : undefined
    case "token_response": {
      const { access_token, refresh_token } = definition.tokenResponse?.members ?? {}
      const path = capture.path.map((step) => (typeof step === "string" ? step : "*")).join(".")
      return secretMembers.has(path.split(".").at(-1) ?? "") ||
        [access_token?.join("."), refresh_token?.join(".")].includes(path)
        ? "a token may not be captured"
        : undefined
    }
  }
}
