import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import { capturedFrom } from "../domain/capturedValue.ts"
import type { BoundFlow } from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { Secret } from "../domain/Sealed.ts"
import { isTokenText } from "../domain/vendorText.ts"
import {
  AuthorizationFailed,
  type AuthorizationResponse
} from "../ports/AuthorizationServerClient.ts"
import { failureOfResponse } from "./failures.ts"
import type { CheckedServer } from "../domain/SecretUrl.ts"
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
        serverMetadata(provider, server),
        clientMetadata(server),
        parameters,
        oauth.skipStateCheck
      )
      const code = only(validated, definition.codeParameter ?? "code")
      const captured = capturedFrom(definition, flow.fields, {
        callback: (parameter) => only(validated, parameter)
      })
      if (!isTokenText(code) || captured === undefined)
        throw new AuthorizationFailed({ reason: "invalid_response" })
      return { code: Secret(code), iss: validated.get("iss") ?? undefined, captured }
    },
    catch: failureOfResponse
  })

/** A parameter that is there once, and not empty. */
const only = (parameters: URLSearchParams, name: string): string | undefined => {
  const [value, ...others] = parameters.getAll(name)
  return others.length > 0 || value === "" ? undefined : value
}
