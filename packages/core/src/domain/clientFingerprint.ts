import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { lengthPrefixed } from "../crypto/lengthPrefixed.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"

/** SHA-256 over token endpoint, as the definition writes it, client id and what else is given, as hex. */
export const fingerprint = Effect.fnUntraced(function* (
  tokenEndpoint: string,
  clientId: string,
  refreshEndpoint?: string
) {
  const digest = yield* Digest.Digest
  const own = refreshEndpoint === undefined ? [] : [refreshEndpoint]
  return yield* digest.digestHex(Digest.sha256, lengthPrefixed([tokenEndpoint, clientId, ...own]))
})

/** Whose refresh tokens these are and where they are sent: with another fingerprint they go nowhere (S-37, S-38). */
export const clientFingerprint = (definition: OAuth2Definition, clientId: string) =>
  fingerprint(definition.tokenEndpoint, clientId, definition.refreshEndpoint)

/** The client's own fingerprint, and those it had at former token endpoints on hosts that were approved. */
export const acceptedFingerprints = Effect.fnUntraced(function* (
  definition: OAuth2Definition,
  clientId: string,
  approvedHosts: ReadonlyArray<string>
) {
  const approved = (definition.formerTokenEndpoints ?? []).filter((url) =>
    approvedHosts.includes(new URL(url).host)
  )
  return new Set(
    yield* Effect.all([
      clientFingerprint(definition, clientId),
      // A refresh endpoint of its own may have come with the move, or have been there before.
      ...approved.map((url) => fingerprint(url, clientId)),
      ...approved.map((url) => fingerprint(url, clientId, definition.refreshEndpoint))
    ])
  )
})
