import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { base64Url, type ProviderId, type TenantId } from "../model/index.ts"
import { lengthPrefixed } from "../vault/index.ts"

/** 132 bits: no two tenants share a redirect URI, and none reveals its tenant. */
const length = 22

/**
 * The last part of the redirect URI of a tenant's own client, so that a response for one tenant is never accepted for
 * another (update draft of RFC 9700, COAT). It never changes: tenants register it.
 */
export const callbackContext = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: ProviderId
) {
  const digest = yield* Digest.Digest
  const hash = yield* digest.digest(Digest.sha256, lengthPrefixed([tenantId, provider]))
  return base64Url(hash).slice(0, length)
})
