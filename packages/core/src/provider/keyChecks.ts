import type { ApiKeyDefinition } from "./ProviderDefinition.ts"
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

/** What a definition cannot mean about how a request carries the key. */
export const checkKeyCarriers = (definition: ApiKeyDefinition): string | undefined => {
  const { clientCredentials, fields } = definition
  const wrong =
    clientCredentials === undefined ? undefined : checkClientCredentials(clientCredentials)
  if (wrong !== undefined) return wrong
  const carried = new Set(keyTemplates(definition).flatMap(placeholders))
  return fields.some((field) => field.secret !== false && carried.has(field.name))
    ? undefined
    : "no header, basic, query or client secret carries a secret field"
}
