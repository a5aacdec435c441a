import { Effect, Redacted, Schema } from "effect"
import { Secret, type StoredCredential } from "../model/index.ts"
import type { FieldValues } from "../provider/index.ts"
import { Cipher, type CredentialKey } from "../services/index.ts"
import { credentialContext } from "../vault/index.ts"

const Encoded = Schema.fromJsonString(Schema.Record(Schema.String, Schema.String))
const encode = Schema.encodeSync(Encoded)
const decode = Schema.decodeSync(Encoded)

/** Seals the fields of an API key as one value. */
export const sealCredential = Effect.fnUntraced(function* (
  key: CredentialKey,
  values: FieldValues
) {
  const cipher = yield* Cipher
  return yield* cipher.seal(Secret(encode(values)), credentialContext(key))
})

/**
 * The fields of a stored API key. Where it belongs is what was asked for, never what the row says of itself: another's row
 * does not open. Decoding cannot fail: only we can produce a value that decrypts.
 */
export const openCredential = Effect.fnUntraced(function* (
  key: CredentialKey,
  { sealedFields }: StoredCredential
) {
  const cipher = yield* Cipher
  return decode(Redacted.value(yield* cipher.open(sealedFields, credentialContext(key))))
})
