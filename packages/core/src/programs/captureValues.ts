import { Effect, Redacted } from "effect"
import { capturedFrom } from "../domain/capturedValue.ts"
import type { FlowTerms } from "../domain/Flow.ts"
import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import {
  type AuthorizationResponse,
  type AuthorizationServerClient,
  type IssuedTokens,
  type UsableToken
} from "../ports/AuthorizationServerClient.ts"
import { askForJson } from "./askForJson.ts"
import type { EndpointNotAllowed } from "./secretUrl.ts"
import { memberAt } from "./memberAt.ts"
import type { ProviderTraffic } from "./ProviderTraffic.ts"

/**
 * What the vendor told of the connection, in the callback, with the tokens and when asked: it belongs to the connection until
 * it ends, so a value that the definition does not allow makes no connection (S-66). Fails with a word of the callback's.
 */
export const captureValues = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  { fields, tenantId }: FlowTerms,
  { captured }: AuthorizationResponse,
  tokens: IssuedTokens & UsableToken
): Effect.fn.Return<
  TenantFields,
  "provider_unavailable" | "invalid_response" | EndpointNotAllowed,
  AuthorizationServerClient | ProviderTraffic
> {
  const { definition } = provider
  const response = Redacted.value(tokens.response)
  const issued = capturedFrom(definition, fields, {
    token_response: (path) => memberAt(response, path)
  })
  if (issued === undefined) return yield* Effect.fail("invalid_response" as const)
  const { discovery } = definition
  if (discovery === undefined) return { ...captured, ...issued }
  const known = { ...fields, ...captured, ...issued }
  const body = yield* askForJson(provider, tenantId, "discovery.url", discovery, known, tokens)
  const found = capturedFrom(definition, fields, { request: (path) => memberAt(body, path) })
  if (found === undefined) return yield* Effect.fail("invalid_response" as const)
  return { ...captured, ...issued, ...found }
})
