import { Effect } from "effect"
import type { ProviderId, TenantId } from "../domain/Ids.ts"
import type { ClientCredentials } from "../domain/ProviderDefinition.ts"
import { renderUrl } from "../domain/template.ts"
import {
  type ClientToken,
  type ClientTokenFailed,
  requestClientToken
} from "../oauth/clientCredentials.ts"
import type { Egress } from "../ports/Egress.ts"
import type { FieldValues } from "./fields.ts"
import {
  ownTraffic,
  type ProviderBusy,
  ProviderTraffic,
  type Transient
} from "./ProviderTraffic.ts"

const transient = ({ isRejected, retryAfter }: ClientTokenFailed): Transient | undefined =>
  isRejected ? undefined : { retryAfter }

/** Exchanges a tenant's client credentials for a token, in a slot of the tenant's. */
export const exchangeCredentials = Effect.fnUntraced(function* (
  provider: ProviderId,
  tenantId: TenantId,
  definition: ClientCredentials,
  values: FieldValues
): Effect.fn.Return<ClientToken, ClientTokenFailed | ProviderBusy, Egress | ProviderTraffic> {
  const traffic = yield* ProviderTraffic
  const url = new URL(renderUrl(definition.tokenEndpoint, values))
  return yield* traffic.through(ownTraffic(provider, tenantId, url), (watch) =>
    watch(requestClientToken(definition, values), transient)
  )
})
