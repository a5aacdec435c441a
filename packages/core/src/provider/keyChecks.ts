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

/** Whom a key belongs to is learnt by the check, and told apart by the id and the host that names it. */
export const checkKeyAccount = ({
  account,
  check,
  fields
}: ApiKeyDefinition): string | undefined => {
  if (account === undefined) return undefined
  if (check === undefined) return "account is read from the answer to check, and there is no check"
  const named = placeholders(check.url.split("/").slice(3).join("/"))
  const field = fields.find(({ name }) => named.includes(name))
  return field === undefined
    ? undefined
    : `account: the path of check.url holds {${field.name}}, and the same id may be another account there`
}

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
