import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import { type BoundFlow, isTokenText, Secret } from "../model/index.ts"
import {
  capturedFrom,
  type CheckedServer,
  type OAuth2Definition,
  type OAuth2Provider
} from "../provider/index.ts"
import { AuthorizationFailed, type AuthorizationResponse } from "./AuthorizationServerClient.ts"
import { failureOfResponse } from "./failures.ts"
import { clientMetadata, serverMetadata } from "./serverMetadata.ts"

/** Checks what the browser brought, and takes from it the code and what is to be captured, and nothing else. */
export const validateResponse = (
  provider: OAuth2Provider,
  server: CheckedServer,
  flow: Pick<BoundFlow, "fields">,
  parameters: URLSearchParams
): Effect.Effect<AuthorizationResponse, AuthorizationFailed> =>
  Effect.try({
    try: () => {
      const { definition } = provider
      // The state was compared by the store, as a hash: it found this very flow.
      const validated = oauth.validateAuthResponse(
        serverMetadata(provider, server, only(parameters, "iss")),
        clientMetadata(server),
        parameters,
        oauth.skipStateCheck
      )
      const code = only(validated, definition.codeParameter ?? "code")
      const captured = capturedFrom(definition, flow.fields, {
        callback: (parameter) => only(validated, parameter)
      })
      if (!isTokenText(code))
        throw refused({ expected: `one ${definition.codeParameter ?? "code"} that is a code` })
      if (captured === undefined) throw refused({ expected: callbackCaptures(definition) })
      return {
        code: Secret(code),
        iss: validated.get("iss") ?? undefined,
        captured,
        scopes: namedScopes(definition, validated)
      }
    },
    catch: (cause) =>
      failureOfResponse(
        provider.definition,
        cause,
        otherIssuer(provider, serverMetadata(provider, server, only(parameters, "iss")), parameters)
      )
  })

const refused = (expected: AuthorizationFailed["expected"]) =>
  new AuthorizationFailed({ reason: "invalid_response", expected })

/** What a definition wants to be told at the callback. */
const callbackCaptures = ({ captures = {} }: OAuth2Definition): string =>
  Object.values(captures)
    .flatMap((capture) => (capture.from === "callback" ? [capture.parameter] : []))
    .join(", ")

/** The issuer that a response must name (RFC 9207 §2.4); nothing if it names that one. */
const otherIssuer = (
  { definition }: OAuth2Provider,
  { authorization_response_iss_parameter_supported: isPromised, issuer }: oauth.AuthorizationServer,
  parameters: URLSearchParams
): AuthorizationFailed["expected"] => {
  const [received] = parameters.getAll("iss")
  return received === issuer || (received === undefined && isPromised !== true)
    ? undefined
    : {
        expectedIssuer: issuer,
        hint:
          definition.issuer === undefined
            ? "If the received one is the vendor's, set the definition's issuer to it."
            : "If the received one is the vendor's, correct the definition's issuer."
      }
}

/** Undefined if it says nothing of scopes; an empty value says that none was granted. */
const namedScopes = (
  { grantedScopeParameter, grantedScopeSeparator = " " }: OAuth2Provider["definition"],
  parameters: URLSearchParams
): ReadonlyArray<string> | undefined =>
  grantedScopeParameter === undefined || !parameters.has(grantedScopeParameter)
    ? undefined
    : parameters
        .getAll(grantedScopeParameter)
        .flatMap((value) => value.split(grantedScopeSeparator))
        .map((scope) => scope.trim())

/** A parameter that is there once, and not empty. */
const only = (parameters: URLSearchParams, name: string): string | undefined => {
  const [value, ...others] = parameters.getAll(name)
  return others.length > 0 || value === "" ? undefined : value
}
