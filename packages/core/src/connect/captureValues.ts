import { Effect, Redacted } from "effect"
import type { FlowTerms, TenantFields, TenantId } from "../model/index.ts"
import type {
  AuthorizationResponse,
  AuthorizationServerClient,
  IssuedTokens,
  ProviderTraffic,
  UsableToken
} from "../protocol/index.ts"
import {
  type AccountPath,
  capturedFrom,
  type EndpointNotAllowed,
  type OAuth2Provider
} from "../provider/index.ts"
import { accountAt, severalAccounts } from "./accountAt.ts"
import { askForJson } from "./askForJson.ts"

/**
 * The values that the vendor sent with the callback, with the tokens and on request. They stay with the connection until it
 * ends, so a value that the definition does not allow refuses the connection. Fails with a `FlowFailure`.
 */
export const captureValues = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  { fields, tenantId }: FlowTerms,
  { captured }: AuthorizationResponse,
  tokens: IssuedTokens & UsableToken
): Effect.fn.Return<
  TenantFields,
  "account_not_permitted" | "provider_unavailable" | "invalid_response" | EndpointNotAllowed,
  AuthorizationServerClient | ProviderTraffic
> {
  const { definition } = provider
  const response = yield* foundIn(provider, tenantId, "token_response", tokens.response, tokens)
  const issued = capturedFrom(definition, fields, { token_response: response })
  if (issued === undefined) return yield* Effect.fail("invalid_response" as const)
  const { discovery } = definition
  if (discovery === undefined) return { ...captured, ...issued }
  const known = { ...fields, ...captured, ...issued }
  const body = yield* askForJson(provider, tenantId, "discovery.url", discovery, known, tokens)
  const request = yield* foundIn(provider, tenantId, "request", Redacted.make(body), tokens)
  const found = capturedFrom(definition, fields, { request })
  if (found === undefined) return yield* Effect.fail("invalid_response" as const)
  return { ...captured, ...issued, ...found }
})

/** The captured values of a body; fails if a capture matches several accounts. */
const foundIn = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  tenantId: TenantId,
  from: "token_response" | "request",
  body: Redacted.Redacted<unknown>,
  { accessToken }: UsableToken
) {
  const at = (path: AccountPath) =>
    accountAt(Redacted.value(body), path, Redacted.value(accessToken))
  for (const capture of Object.values(provider.definition.captures ?? {})) {
    if (capture.from !== from) continue
    const found = at(capture.path)
    if (found._tag === "Several") return yield* severalAccounts(provider, tenantId, found.count)
  }
  return (path: AccountPath): unknown => {
    const found = at(path)
    return found._tag === "Value" ? found.value : undefined
  }
})
