import * as oauth from "oauth4webapi"
import type { OAuth2Definition } from "../domain/ProviderDefinition.ts"
import { AuthorizationFailed } from "../ports/AuthorizationServerClient.ts"
import { namedError } from "./namedError.ts"
import type { EgressError } from "../ports/Egress.ts"

/** Why an authorization response is none to go on with. */
export const failureOfResponse = (
  cause: unknown,
  expected: AuthorizationFailed["expected"]
): AuthorizationFailed => {
  if (cause instanceof AuthorizationFailed) return cause
  if (cause instanceof oauth.AuthorizationResponseError) {
    // The provider's text is untrusted: only whether the user said no is taken from it (S-14).
    return new AuthorizationFailed({
      reason: cause.error === "access_denied" ? "access_denied" : "provider_error"
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
