import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import type { ProviderId, TenantId } from "../model/index.ts"
import { lengthPrefixed } from "../vault/index.ts"

/** 132 bits: no two tenants' redirect URIs are the same, and none tells whose it is. */
const length = 22

/**
 * What ends the redirect URI of a tenant that has a client of its own at a provider, so that what came back for one tenant
 * is never taken for another's (update draft of RFC 9700, COAT). It never changes: tenants register it.
 */
export const callbackContext = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: ProviderId
) {
  const digest = yield* Digest.Digest
  const hash = yield* digest.digest(Digest.sha256, lengthPrefixed([tenantId, provider]))
  return Base64Url.encode(hash).slice(0, length)
})
