import { createHmac } from "node:crypto"
import type { AuthorizationRequest } from "./AuthorizationRequest.ts"
import { grantedNames, twistGrant } from "./issueTokens.ts"
import type { Grant } from "./Ledger.ts"
import { asOtherAccount } from "./otherAccount.ts"
import { formPostPage } from "./pages.ts"
import type { Visit } from "./Simulation.ts"
import { render } from "./templates.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/** Minutes that a code is good for (RFC 6749 §4.1.2 has ten at most). */
const codeMinutes = 10

/** The person consents: the browser goes back with a code. */
export const allow = (visit: Visit<OAuth2Vendor>, request: AuthorizationRequest): Response => {
  const { simulation, twist, vendor } = visit
  const grant = grantOf(visit, request)
  twistGrant(grant, twist)
  for (const scope of request.scopes) if (!grant.scopes.includes(scope)) vendor.declined.add(scope)
  const code = simulation.ledger.addCode({
    grant,
    redirectUri: request.redirectUri,
    challenge: request.challenge,
    expiresAt: simulation.now() + codeMinutes * 60_000
  })
  return respond(visit, request, {
    [vendor.facts.authorize.codeParameter ?? "code"]: code.value,
    ...scopesIn(vendor, grant),
    ...callbackOf(visit, grant)
  })
}

/** The person does not (RFC 6749 §4.1.2.1). */
export const deny = (
  visit: Visit<OAuth2Vendor>,
  request: AuthorizationRequest,
  error = "access_denied"
): Response =>
  respond(visit, request, {
    error,
    error_description: "The person has denied access."
  })

/**
 * What the vendor lets the person grant. Google adds what was granted to the client before, where that is asked for; Facebook
 * does not ask again for what was declined, unless that is asked for.
 */
const offeredScopes = (
  { simulation, vendor }: Visit<OAuth2Vendor>,
  { client, reauthorizes, scopes }: AuthorizationRequest
): ReadonlyArray<string> => {
  const { reauthorization } = vendor.facts
  if (reauthorization === undefined) return scopes
  if (reauthorization.addsGranted !== true)
    return reauthorizes ? scopes : scopes.filter((scope) => !vendor.declined.has(scope))
  if (!reauthorizes) return scopes
  const granted = [...simulation.ledger.grantsOf(vendor.id)]
    .filter(
      ({ clientId, isLive, isOfOther }) => clientId === client.clientId && isLive && !isOfOther
    )
    .flatMap((grant) => grant.scopes)
  return [...new Set([...scopes, ...granted])]
}

const grantOf = (visit: Visit<OAuth2Vendor>, request: AuthorizationRequest): Grant => {
  const { twist, vendor } = visit
  const { client, nonce, userScopes } = request
  return {
    vendor: vendor.id,
    clientId: client.clientId,
    scopes: offeredScopes(visit, request),
    userScopes,
    captures: (twist?.kind === "other_account"
      ? asOtherAccount(vendor, vendor.facts.captures ?? {})
      : (vendor.facts.captures ?? {})) as Grant["captures"],
    nonce,
    isOfOther: false,
    isLive: true
  }
}

/** Facebook and Strava tell here what the person has left of the scopes. */
const scopesIn = (vendor: OAuth2Vendor, { scopes }: Grant): Readonly<Record<string, string>> => {
  const { grantedScopes } = vendor.facts.authorize
  return grantedScopes === undefined
    ? {}
    : { [grantedScopes.parameter]: grantedNames(vendor, scopes).join(grantedScopes.separator) }
}

/** What the vendor tells besides the code. */
const callbackOf = (
  { simulation, vendor }: Visit<OAuth2Vendor>,
  grant: Grant
): Readonly<Record<string, string>> => {
  const values = { ...vendor.values, now: Math.floor(simulation.now() / 1000) }
  const given = Object.fromEntries(
    Object.entries(vendor.facts.authorize.callback ?? {}).map(([name, template]) => [
      name,
      render(template, values)
    ])
  )
  return grant.isOfOther ? (asOtherAccount(vendor, given) as typeof given) : given
}

const respond = (
  { vendor }: Visit<OAuth2Vendor>,
  { client, redirectUri, state }: AuthorizationRequest,
  members: Readonly<Record<string, string>>
): Response => {
  const { authorize, callbackSignature, issuer } = vendor.facts
  const parameters = new URLSearchParams(members)
  if (state !== undefined) parameters.set("state", state)
  // RFC 9207 §2.
  if (issuer !== undefined && authorize.sendsIss !== false)
    parameters.set("iss", render(issuer, vendor.values))
  if (callbackSignature !== undefined)
    parameters.set(callbackSignature.parameter, signatureOf(parameters, client.clientSecret))
  if (authorize.responseMode === "form_post") return formPostPage(redirectUri, parameters)
  const url = new URL(redirectUri)
  for (const [name, value] of parameters) url.searchParams.append(name, value)
  return new Response(null, {
    // After a button was pressed, the browser is to go on by GET all the same.
    status: 303,
    headers: { location: url.href, "cache-control": "no-store" }
  })
}

/** Shopify signs all other parameters in the order of their names (shopify.dev, "Implement authorization code grant"). */
const signatureOf = (parameters: URLSearchParams, secret = ""): string =>
  createHmac("sha256", secret)
    .update(
      [...parameters]
        .map(([name, value]) => `${name}=${value}`)
        .toSorted()
        .join("&")
    )
    .digest("hex")
