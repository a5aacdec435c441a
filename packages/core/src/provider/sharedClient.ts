import type { OAuth2Definition } from "./ProviderDefinition.ts"
import { publicSuffix } from "./publicSuffix.ts"
import { afterFirstLabel, hostPart, isFirstLabel, placeholders, withChoices } from "./template.ts"

/** The members whose hosts see the client's secret, a code, or an assertion. */
const clientEndpoints = (definition: OAuth2Definition) => ({
  authorizationEndpoint: definition.authorizationEndpoint,
  tokenEndpoint: definition.tokenEndpoint,
  pushedAuthorizationRequestEndpoint: definition.pushedAuthorizationRequestEndpoint,
  issuer: definition.issuer,
  refreshEndpoint: definition.refreshEndpoint,
  "introspection.endpoint": definition.introspection?.endpoint,
  "tokenExchange.endpoint": definition.tokenExchange?.endpoint,
  "revocation.endpoint": definition.revocation?.endpoint
})

/**
 * Whether tenants choose the host in a definition whose client they all share: a tenant that names its own server would get
 * the shared secret. A value of a closed list is the definition's choice, and a label before a fixed name belongs to one
 * vendor.
 */
export const tenantChosenHost = (
  definition: OAuth2Definition
): { readonly member: string; readonly problem: string } | undefined => {
  const fields = new Map((definition.fields ?? []).map((field) => [field.name, field]))
  for (const [member, url = ""] of Object.entries(clientEndpoints(definition))) {
    const chosen = placeholders(hostPart(url)).find((name) => {
      const field = fields.get(name)
      return (
        field !== undefined &&
        field.choices === undefined &&
        !(
          field.format === "subdomain" &&
          withChoices(url, [...fields.values()]).every(
            (one) => isFirstLabel(one, name) && publicSuffix(afterFirstLabel(one)) === undefined
          )
        )
      )
    })
    if (chosen !== undefined) {
      return {
        member,
        problem:
          `The field ${chosen} lets a tenant choose the host, and your client would be used there. ` +
          `Give the field a list of choices, or format "subdomain" and a place before the vendor's own domain, which is not a public suffix such as co.uk or github.io.`
      }
    }
  }
  return undefined
}
