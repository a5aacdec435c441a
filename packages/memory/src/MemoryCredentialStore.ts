import {
  type Credential,
  CredentialInUse,
  CredentialNotFound,
  type CredentialStore,
  mostCredentials,
  type StoredCredential,
  TooManyCredentials
} from "@hawser/core"
import { DateTime, Duration, Result } from "effect"
import {
  atomically,
  compositeKey,
  copyBytes,
  isCredentialInUse,
  type MemoryState,
  refuseDuplicate
} from "./MemoryState.ts"

const metadata = (stored: StoredCredential): Credential => {
  const { sealedFields: _, ...credential } = stored
  return credential
}

type Age = Pick<Credential, "createdAt" | "id">

/** The oldest first; of one millisecond by id, as a database orders them. */
const byAge = (a: Age, b: Age): number =>
  DateTime.toEpochMillis(a.createdAt) - DateTime.toEpochMillis(b.createdAt) ||
  Number(a.id > b.id) - Number(a.id < b.id)

const ofProvider = (
  state: MemoryState,
  { provider, tenantId }: Pick<Credential, "provider" | "tenantId">
): ReadonlyArray<StoredCredential> =>
  [...state.credentials.values()].filter(
    (stored) => stored.tenantId === tenantId && stored.provider === provider
  )

/** The credential store over a shared state. */
export const makeCredentialStore = (state: MemoryState): CredentialStore["Service"] => ({
  insert: (credential) =>
    atomically((now) => {
      const key = compositeKey(credential.tenantId, credential.provider, credential.id)
      refuseDuplicate("credential", state.credentials.has(key))
      if (ofProvider(state, credential).length >= mostCredentials)
        return Result.fail(new TooManyCredentials())
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
  list: ({ page, ...query }) =>
    atomically(() => {
      const matching = ofProvider(state, query).map(metadata).toSorted(byAge)
      const after = page?.after
      const items =
        after === undefined ? matching : matching.filter((stored) => byAge(stored, after) > 0)
      return Result.succeed({ items: items.slice(0, page?.limit), total: matching.length })
    }),
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
