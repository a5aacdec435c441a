import { Effect } from "effect"
import type { TenantId } from "../model/index.ts"
import {
  type ClientToken,
  type ClientTokenFailed,
  ownTraffic,
  type ProviderBusy,
  ProviderTraffic,
  requestClientToken,
  type Transient,
  userAgentOf
} from "../protocol/index.ts"
import {
  type ApiKeyDefinition,
  type ClientCredentials,
  type EndpointNotAllowed,
  type FieldValues,
  secretUrl
} from "../provider/index.ts"
import type { Egress } from "../services/index.ts"

const transient = ({ isRejected, retryAfter }: ClientTokenFailed): Transient | undefined =>
  isRejected ? undefined : { retryAfter }

/** Exchanges a tenant's client credentials for a token, in a slot of the tenant's. */
export const exchangeCredentials = Effect.fnUntraced(function* (
  definition: ApiKeyDefinition,
  tenantId: TenantId,
  credentials: ClientCredentials,
  values: FieldValues
): Effect.fn.Return<
  ClientToken,
  ClientTokenFailed | EndpointNotAllowed | ProviderBusy,
  Egress | ProviderTraffic
> {
  const traffic = yield* ProviderTraffic
  const url = yield* secretUrl(definition, "clientCredentials.tokenEndpoint", values)
  return yield* traffic.through(ownTraffic(definition.id, tenantId, url), (watch) =>
    watch(requestClientToken(url, credentials, values, userAgentOf(definition, values)), transient)
  )
})
