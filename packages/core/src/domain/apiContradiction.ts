import type { ApiKeyDefinition, ProviderDefinition } from "./ProviderDefinition.ts"
import { placeholders } from "./template.ts"

/** All places where a request may carry parts of an API key. */
export const keyTemplates = ({
  basic,
  headers,
  query
}: ApiKeyDefinition): ReadonlyArray<string> => [
  ...Object.values(headers ?? {}),
  ...(basic === undefined ? [] : [basic.username, basic.password]),
  ...Object.values(query ?? {})
]

/** The headers that carry what a tenant is connected with. */
const credentialHeaders = (definition: ProviderDefinition): ReadonlyArray<string> =>
  definition.authType === "oauth2"
    ? [definition.tokenHeader?.name ?? "authorization"]
    : [
        ...Object.keys(definition.headers ?? {}),
        ...(definition.basic === undefined ? [] : ["authorization"])
      ]

const repeated = (names: ReadonlyArray<string>): string | undefined => {
  const lowerCase = names.map((name) => name.toLowerCase())
  return lowerCase.find((name, index) => lowerCase.indexOf(name) !== index)
}

/** What in a definition contradicts itself about calls of the API. */
export const apiContradiction = (definition: ProviderDefinition): string | undefined => {
  const { api, apiHeaders } = definition
  // Where the tenant has a host, its credential goes to exactly that one (S-40).
  if (api?.hosts !== undefined && /^[^/]*\/\/[^/]*\{/.test(api.baseUrl))
    return "api.hosts stands beside a host of the tenant's own"
  const name = repeated([...credentialHeaders(definition), ...Object.keys(apiHeaders ?? {})])
  if (name !== undefined) return `the header ${name} is set twice`
  if (definition.authType === "oauth2") {
    const { template } = definition.tokenHeader ?? { template: "{access_token}" }
    return placeholders(template).join() === "access_token"
      ? undefined
      : "tokenHeader must hold {access_token} once, and nothing else in braces"
  }
  const carried = new Set(keyTemplates(definition).flatMap(placeholders))
  return definition.fields.some((field) => field.secret !== false && carried.has(field.name))
    ? undefined
    : "no header, basic or query carries a secret field"
}
