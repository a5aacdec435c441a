import { headerContradiction } from "./headerContradiction.ts"
import { parameterContradiction } from "./parameterContradiction.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"

/** What a definition would send in place of the protocol's own, or as a second client authentication (S-32). */
export const requestContradiction = (definition: OAuth2Definition): string | undefined =>
  parameterContradiction(definition) ??
  headerContradiction(definition) ??
  authenticationContradiction(definition) ??
  urlSecretsContradiction(definition)

/** One request's method may be another way to send the same secret; a key is for all of them. */
const authenticationContradiction = (definition: OAuth2Definition): string | undefined => {
  const { refreshRequest, revocation, tokenRequest } = definition
  const members = { tokenRequest, refreshRequest, revocation }
  const [found] =
    Object.entries(members).find(
      ([, request]) =>
        request?.clientAuthentication === "private_key_jwt" &&
        definition.clientAuthentication !== "private_key_jwt"
    ) ?? []
  return found === undefined
    ? undefined
    : `${found}.clientAuthentication: private_key_jwt must be the definition's own method`
}

/** A GET has no body that could be JSON. */
const urlSecretsContradiction = (definition: OAuth2Definition): string | undefined => {
  for (const member of ["tokenRequest", "refreshRequest"] as const) {
    const request = definition[member]
    if (request?.unsafelySendsSecretsInUrl === true && request.encoding !== undefined)
      return `${member}.encoding stands beside unsafelySendsSecretsInUrl`
  }
  return undefined
}
