import type { ApiKeyFacts } from "../facts/index.ts"
import { answerOf, formAnswer, jsonAnswer } from "./answers.ts"
import { readEndpointRequest } from "./endpointRequest.ts"
import { issueTokens } from "./issueTokens.ts"
import type { Visit } from "./Simulation.ts"
import { render } from "./templates.ts"
import type { ApiKeyVendor } from "./Vendor.ts"

export type ClientCredentialsFacts = NonNullable<ApiKeyFacts["clientCredentials"]>

/** RFC 6749 §4.4, or what the vendor has made of it: a token for the tenant's own credentials. */
export const issueForCredentials = (
  visit: Visit<ApiKeyVendor>,
  facts: ClientCredentialsFacts
): Response => {
  const { twist, vendor } = visit
  const scope = facts.scope === undefined ? undefined : render(facts.scope, vendor.values)
  const request = readEndpointRequest(visit, "token", facts, {
    fixed: { grant_type: facts.grantType, ...(scope !== undefined && { scope }) },
    required: [],
    optional: [],
    // A tenant's wrong key is not a mistake of whoever sends it on.
    unknownClient: answerOf(facts.refused)
  })
  if (request instanceof Response) return request
  if (twist?.kind === "invalid_grant") return answerOf(facts.refused)
  if (!vendor.key.isLive) return answerOf(facts.refused)
  const { body } = issueTokens(visit, {
    grant: {
      vendor: vendor.id,
      clientId: request.client.clientId,
      scopes: scope === undefined ? [] : [scope],
      userScopes: [],
      captures: {},
      nonce: undefined,
      isOfOther: false,
      isLive: true
    },
    sample: facts,
    kind: "access"
  })
  return facts.answerType === "form" ? formAnswer(body) : jsonAnswer(200, body)
}
