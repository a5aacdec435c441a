import { authorizationParameters } from "./authorizationParameters.ts"
import type { AuthorizationRequest } from "./AuthorizationRequest.ts"
import { allow, deny } from "./authorizationResponse.ts"
import { consentPage, decisionHeader, errorPage, fragmentPage } from "./pages.ts"
import { readAuthorizationRequest } from "./readAuthorizationRequest.ts"
import type { Visit } from "./Simulation.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/** Requests that a person has yet to decide about, by the name that their page has for them. */
export type PendingRequests = Map<
  string,
  { readonly visit: Visit<OAuth2Vendor>; readonly request: AuthorizationRequest }
>

/** The authorization endpoint: sends the browser back, or asks the person first. */
export const authorize = (visit: Visit<OAuth2Vendor>, pending: PendingRequests): Response => {
  const { received, simulation, twist, vendor } = visit
  const { displayName } = vendor.facts.presentation
  const parameters = authorizationParameters(visit)
  if (parameters === "unread") return fragmentPage()

  const { problems, request } = readAuthorizationRequest(visit, parameters)
  if (request === undefined) {
    simulation.report(vendor, "authorize", problems)
    return errorPage(displayName, problems)
  }
  const decision = received.headers.get(decisionHeader)
  if (decision === "allow") return allow(visit, request)
  if (decision === "deny" || twist?.kind === "access_denied")
    return deny(visit, request, twist?.kind === "access_denied" ? twist.error : undefined)
  if (simulation.mode === "automatic") return allow(visit, request)

  const name = crypto.randomUUID()
  pending.set(name, { visit, request })
  return consentPage({
    displayName,
    scopes: [...request.scopes, ...request.userScopes],
    request: name
  })
}

/** What the buttons of the consent page lead to. */
export const decide = (pending: PendingRequests, form: URLSearchParams): Response => {
  const name = form.get("request") ?? ""
  const found = pending.get(name)
  pending.delete(name)
  if (found === undefined) return errorPage("The vendor", ["the decision is about no request"])
  return form.get("decision") === "allow"
    ? allow(found.visit, found.request)
    : deny(found.visit, found.request)
}
