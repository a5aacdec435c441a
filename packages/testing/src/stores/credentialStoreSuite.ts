import { expect } from "@effect/vitest"
import { CredentialStore, newCredentialId } from "@hawser/core"
import { DateTime, Effect, Exit } from "effect"
import { comparable } from "./comparable.ts"
import { ann, datadog, freshTenant, github, newCredential, sealedBytes } from "./fixtures.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** The promises of `CredentialStore`. */
export const credentialStoreSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "answers what it stored, without the sealed fields, and finds it with them",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const credential = yield* newCredential(yield* freshTenant, datadog)
      const stored = yield* credentials.insert(credential)
      expect(DateTime.isUtc(stored.createdAt)).toBe(true)
      const { sealedFields, ...metadata } = credential
      expect(comparable(stored)).toStrictEqual(
        comparable({ ...metadata, createdAt: stored.createdAt })
      )
      const found = yield* credentials.find(credential)
      expect(comparable(found)).toStrictEqual(comparable({ ...stored, sealedFields }))
    }),
    timeout
  )

  it.effect(
    "keeps text as it is: no label, quotes, other scripts, an unverified status",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      for (const label of [
        undefined,
        "",
        `'; drop table "x" -- \\`,
        "ключ 🔑 e\u0301",
        " both ends "
      ]) {
        const credential = {
          ...(yield* newCredential(tenantId, datadog)),
          label,
          status: "unverified" as const
        }
        yield* credentials.insert(credential)
        const found = yield* credentials.find(credential)
        expect(found.label).toBe(label)
        expect(found.status).toBe("unverified")
      }
    }),
    timeout
  )

  it.effect(
    "S-57 S-58 is found by tenant and provider and id, and by no two of them",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const { id } = yield* credentials.insert(yield* newCredential(tenantId, datadog))
      const wrong = [
        { tenantId: yield* freshTenant, provider: datadog, id },
        { tenantId, provider: github, id },
        { tenantId, provider: datadog, id: yield* newCredentialId }
      ]
      for (const key of wrong) {
        const error = yield* Effect.flip(credentials.find(key))
        expect(error._tag).toBe("CredentialNotFound")
      }
      expect((yield* credentials.find({ tenantId, provider: datadog, id })).id).toBe(id)
    }),
    timeout
  )

  it.effect(
    "never overwrites: a second credential under one id is refused and the first stays",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const credential = yield* newCredential(yield* freshTenant, datadog)
      yield* credentials.insert(credential)
      const again = yield* Effect.exit(
        credentials.insert({ ...credential, label: "other", sealedFields: sealedBytes() })
      )
      expect(Exit.isFailure(again)).toBe(true)
      const found = yield* credentials.find(credential)
      expect(found.label).toBe(credential.label)
      expect(found.createdBy).toBe(ann)
      expect(comparable(found.sealedFields)).toBe(comparable(credential.sealedFields))
    }),
    timeout
  )

  it.effect(
    "keeps its own bytes, whatever a caller does with those given or answered",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const credential = yield* newCredential(yield* freshTenant, datadog)
      const original = comparable(credential.sealedFields)
      yield* credentials.insert(credential)
      credential.sealedFields.fill(0)
      const found = yield* credentials.find(credential)
      expect(comparable(found.sealedFields)).toBe(original)
      found.sealedFields.fill(0)
      expect(comparable((yield* credentials.find(credential)).sealedFields)).toBe(original)
    }),
    timeout
  )
}
