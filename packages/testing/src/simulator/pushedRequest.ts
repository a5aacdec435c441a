import { authenticateClient } from "./clientAuthentication.ts"
import { jsonAnswer, protocolError } from "./answers.ts"
import { randomText } from "./Ledger.ts"
import { readAuthorizationRequest } from "./readAuthorizationRequest.ts"
import { bodyParameters } from "./Received.ts"
import type { Visit } from "./Simulation.ts"
import { nameAt, type OAuth2Vendor } from "./Vendor.ts"

/** Seconds that a pushed request is kept. */
const lifetime = 60

/** RFC 9126 §2: takes an authorization request from the client itself, and gives a reference to it. */
export const pushRequest = (visit: Visit<OAuth2Vendor>): Response => {
  const { received, simulation, vendor } = visit
  const { problems: malformed, values } = bodyParameters(received)
  const { client, problems: unauthenticated } = authenticateClient(
    visit,
    values,
    vendor.facts.token.clientAuthentication
  )
  const proof = ["client_secret", "client_assertion", "client_assertion_type"]
  const { problems, request } = readAuthorizationRequest(visit, {
    values: new Map([
      ...[...values].filter(([name]) => !proof.includes(name)),
      ...(client === undefined ? [] : [[nameAt(vendor, "client_id"), client.clientId] as const])
    ]),
    problems: malformed
  })
  if (client === undefined || request === undefined) {
    simulation.report(vendor, "pushed", [...unauthenticated, ...problems])
    return client === undefined
      ? protocolError(401, "invalid_client", unauthenticated)
      : protocolError(400, "invalid_request", problems)
  }
  const reference = `urn:ietf:params:oauth:request_uri:${randomText()}`
  vendor.pushedRequests.set(reference, request)
  return jsonAnswer(201, { request_uri: reference, expires_in: lifetime })
}
