import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { lengthPrefixed } from "../crypto/lengthPrefixed.ts"
import type { TenantId } from "./Ids.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"

/** SHA-256 over token endpoint, as the definition writes it, client id and what else is given, as hex. */
const fingerprint = Effect.fnUntraced(function* (
  tokenEndpoint: string,
  clientId: string,
  refreshEndpoint?: string,
  tenantId?: TenantId
) {
  const digest = yield* Digest.Digest
  const parts = [tokenEndpoint, clientId]
  if (tenantId !== undefined) parts.push(refreshEndpoint ?? "", tenantId)
  else if (refreshEndpoint !== undefined) parts.push(refreshEndpoint)
  return yield* digest.digestHex(Digest.sha256, lengthPrefixed(parts))
})

/**
 * Whose refresh tokens these are and where they are sent: with another fingerprint they go nowhere (S-37, S-38). With the
 * tenant where the client is its own: on hosts of their own two tenants may have the same client id, and share nothing.
 */
export const clientFingerprint = (
  definition: OAuth2Definition,
  clientId: string,
  tenantId?: TenantId
) => fingerprint(definition.tokenEndpoint, clientId, definition.refreshEndpoint, tenantId)

/** The client's own fingerprint, and those it had at former token endpoints on hosts that were approved. */
export const acceptedFingerprints = Effect.fnUntraced(function* (
  definition: OAuth2Definition,
  clientId: string,
  approvedHosts: ReadonlyArray<string>,
  tenantId?: TenantId
) {
  const approved = (definition.formerTokenEndpoints ?? []).filter((url) =>
    approvedHosts.includes(new URL(url).host)
  )
  return new Set(
    yield* Effect.all([
      clientFingerprint(definition, clientId, tenantId),
      // A refresh endpoint of its own may have come with the move, or have been there before.
      ...approved.map((url) => fingerprint(url, clientId, undefined, tenantId)),
      ...approved.map((url) => fingerprint(url, clientId, definition.refreshEndpoint, tenantId))
    ])
  )
})
