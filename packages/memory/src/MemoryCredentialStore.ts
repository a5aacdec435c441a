import {
  type Credential,
  CredentialInUse,
  CredentialNotFound,
  type CredentialStore,
  type StoredCredential
} from "@hawser/core"
import { DateTime, Duration, Result } from "effect"
import {
  atomically,
  compositeKey,
  copyBytes,
  duplicateKey,
  isCredentialInUse,
  type MemoryState
} from "./MemoryState.ts"

const metadata = (stored: StoredCredential): Credential => {
  const { sealedFields: _, ...credential } = stored
  return credential
}

/** The oldest first; of one instant by id, as a database orders them. */
const byAge = (a: Credential, b: Credential): number =>
  DateTime.toEpochMillis(a.createdAt) - DateTime.toEpochMillis(b.createdAt) ||
  (a.id < b.id ? -1 : 1)

/** The credential store over a shared state. */
export const makeCredentialStore = (state: MemoryState): CredentialStore["Service"] => ({
  insert: (credential) =>
    atomically((now) => {
      const key = compositeKey(credential.tenantId, credential.provider, credential.id)
      if (state.credentials.has(key)) return Result.fail(duplicateKey("credential"))
      const stored: StoredCredential = {
        ...credential,
        sealedFields: copyBytes(credential.sealedFields),
        createdAt: DateTime.makeUnsafe(now)
      }
      state.credentials.set(key, stored)
      return Result.succeed(metadata(stored))
    }),
  find: ({ id, provider, tenantId }) =>
    atomically(() => {
      const stored = state.credentials.get(compositeKey(tenantId, provider, id))
      return stored === undefined
        ? Result.fail(new CredentialNotFound())
        : Result.succeed({ ...stored, sealedFields: copyBytes(stored.sealedFields) })
    }),
  list: ({ provider, tenantId }) =>
    atomically(() =>
      Result.succeed(
        [...state.credentials.values()]
          .filter((stored) => stored.tenantId === tenantId && stored.provider === provider)
          .map(metadata)
          .toSorted(byAge)
      )
    ),
  delete: ({ id, provider, tenantId }) =>
    atomically(() => {
      const key = compositeKey(tenantId, provider, id)
      if (!state.credentials.has(key)) return Result.fail(new CredentialNotFound())
      if (isCredentialInUse(state, tenantId, id)) return Result.fail(new CredentialInUse())
      state.credentials.delete(key)
      return Result.succeed(undefined)
    }),
  sweepUnused: (retention) =>
    atomically((now) => {
      const unused = [...state.credentials].filter(
        ([key, { createdAt }]) =>
          !state.usedCredentials.has(key) &&
          DateTime.toEpochMillis(createdAt) < now - Duration.toMillis(retention)
      )
      for (const [key] of unused) state.credentials.delete(key)
      return Result.succeed(unused.length)
    })
})
