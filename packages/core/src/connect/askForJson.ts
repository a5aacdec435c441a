import { Effect, Option } from "effect"
import type { TenantId } from "../model/index.ts"
import {
  AuthorizationServerClient,
  ownTraffic,
  makeProbe,
  ProviderTraffic,
  type UsableToken
} from "../protocol/index.ts"
import {
  type EndpointNotAllowed,
  type FieldValues,
  type LiveCheck,
  type OAuth2Provider,
  type SecretMember,
  secretUrl
} from "../provider/index.ts"

/**
 * Sends one of a definition's requests with a new access token and returns the JSON response. Fails with a `FlowFailure` if
 * there is none.
 */
export const askForJson = Effect.fnUntraced(function* (
  { definition, id }: OAuth2Provider,
  tenantId: TenantId,
  member: Extract<SecretMember, "account.url" | "discovery.url">,
  request: Pick<LiveCheck, "body" | "headers" | "method">,
  values: FieldValues,
  token: UsableToken
): Effect.fn.Return<
  unknown,
  "provider_unavailable" | "invalid_response" | EndpointNotAllowed,
  AuthorizationServerClient | ProviderTraffic
> {
  const url = yield* secretUrl(definition, member, values)
  const authorizationServer = yield* AuthorizationServerClient
  const probe = makeProbe(request, url, definition.apiHeaders, values)
  const traffic = yield* ProviderTraffic
  const answer = yield* Effect.option(
    traffic.through(ownTraffic(id, tenantId, url), () =>
      authorizationServer.ask(definition, probe, token)
    )
  )
  if (Option.isNone(answer) || answer.value.status >= 500 || answer.value.status === 429)
    return yield* Effect.fail("provider_unavailable" as const)
  const response = answer.value
  // An error body never identifies an account.
  if (!response.ok) return yield* Effect.fail("invalid_response" as const)
  return yield* Effect.tryPromise({
    try: (): Promise<unknown> => response.json(),
    catch: () => "invalid_response" as const
  })
})
