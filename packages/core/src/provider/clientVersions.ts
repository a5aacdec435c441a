import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { TenantId } from "../model/index.ts"
import { lengthPrefixed } from "../vault/index.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"
import type { TenantClient } from "./TenantClient.ts"

/**
 * HMAC-SHA-256 over a client's fingerprint, as hex, keyed by the client's secret: a client with a corrected secret has
 * another version. It reveals nothing about a secret that a provider has generated. For a key that cannot be exported, its
 * id is used.
 */
export const clientVersion = (
  { clientAuthentication, clientSecret = "" }: TenantClient,
  clientFingerprint: string,
  /** What the client has beside its secret by its auth kind. */
  others: ReadonlyArray<unknown>
): Effect.Effect<string> =>
  Effect.promise(async () => {
    const { kid = "", privateKey } = clientAuthentication ?? {}
    const secrets = [clientSecret, textOrEmpty(privateKey), kid, ...others.map(textOrEmpty)]
    const algorithm = { name: "HMAC", hash: "SHA-256" }
    const bytes = Uint8Array.from(lengthPrefixed(secrets))
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"])
    const tag = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(clientFingerprint))
    return Hex.encode(new Uint8Array(tag))
  })

const textOrEmpty = (key: unknown): string => (typeof key === "string" ? key : "")

/** SHA-256 as hex over the token endpoint as the definition writes it, the client id and the other arguments. */
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
 * Identifies the client that refresh tokens belong to and the endpoint they are sent to. Tokens with another fingerprint
 * are not sent. It includes the tenant if the client is the tenant's: two tenants with their own hosts may have the same
 * client id.
 */
export const clientFingerprint = (
  definition: OAuth2Definition,
  clientId: string,
  tenantId?: TenantId
) => fingerprint(definition.tokenEndpoint, clientId, definition.refreshEndpoint, tenantId)

/** The client's fingerprint, and those with former token endpoints on approved hosts. */
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
      // The separate refresh endpoint may be new, or may have existed before the move.
      ...approved.map((url) => fingerprint(url, clientId, undefined, tenantId)),
      ...approved.map((url) => fingerprint(url, clientId, definition.refreshEndpoint, tenantId))
    ])
  )
})
