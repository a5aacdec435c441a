import { DateTime, Effect, Option, Schema } from "effect"
import type { Credential } from "../domain/Credential.ts"
import {
  type CredentialInUse,
  CredentialNotFound,
  CredentialRejected,
  type DecryptionFailed,
  type IntegrationNotFound,
  type StorageUnavailable,
  ValidationError
} from "../domain/Errors.ts"
import { CredentialId, defaultConnection } from "../domain/Ids.ts"
import type { Integration } from "../domain/Integration.ts"
import type { ConfiguredProvider } from "../domain/Provider.ts"
import type { Cipher } from "../ports/Cipher.ts"
import { CredentialStore } from "../ports/CredentialStore.ts"
import type { Egress } from "../ports/Egress.ts"
import { IntegrationStore } from "../ports/IntegrationStore.ts"
import type { SecurityLog } from "../ports/SecurityLog.ts"
import { checkApiKey } from "./liveCheck.ts"
import { cursorOf, type Page, pageOf, type PageQuery, shownOf } from "./paging.ts"
import type { ProviderTraffic } from "./ProviderTraffic.ts"
import type { Admin } from "./roles.ts"
import { openCredential } from "./sealedCredential.ts"

const decodeCredentialId = Schema.decodeUnknownOption(CredentialId)

/** What is no credential id of ours has never existed: the same answer as for one that has not (S-58). */
const keyOf = (admin: Admin, provider: ConfiguredProvider, credentialId: string) =>
  Option.match(decodeCredentialId(credentialId), {
    onNone: () => Effect.fail(new CredentialNotFound()),
    onSome: (id) => Effect.succeed({ tenantId: admin.tenantId, provider: provider.id, id })
  })

/** Milliseconds since 1970 that a `Date` can hold: a cursor is text from outside. */
const Instant = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000_000 }))

const Cursor = cursorOf(Schema.Tuple([Instant, CredentialId]))

/**
 * The tenant's stored API keys of a provider, without their secrets, the oldest first.
 *
 * Fails with `ValidationError` where the cursor is none of ours.
 */
export const listCredentials = Effect.fn("Hawser.listCredentials")(function* (
  admin: Admin,
  provider: ConfiguredProvider,
  query: PageQuery = {}
): Effect.fn.Return<Page<Credential>, ValidationError | StorageUnavailable, CredentialStore> {
  const { after, limit } = yield* pageOf(Cursor, query)
  const credentials = yield* CredentialStore
  const listed = yield* credentials.list({
    tenantId: admin.tenantId,
    provider: provider.id,
    page: {
      limit,
      after: after && { createdAt: DateTime.makeUnsafe(after[0]), id: after[1] }
    }
  })
  return shownOf(
    Cursor,
    query,
    listed,
    ({ createdAt, id }) => [DateTime.toEpochMillis(createdAt), id] as const
  )
})

/** Destroys a stored API key; fails with `CredentialInUse` while an integration is connected with it. */
export const deleteCredential = Effect.fn("Hawser.deleteCredential")(function* (
  admin: Admin,
  provider: ConfiguredProvider,
  credentialId: string
): Effect.fn.Return<
  void,
  CredentialNotFound | CredentialInUse | StorageUnavailable,
  CredentialStore
> {
  const credentials = yield* CredentialStore
  return yield* credentials.delete(yield* keyOf(admin, provider, credentialId))
})

/**
 * Connects a connected integration with another stored API key, without an outage. The provider is asked first; the key
 * in use stays until the new one takes its place, and stays stored after.
 *
 * Fails with `CredentialNotFound`; with `CredentialRejected` where the provider rejects the new key; with
 * `IntegrationNotFound` where nothing is connected by an API key.
 */
export const swapCredential = Effect.fn("Hawser.swapCredential")(function* (
  admin: Admin,
  provider: ConfiguredProvider,
  credentialId: string | undefined
): Effect.fn.Return<
  Integration,
  | ValidationError
  | CredentialNotFound
  | CredentialRejected
  | IntegrationNotFound
  | DecryptionFailed
  | StorageUnavailable,
  Cipher | CredentialStore | Egress | IntegrationStore | ProviderTraffic | SecurityLog
> {
  if (provider.authType !== "api_key") {
    return yield* new ValidationError({ details: [{ path: "provider", code: "not_allowed" }] })
  }
  if (credentialId === undefined) {
    return yield* new ValidationError({ details: [{ path: "credentialId", code: "missing" }] })
  }
  const credentials = yield* CredentialStore
  const key = yield* keyOf(admin, provider, credentialId)
  const credential = yield* credentials.find(key)
  const verdict = yield* checkApiKey(
    { ...provider, tenantId: admin.tenantId },
    yield* openCredential(key, credential)
  )
  if (verdict === "rejected") return yield* new CredentialRejected({ provider: provider.id })
  const integrations = yield* IntegrationStore
  return yield* integrations.swapCredential({
    tenantId: admin.tenantId,
    provider: provider.id,
    connection: defaultConnection,
    credentialId: key.id
  })
})
