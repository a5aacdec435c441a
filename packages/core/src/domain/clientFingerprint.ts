import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { lengthPrefixed } from "../crypto/lengthPrefixed.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"

const fingerprint = Effect.fnUntraced(function* (parts: ReadonlyArray<string>) {
  const digest = yield* Digest.Digest
  return yield* digest.digestHex(Digest.sha256, lengthPrefixed(parts))
})

/** Where the refresh tokens of this client are sent: with another fingerprint they belong somewhere else (S-37, S-38). */
export const clientFingerprint = (
  { refreshEndpoint, tokenEndpoint }: OAuth2Definition,
  clientId: string
) =>
  fingerprint([
    tokenEndpoint,
    clientId,
    ...(refreshEndpoint === undefined ? [] : [refreshEndpoint])
  ])

/** The client's own fingerprint, and those it had at former token endpoints on hosts that were approved. */
export const acceptedFingerprints = Effect.fnUntraced(function* (
  definition: OAuth2Definition,
  clientId: string,
  approvedHosts: ReadonlyArray<string>
) {
  const { formerTokenEndpoints = [], refreshEndpoint, ...others } = definition
  const former = formerTokenEndpoints
    .filter((url) => approvedHosts.includes(new URL(url).host))
    // A refresh endpoint of its own may have come with the move, or have been there before.
    .flatMap((tokenEndpoint) => [
      { ...others, tokenEndpoint },
      { ...definition, tokenEndpoint }
    ])
  const accepted = [definition, ...former].map((one) => clientFingerprint(one, clientId))
  return new Set(yield* Effect.all(accepted))
})
