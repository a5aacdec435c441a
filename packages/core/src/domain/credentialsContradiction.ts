import { contentTypeIn, reservedHeader } from "./headerContradiction.ts"
import type { ClientCredentials } from "./ProviderDefinition.ts"

const own = ["client_id", "client_secret", "grant_type", "scope"] as const

/** What would be sent in place of the exchange's own, or as a second client authentication (S-32). */
export const credentialsContradiction = ({
  headers,
  parameterNames = {},
  parameters = {}
}: ClientCredentials): string | undefined => {
  const taken = ["client_assertion", "client_assertion_type"]
  for (const name of own) taken.push(name, parameterNames[name] ?? name)
  const parameter = Object.keys(parameters).find((name) => taken.includes(name))
  if (parameter !== undefined) return `clientCredentials.parameters may not set ${parameter}`
  const header = reservedHeader(headers)
  if (header !== undefined) return `clientCredentials.headers may not set ${header}`
  const type = contentTypeIn(headers)
  return type === undefined
    ? undefined
    : `clientCredentials.headers may not set ${type}: clientCredentials.encoding does`
}
