import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { TenantId } from "../model/index.ts"
import { lengthPrefixed } from "../vault/index.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"
import type { TenantClient } from "./TenantClient.ts"

/**
 * HMAC-SHA-256 over a client's fingerprint, as hex, under what the client proves itself by: a client whose secret was
 * corrected is another one. It tells nothing of a secret that a provider has made. Of a key that cannot be read, its id
 * stands in.
 */
export const clientVersion = (
  { appPrivateKey, clientAuthentication, clientSecret = "" }: TenantClient,
  clientFingerprint: string
): Effect.Effect<string> =>
  Effect.promise(async () => {
    const { kid = "", privateKey } = clientAuthentication ?? {}
    const secrets = [clientSecret, textOf(privateKey), kid, textOf(appPrivateKey)]
    const algorithm = { name: "HMAC", hash: "SHA-256" }
    const bytes = Uint8Array.from(lengthPrefixed(secrets))
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"])
    const tag = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(clientFingerprint))
    return Hex.encode(new Uint8Array(tag))
  })

const textOf = (key: unknown): string => (typeof key === "string" ? key : "")

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
 * Whose refresh tokens these are and where they are sent: with another fingerprint they go nowhere. With the
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
