import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { lengthPrefixed } from "./lengthPrefixed.ts"

/** SHA-256 over token endpoint, as the definition writes it, and client id, as hex: whose tokens a grant holds. */
export const clientFingerprint = Effect.fnUntraced(function* (
  tokenEndpoint: string,
  clientId: string
) {
  const digest = yield* Digest.Digest
  return yield* digest.digestHex(Digest.sha256, lengthPrefixed([tokenEndpoint, clientId]))
})
