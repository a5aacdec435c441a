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

/** Checks the parameters from the browser, and takes only the code and the captured values from them. */
export const validateResponse = (
  provider: OAuth2Provider,
  server: CheckedServer,
  flow: Pick<BoundFlow, "fields">,
  parameters: URLSearchParams
): Effect.Effect<AuthorizationResponse, AuthorizationFailed> =>
  Effect.try({
    try: () => {
      const { definition } = provider
      // The store has already compared the state: its hash found this flow.
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

/** The parameters that a definition uses at the callback. */
const callbackCaptures = ({ captures = {} }: OAuth2Definition): string =>
  Object.values(captures)
    .flatMap((capture) => (capture.from === "callback" ? [capture.parameter] : []))
    .join(", ")

/** The issuer that the response should have named (RFC 9207 §2.4); undefined if it named that one. */
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

/** Undefined without the parameter; an empty value means that no scope was granted. */
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

/** A parameter that occurs exactly once and is not empty. */
const only = (parameters: URLSearchParams, name: string): string | undefined => {
  const [value, ...others] = parameters.getAll(name)
  return others.length > 0 || value === "" ? undefined : value
}
