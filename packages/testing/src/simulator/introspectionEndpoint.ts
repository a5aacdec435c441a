import { jsonAnswer } from "./answers.ts"
import { readEndpointRequest } from "./endpointRequest.ts"
import { isGood } from "./Ledger.ts"
import type { Visit } from "./Simulation.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/** RFC 7662 §2: what a token is worth, told to the client that it was issued to. */
export const introspect = (visit: Visit<OAuth2Vendor>): Response => {
  const { simulation, vendor } = visit
  const { clientAuthentication } = vendor.facts.token
  const request = readEndpointRequest(
    visit,
    "introspection",
    { clientAuthentication },
    { fixed: {}, required: ["token"], optional: ["token_type_hint"] }
  )
  if (request instanceof Response) return request
  const token = simulation.ledger.token(vendor.id, request.get("token"))
  const isOfClient =
    token?.grant.clientId === undefined || token.grant.clientId === request.client.clientId
  if (token === undefined || !isOfClient || !isGood(token, simulation.now()))
    return jsonAnswer(200, { active: false })
  return jsonAnswer(200, {
    active: true,
    client_id: request.client.clientId,
    scope: token.grant.scopes.join(" "),
    ...(token.expiresAt !== undefined && { exp: Math.floor(token.expiresAt / 1000) })
  })
}
