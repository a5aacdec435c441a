import { Effect } from "effect"
import type { Credential } from "../domain/Credential.ts"
import type { SecureRandom } from "effect/crypto"
import { CredentialRejected, type StorageUnavailable, ValidationError } from "../domain/Errors.ts"
import { newCredentialId } from "../domain/Ids.ts"
import type { Provider } from "../domain/Provider.ts"
import { Secret } from "../domain/Sealed.ts"
import { Cipher } from "../ports/Cipher.ts"
import { CredentialStore } from "../ports/CredentialStore.ts"
import type { Egress } from "../ports/Egress.ts"
import { checkCredentialFields } from "./credentialFields.ts"
import { liveCheck } from "./liveCheck.ts"
import type { Admin } from "./roles.ts"

export interface StoreCredentialsInput {
  readonly credentials: Readonly<Record<string, unknown>>
  readonly label?: string | undefined
}

/** The name under which a credential's fields are sealed, as one JSON object. */
export const credentialFieldsName = "fields"

/**
 * Stores an API key of the tenant, after asking the provider whether it is one: `validated` where it said yes,
 * `unverified` where it could not be asked.
 *
 * Fails with `ValidationError` on a field that is missing, unknown or malformed, or where the provider takes no keys;
 * with `CredentialRejected`, and nothing is stored, where the provider said no.
 */
export const storeCredentials = Effect.fn("Hawser.storeCredentials")(function* (
  admin: Admin,
  provider: Provider,
  input: StoreCredentialsInput
): Effect.fn.Return<
  Credential,
  ValidationError | CredentialRejected | StorageUnavailable,
  Cipher | CredentialStore | Egress | SecureRandom.SecureRandom
> {
  if (provider.authType !== "api_key") {
    return yield* new ValidationError({ details: [{ path: "provider", code: "not_allowed" }] })
  }
  const { definition } = provider
  const values = yield* checkCredentialFields(definition, input.credentials)

  const { check } = definition
  const verdict =
    check === undefined ? "unavailable" : yield* liveCheck({ ...definition, check }, values)
  if (verdict === "rejected") return yield* new CredentialRejected({ provider: provider.id })

  const id = yield* newCredentialId
  const cipher = yield* Cipher
  const sealedFields = yield* cipher.seal(Secret(JSON.stringify(values)), {
    tenantId: admin.tenantId,
    provider: provider.id,
    recordId: id,
    field: credentialFieldsName
  })
  const credentials = yield* CredentialStore
  return yield* credentials.insert({
    id,
    tenantId: admin.tenantId,
    provider: provider.id,
    label: input.label,
    status: verdict === "accepted" ? "validated" : "unverified",
    createdBy: admin.userId,
    sealedFields
  })
})
