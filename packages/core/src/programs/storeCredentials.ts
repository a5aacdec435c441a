import { Effect } from "effect"
import type { Credential } from "../domain/Credential.ts"
import type { SecureRandom } from "effect/crypto"
import {
  CredentialRejected,
  type StorageUnavailable,
  type TooManyCredentials,
  ValidationError
} from "../domain/Errors.ts"
import { newCredentialId } from "../domain/Ids.ts"
import type { ConfiguredProvider } from "../domain/Provider.ts"
import type { Cipher } from "../ports/Cipher.ts"
import { CredentialStore } from "../ports/CredentialStore.ts"
import type { Egress } from "../ports/Egress.ts"
import type { SecurityLog } from "../ports/SecurityLog.ts"
import { checkFields } from "./fields.ts"
import { checkApiKey } from "./liveCheck.ts"
import type { ProviderTraffic } from "./ProviderTraffic.ts"
import type { Admin } from "./roles.ts"
import { sealCredential } from "./sealedCredential.ts"

export interface StoreCredentialsInput {
  readonly credentials: Readonly<Record<string, unknown>>
  readonly label?: string | undefined
}

/**
 * Stores an API key of the tenant, after asking the provider whether it is one: `validated` where it said yes,
 * `unverified` where it could not be asked.
 *
 * Fails with `ValidationError` on a field that is missing, unknown or malformed, or where the provider takes no keys;
 * with `CredentialRejected`, and nothing is stored, where the provider said no; with `TooManyCredentials`.
 */
export const storeCredentials = Effect.fn("Hawser.storeCredentials")(function* (
  admin: Admin,
  provider: ConfiguredProvider,
  input: StoreCredentialsInput
): Effect.fn.Return<
  Credential,
  ValidationError | CredentialRejected | TooManyCredentials | StorageUnavailable,
  Cipher | CredentialStore | Egress | ProviderTraffic | SecureRandom.SecureRandom | SecurityLog
> {
  if (provider.authType !== "api_key") {
    return yield* new ValidationError({ details: [{ path: "provider", code: "not_allowed" }] })
  }
  const { definition } = provider
  const values = yield* checkFields("credentials", definition.fields, input.credentials)

  const verdict = yield* checkApiKey({ ...provider, tenantId: admin.tenantId }, values)
  if (verdict === "rejected") return yield* new CredentialRejected({ provider: provider.id })

  const id = yield* newCredentialId
  const place = { id, tenantId: admin.tenantId, provider: provider.id }
  const credentials = yield* CredentialStore
  return yield* credentials.insert({
    ...place,
    label: input.label,
    status: verdict === "accepted" ? "validated" : "unverified",
    createdBy: admin.userId,
    sealedFields: yield* sealCredential(place, values)
  })
})
