import * as oauth from "oauth4webapi"
import type { OAuth2Definition, VendorError } from "../provider/index.ts"
import type { EgressError } from "../services/index.ts"
import { AuthorizationFailed } from "./AuthorizationServerClient.ts"

/** What a definition says of an error of the token endpoint: the grant is over, or the vendor cannot tell for now. */
export const namedError = (
  { temporaryErrors, terminalErrors }: Pick<OAuth2Definition, "temporaryErrors" | "terminalErrors">,
  cause: unknown
): "terminal" | "temporary" | undefined => {
  if (!(cause instanceof oauth.ResponseBodyError)) return undefined
  // The description is more than the code alone, and where two descriptions fit, nothing ends.
  if (temporaryErrors?.some(describes(cause)) === true) return "temporary"
  if (terminalErrors?.some(describes(cause)) === true) return "terminal"
  if (terminalErrors?.includes(cause.error) === true) return "terminal"
  // RFC 6749 has it for the authorization endpoint; Microsoft's and Auth0's token endpoints have it too.
  return cause.error === "temporarily_unavailable" ||
    temporaryErrors?.includes(cause.error) === true
    ? "temporary"
    : undefined
}

const describes =
  ({ error, error_description: told = "" }: oauth.ResponseBodyError) =>
  (named: VendorError): boolean =>
    typeof named !== "string" &&
    named.error === error &&
    told.toLowerCase().includes(named.description.toLowerCase())

/**
 * Errors of an authorization response in which nobody gave access: RFC 6749 §4.1.2.1, and those of OpenID Connect Core
 * §3.1.2.6 in which the person has yet to do something.
 */
const denied = [
  "access_denied",
  "account_selection_required",
  "consent_required",
  "interaction_required",
  "login_required"
]

/** RFC 6749 §4.1.2.1: a status that a redirect cannot have. */
const unavailable = ["server_error", "temporarily_unavailable"]

/** Why an authorization response is none to go on with. */
export const failureOfResponse = (
  { denialErrors, temporaryErrors }: Pick<OAuth2Definition, "denialErrors" | "temporaryErrors">,
  cause: unknown,
  expected: AuthorizationFailed["expected"]
): AuthorizationFailed => {
  if (cause instanceof AuthorizationFailed) return cause
  if (cause instanceof oauth.AuthorizationResponseError) {
    const { error } = cause
    // The provider's text is untrusted: it is looked up in lists, and nothing else of it is taken.
    if (denied.includes(error) || denialErrors?.includes(error) === true)
      return new AuthorizationFailed({ reason: "access_denied" })
    return new AuthorizationFailed({
      reason:
        unavailable.includes(error) || temporaryErrors?.includes(error) === true
          ? "provider_unavailable"
          : "provider_error"
    })
  }
  // Only its message, which is the library's own: its cause holds the parameters, and with them the code.
  const problem = cause instanceof Error ? cause.message : undefined
  return new AuthorizationFailed({ reason: "invalid_response", cause: problem, expected })
}

/** Why a request to one of the server's endpoints gave nothing that can be used. */
export const failureOfRequest = (
  definition: Pick<OAuth2Definition, "temporaryErrors" | "terminalErrors">,
  egressError: EgressError | undefined,
  cause: unknown,
  unkept?: AuthorizationFailed["unkept"]
): AuthorizationFailed => {
  if (egressError !== undefined)
    return new AuthorizationFailed({ reason: "provider_unavailable", cause: egressError, unkept })
  const told =
    cause instanceof oauth.ResponseBodyError || cause instanceof oauth.WWWAuthenticateChallengeError
  const status = told
    ? cause.status
    : cause instanceof oauth.OperationProcessingError && cause.cause instanceof Response
      ? cause.cause.status
      : 0
  if (status >= 500 || status === 429 || namedError(definition, cause) === "temporary")
    return new AuthorizationFailed({ reason: "provider_unavailable", unkept })
  return new AuthorizationFailed({ reason: told ? "provider_error" : "invalid_response", unkept })
}
