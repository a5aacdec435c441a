import { declaredKindOf } from "./authKinds.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"
import { placeholders } from "./template.ts"

const repeated = (names: ReadonlyArray<string>): string | undefined => {
  const lowerCase = names.map((name) => name.toLowerCase())
  return lowerCase.find((name, index) => lowerCase.indexOf(name) !== index)
}

/** Contradictions in a definition about calls of the API. */
export const checkApi = (definition: ProviderDefinition): string | undefined => {
  const { api, apiHeaders } = definition
  const kind = declaredKindOf(definition)
  // If the tenant has its own host, its credential goes only there.
  if (api?.hosts !== undefined && /^[^/]*\/\/[^/]*\{/.test(api.baseUrl))
    return "api.hosts stands beside a host of the tenant's own"
  const expired = checkExpired(definition)
  if (expired !== undefined) return expired
  const carriers = kind.credentialHeaders(definition)
  const name =
    repeated([...carriers, ...Object.keys(apiHeaders ?? {})]) ??
    repeated([...new Set(carriers), ...Object.keys(definition.check?.headers ?? {})])
  if (name !== undefined) return `the header ${name} is set twice`
  const tokenHeader = kind.tokenHeader(definition)
  if (tokenHeader !== undefined && placeholders(tokenHeader.template).join() !== "access_token")
    return "tokenHeader must hold {access_token} once, and nothing else in braces"
  return kind.checkCarriers(definition)
}

/** `expired` entries that would refresh after each call, or never. */
const checkExpired = (definition: ProviderDefinition): string | undefined => {
  const expired = definition.api?.expired
  if (expired === undefined) return undefined
  if (!declaredKindOf(definition).isRenewable)
    return "api.expired: a key that is not exchanged cannot be renewed"
  return expired.some(({ body, status }) => status < 400 && body === undefined)
    ? "api.expired: a status below 400 needs a body"
    : undefined
}
