import { expect } from "@effect/vitest"
import {
  ConnectionStore,
  type Credential,
  CredentialStore,
  mostCredentials,
  newCredentialId,
  tenantsDefault
} from "@hawser/core"
import { DateTime, Duration, Effect, Exit } from "effect"
import { comparable } from "./comparable.ts"
import { advance } from "../StoreClock.ts"
import {
  ann,
  connectCommand,
  datadog,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newCredential,
  sealedBytes,
  storedCredentialId,
  withCredential
} from "./fixtures.ts"
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
      const { account, sealedFields, userHash: _, ...metadata } = credential
      expect(comparable(stored)).toStrictEqual(
        comparable({ ...metadata, createdAt: stored.createdAt })
      )
      const found = yield* credentials.find(credential)
      expect(comparable(found)).toStrictEqual(comparable({ ...stored, sealedFields, account }))
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
        { tenantId: yield* freshTenant, ...tenantsDefault, provider: datadog, id },
        { tenantId, ...tenantsDefault, provider: github, id },
        { tenantId, ...tenantsDefault, provider: datadog, id: yield* newCredentialId }
      ]
      for (const key of wrong) {
        const error = yield* Effect.flip(credentials.find(key))
        expect(error._tag).toBe("CredentialNotFound")
      }
      expect(
        (yield* credentials.find({ tenantId, ...tenantsDefault, provider: datadog, id })).id
      ).toBe(id)
    }),
    timeout
  )

  it.effect(
    "S-57 lists a tenant's credentials of one provider, the oldest first, with nothing sealed",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const first = yield* credentials.insert(yield* newCredential(tenantId, datadog))
      yield* advance(Duration.seconds(1))
      const second = yield* credentials.insert(yield* newCredential(tenantId, datadog))
      yield* credentials.insert(yield* newCredential(tenantId, github))
      yield* credentials.insert(yield* newCredential(yield* freshTenant, datadog))
      const { items: listed, total } = yield* credentials.list({
        tenantId,
        ...tenantsDefault,
        provider: datadog
      })
      expect(total).toBe(2)
      // A clock that was moved has moved what the first one says of its age.
      const timeless = (credential: Credential) => ({ ...credential, createdAt: undefined })
      expect(comparable(listed.map(timeless))).toStrictEqual(
        comparable([first, second].map(timeless))
      )
    }),
    timeout
  )

  it.effect(
    "goes through all by pages, each once, in order, though the last that was seen is gone",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const query = { tenantId: yield* freshTenant, ...tenantsDefault, provider: datadog }
      for (let stored = 0; stored < 5; stored++) {
        yield* credentials.insert(yield* newCredential(query.tenantId, datadog))
        yield* advance(Duration.seconds(1))
      }
      yield* credentials.insert(yield* newCredential(yield* freshTenant, datadog))
      const all = (yield* credentials.list(query)).items
      const seen: Array<Credential> = []
      for (;;) {
        const after = seen.at(-1)
        const { items, total } = yield* credentials.list({ ...query, page: { limit: 2, after } })
        expect(total).toBe(after === undefined ? 5 : 5 - seen.length / 2)
        seen.push(...items)
        const last = items.at(-1)
        if (items.length < 2 || last === undefined) break
        yield* credentials.delete(last)
      }
      expect(comparable(seen)).toStrictEqual(comparable(all))
      const rest = yield* credentials.list({ ...query, page: { limit: undefined, after: all[1] } })
      expect(rest.items.map(({ id }) => id)).toStrictEqual([all[2]?.id, all[4]?.id])
    }),
    timeout
  )

  it.effect(
    "S-11 keeps so many of a tenant's credentials of a provider and no more",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      let first: Credential | undefined
      for (let stored = 0; stored < mostCredentials; stored++) {
        const credential = yield* credentials.insert(yield* newCredential(tenantId, datadog))
        first ??= credential
      }
      const refused = yield* newCredential(tenantId, datadog)
      expect((yield* Effect.flip(credentials.insert(refused)))._tag).toBe("TooManyCredentials")
      expect((yield* Effect.flip(credentials.find(refused)))._tag).toBe("CredentialNotFound")
      // Of another provider, and another tenant's, they are counted apart.
      yield* credentials.insert(yield* newCredential(tenantId, github))
      yield* credentials.insert(yield* newCredential(yield* freshTenant, datadog))
      if (first !== undefined) yield* credentials.delete(first)
      yield* credentials.insert(refused)
    }),
    timeout
  )

  it.effect(
    "S-57 deletes by tenant and provider and id, and by no two of them",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const { id } = yield* credentials.insert(yield* newCredential(tenantId, datadog))
      const key = { tenantId, ...tenantsDefault, provider: datadog, id }
      for (const wrong of [
        { ...key, tenantId: yield* freshTenant },
        { ...key, provider: github },
        { ...key, id: yield* newCredentialId }
      ]) {
        expect((yield* Effect.flip(credentials.delete(wrong)))._tag).toBe("CredentialNotFound")
      }
      yield* credentials.delete(key)
      expect((yield* Effect.flip(credentials.find(key)))._tag).toBe("CredentialNotFound")
      expect((yield* Effect.flip(credentials.delete(key)))._tag).toBe("CredentialNotFound")
    }),
    timeout
  )

  it.effect(
    "keeps a credential while an integration is connected with it",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const id = yield* storedCredentialId(tenantId, datadog)
      const key = { tenantId, ...tenantsDefault, provider: datadog, id }
      yield* connections.connect(
        yield* connectCommand(keyOf(tenantId, datadog), withCredential(id))
      )
      expect((yield* Effect.flip(credentials.delete(key)))._tag).toBe("CredentialInUse")
      expect((yield* credentials.find(key)).id).toBe(id)
      const next = yield* storedCredentialId(tenantId, datadog)
      yield* connections.swapCredential({
        ...keyOf(tenantId, datadog),
        userHash: hashOf(tenantId),
        credentialId: next
      })
      yield* credentials.delete(key)
    }),
    timeout
  )

  it.effect(
    "of a credential deleted and connected at once, either the one or the other happens",
    Effect.fnUntraced(function* () {
      const credentials = yield* CredentialStore
      const connections = yield* ConnectionStore
      for (let round = 0; round < 10; round++) {
        const tenantId = yield* freshTenant
        const id = yield* storedCredentialId(tenantId, datadog)
        const command = yield* connectCommand(keyOf(tenantId, datadog), withCredential(id))
        const [deleted, connected] = yield* Effect.all(
          [
            Effect.result(
              credentials.delete({ tenantId, ...tenantsDefault, provider: datadog, id })
            ),
            Effect.result(connections.connect(command))
          ],
          { concurrency: "unbounded" }
        )
        expect([deleted._tag, connected._tag].toSorted()).toStrictEqual(["Failure", "Success"])
      }
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
