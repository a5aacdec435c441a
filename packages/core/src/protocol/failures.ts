import * as oauth from "oauth4webapi"
import type { OAuth2Definition, VendorError } from "../provider/index.ts"
import type { EgressError } from "../services/index.ts"
import { AuthorizationFailed } from "./AuthorizationServerClient.ts"

/** The definition's meaning of an error from the token endpoint: the grant has ended, or the failure is temporary. */
export const namedError = (
  { temporaryErrors, terminalErrors }: Pick<OAuth2Definition, "temporaryErrors" | "terminalErrors">,
  cause: unknown
): "terminal" | "temporary" | undefined => {
  if (!(cause instanceof oauth.ResponseBodyError)) return undefined
  // An entry with a description takes precedence over one with only a code. If two descriptions match, the grant stays.
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
  ({ error, error_description: description = "" }: oauth.ResponseBodyError) =>
  (named: VendorError): boolean =>
    typeof named !== "string" &&
    named.error === error &&
    description.toLowerCase().includes(named.description.toLowerCase())

/**
 * Errors of an authorization response that mean that no access was given: RFC 6749 §4.1.2.1, and those of OpenID Connect Core
 * §3.1.2.6 in which the user must do something first.
 */
const denied = [
  "access_denied",
  "account_selection_required",
  "consent_required",
  "interaction_required",
  "login_required"
]

/** RFC 6749 §4.1.2.1: these replace a status, which a redirect cannot have. */
const unavailable = ["server_error", "temporarily_unavailable"]

/** Why an authorization response cannot be used. */
export const failureOfResponse = (
  { denialErrors, temporaryErrors }: Pick<OAuth2Definition, "denialErrors" | "temporaryErrors">,
  cause: unknown,
  expected: AuthorizationFailed["expected"]
): AuthorizationFailed => {
  if (cause instanceof AuthorizationFailed) return cause
  if (cause instanceof oauth.AuthorizationResponseError) {
    const { error } = cause
    // The provider's text is untrusted: it is only compared with lists.
    if (denied.includes(error) || denialErrors?.includes(error) === true)
      return new AuthorizationFailed({ reason: "access_denied" })
    return new AuthorizationFailed({
      reason:
        unavailable.includes(error) || temporaryErrors?.includes(error) === true
          ? "provider_unavailable"
          : "provider_error"
    })
  }
  // Only the library's message is used: the cause holds the parameters, and so the code.
  const problem = cause instanceof Error ? cause.message : undefined
  return new AuthorizationFailed({ reason: "invalid_response", cause: problem, expected })
}

/** Why a request to an endpoint of the server had no usable response. */
export const failureOfRequest = (
  definition: Pick<OAuth2Definition, "temporaryErrors" | "terminalErrors">,
  egressError: EgressError | undefined,
  cause: unknown,
  unkept?: AuthorizationFailed["unkept"]
): AuthorizationFailed => {
  if (egressError !== undefined)
    return new AuthorizationFailed({ reason: "provider_unavailable", cause: egressError, unkept })
  const hasStatus =
    cause instanceof oauth.ResponseBodyError || cause instanceof oauth.WWWAuthenticateChallengeError
  const status = hasStatus
    ? cause.status
    : cause instanceof oauth.OperationProcessingError && cause.cause instanceof Response
      ? cause.cause.status
      : 0
  if (status >= 500 || status === 429 || namedError(definition, cause) === "temporary")
    return new AuthorizationFailed({ reason: "provider_unavailable", unkept })
  return new AuthorizationFailed({
    reason: hasStatus ? "provider_error" : "invalid_response",
    unkept
  })
}
