import { Effect } from "effect"
import { authKindOf } from "../auth/index.ts"
import type { DecryptionFailed, StorageUnavailable, TenantFields } from "../model/index.ts"
import type { OAuth2Provider } from "../provider/index.ts"
import { KeyedHash } from "../vault/index.ts"

/**
 * The hash of what one tenant at a time may be connected with: the installation of a GitHub App, whose tokens are the
 * app's own and so the same for whoever asks. Undefined if tokens are a person's.
 */
export const heldAccount = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  fields: TenantFields
): Effect.fn.Return<Uint8Array | undefined, DecryptionFailed | StorageUnavailable, KeyedHash> {
  const held = authKindOf(provider).heldAccount(fields)
  if (held === undefined) return undefined
  const keyed = yield* KeyedHash
  return yield* keyed.of("installation", [provider.id, held])
})
