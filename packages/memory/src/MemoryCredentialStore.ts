import { CredentialNotFound, type CredentialStore, type StoredCredential } from "@hawser/core"
import { DateTime, Result } from "effect"
import {
  atomically,
  compositeKey,
  copyBytes,
  duplicateKey,
  type MemoryState
} from "./MemoryState.ts"

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
      const { sealedFields: _, ...answer } = stored
      return Result.succeed(answer)
    }),
  find: ({ id, provider, tenantId }) =>
    atomically(() => {
      const stored = state.credentials.get(compositeKey(tenantId, provider, id))
      return stored === undefined
        ? Result.fail(new CredentialNotFound())
        : Result.succeed({ ...stored, sealedFields: copyBytes(stored.sealedFields) })
    })
})
