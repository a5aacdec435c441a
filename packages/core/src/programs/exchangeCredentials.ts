import { Effect } from "effect"
import type { TenantId } from "../domain/Ids.ts"
import type { ApiKeyDefinition, ClientCredentials } from "../domain/ProviderDefinition.ts"
import {
  type ClientToken,
  type ClientTokenFailed,
  requestClientToken
} from "../oauth/clientCredentials.ts"
import type { Egress } from "../ports/Egress.ts"
import { userAgentOf } from "./apiCredential.ts"
import type { FieldValues } from "./fields.ts"
import {
  ownTraffic,
  type ProviderBusy,
  ProviderTraffic,
  type Transient
} from "./ProviderTraffic.ts"
import { type EndpointNotAllowed, secretUrl } from "./secretUrl.ts"

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
