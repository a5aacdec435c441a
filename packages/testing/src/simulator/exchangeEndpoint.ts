import type { OAuth2Facts } from "../facts/index.ts"
import { jsonAnswer, protocolError } from "./answers.ts"
import { issueTokens } from "./issueTokens.ts"
import { isGood } from "./Ledger.ts"
import { bodyParameters } from "./Received.ts"
import type { Visit } from "./Simulation.ts"
import { matcherOf } from "./templates.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

export type ExchangeFacts = NonNullable<OAuth2Facts["tokenExchange"]>

/** One more request, which turns the token of the token response into the one that is used. */
export const exchange = (visit: Visit<OAuth2Vendor>, facts: ExchangeFacts): Response => {
  const { received, simulation, vendor } = visit
  const { problems: malformed, values } = bodyParameters(received)
  const found: Record<string, string> = {}
  const problems = [
    ...malformed,
    ...Object.entries(facts.parameters).flatMap(([name, template]) => {
      const read = matcherOf(template, vendor.values)(values.get(name) ?? "")
      Object.assign(found, read)
      return read === undefined ? [`${name} is not ${template}`] : []
    }),
    ...[...values.keys()]
      .filter((name) => !Object.hasOwn(facts.parameters, name))
      .map((name) => `the vendor knows no parameter ${name}`)
  ]
  const client = vendor.clients.get(found["client_id"] ?? "")
  if ("client_id" in found && client === undefined) problems.push("the client is not registered")
  if ("client_secret" in found && found["client_secret"] !== client?.clientSecret)
    problems.push("the client's secret is not the registered one")
  if (problems.length > 0) {
    simulation.report(vendor, "exchange", problems)
    return protocolError(400, "invalid_request", problems)
  }
  const token = simulation.ledger.token(vendor.id, found["access_token"])
  if (token?.kind !== "preliminary" || !isGood(token, simulation.now()))
    return protocolError(400, "invalid_grant", ["the token is not known, or over"])
  const { body } = issueTokens(visit, { grant: token.grant, sample: facts, kind: "access" })
  return jsonAnswer(200, body)
}
