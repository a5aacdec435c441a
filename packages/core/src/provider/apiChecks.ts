import type { ApiKeyDefinition, ProviderDefinition } from "./ProviderDefinition.ts"
import { checkClientCredentials } from "./requestChecks.ts"
import { placeholders } from "./template.ts"

/** All places in which a request may carry parts of an API key. */
const keyTemplates = ({
  basic,
  clientCredentials,
  headers,
  query
}: ApiKeyDefinition): ReadonlyArray<string> => [
  ...Object.values(headers ?? {}),
  ...(basic === undefined ? [] : [basic.username, basic.password]),
  ...Object.values(query ?? {}),
  ...(clientCredentials === undefined
    ? []
    : [clientCredentials.clientSecret, ...Object.values(clientCredentials.parameters ?? {})])
]

/** The headers that carry the credential. */
const credentialHeaders = (definition: ProviderDefinition): ReadonlyArray<string> =>
  definition.authType === "oauth2"
    ? [definition.tokenHeader?.name ?? "authorization"]
    : [
        ...Object.keys(definition.headers ?? {}),
        ...(definition.basic === undefined ? [] : ["authorization"]),
        ...(definition.clientCredentials === undefined
          ? []
          : [definition.clientCredentials.tokenHeader?.name ?? "authorization"])
      ]

const repeated = (names: ReadonlyArray<string>): string | undefined => {
  const lowerCase = names.map((name) => name.toLowerCase())
  return lowerCase.find((name, index) => lowerCase.indexOf(name) !== index)
}

/** Contradictions in a definition about calls of the API. */
export const checkApi = (definition: ProviderDefinition): string | undefined => {
  const { api, apiHeaders } = definition
  // If the tenant has its own host, its credential goes only there.
  if (api?.hosts !== undefined && /^[^/]*\/\/[^/]*\{/.test(api.baseUrl))
    return "api.hosts stands beside a host of the tenant's own"
  const expired = checkExpired(definition)
  if (expired !== undefined) return expired
  const carriers = credentialHeaders(definition)
  const name =
    repeated([...carriers, ...Object.keys(apiHeaders ?? {})]) ??
    repeated([...new Set(carriers), ...Object.keys(definition.check?.headers ?? {})])
  if (name !== undefined) return `the header ${name} is set twice`
  const { tokenHeader } =
    definition.authType === "oauth2" ? definition : (definition.clientCredentials ?? {})
  if (tokenHeader !== undefined && placeholders(tokenHeader.template).join() !== "access_token")
    return "tokenHeader must hold {access_token} once, and nothing else in braces"
  if (definition.authType === "oauth2") return undefined
  const { clientCredentials } = definition
  const wrong =
    clientCredentials === undefined ? undefined : checkClientCredentials(clientCredentials)
  if (wrong !== undefined) return wrong
  const carried = new Set(keyTemplates(definition).flatMap(placeholders))
  return definition.fields.some((field) => field.secret !== false && carried.has(field.name))
    ? undefined
    : "no header, basic, query or client secret carries a secret field"
}

/** `expired` entries that would refresh after each call, or never. */
const checkExpired = (definition: ProviderDefinition): string | undefined => {
  const expired = definition.api?.expired
  if (expired === undefined) return undefined
  if (definition.authType === "api_key" && definition.clientCredentials === undefined)
    return "api.expired: a key that is not exchanged cannot be renewed"
  return expired.some(({ body, status }) => status < 400 && body === undefined)
    ? "api.expired: a status below 400 needs a body"
    : undefined
}
