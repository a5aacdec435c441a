import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { Revocation } from "../domain/ProviderDefinition.ts"
import { renderUrl } from "../domain/template.ts"
import { tenantUrl } from "./tenantUrl.ts"

/** Where tokens of a tenant are revoked; undefined where its stored values no longer fit. Nothing secret is in it. */
export const revocationUrl = (
  { client: { clientId }, definition }: OAuth2Provider,
  { endpoint }: Pick<Revocation, "endpoint">,
  stored: TenantFields
): URL | undefined => tenantUrl(definition, renderUrl(endpoint, { client_id: clientId }), stored)
