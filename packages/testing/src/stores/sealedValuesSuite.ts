import { expect } from "@effect/vitest"
import {
  canonical,
  ConnectionStore,
  credentialContext,
  CredentialStore,
  flowContext,
  grantContext,
  Maintenance,
  newEventId,
  OAuthStateStore,
  parkedContext,
  type Sealed,
  type SealedAddress,
  type StoredSealed,
  type TenantId,
  tenantsOwn
} from "@hawser/core"
import { Duration, Effect } from "effect"
import {
  assumeBound,
  connectCommand,
  datadog,
  disconnectCommand,
  freshHash,
  freshTenant,
  github,
  hashOf,
  newCredential,
  newFlow,
  newGrant,
  withGrant
} from "./fixtures.ts"
import { burnSome, parkedLifetime, startFlow } from "./flows.ts"
import { connectedGrant, system } from "./grants.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** An envelope as far as a store reads it: the version, and the id of the key; what follows is opaque. */
const sealedUnder = (keyId: string): Sealed => {
  const id = new TextEncoder().encode(keyId)
  return Uint8Array.from([
    1,
    id.length,
    ...id,
    ...crypto.getRandomValues(new Uint8Array(40))
  ]) as Sealed
}

const freshKeyId = (): string => `key-${crypto.randomUUID()}`

/** All values under other keys than this, of these tenants: a database may hold those of other tests. */
const walk = Effect.fnUntraced(function* (
  tenants: ReadonlyArray<TenantId>,
  { exceptKeyId, limit }: { readonly exceptKeyId: string; readonly limit: number }
) {
  const maintenance = yield* Maintenance
  const found: Array<StoredSealed> = []
  let after: SealedAddress | undefined
  for (;;) {
    const batch = yield* maintenance.sealedValues({ exceptKeyId, limit, after })
    expect(batch.length).toBeLessThanOrEqual(limit)
    const last = batch.at(-1)
    if (last === undefined) return found
    after = last.address
    found.push(...batch.filter(({ tenantId }) => tenants.includes(tenantId)))
  }
})

const comparable = ({
  directing,
  field,
  owner,
  provider,
  recordId,
  sealed,
  tenantId
}: Omit<StoredSealed, "address">) => {
  const context = canonical([tenantId, owner, provider, recordId, field, directing])
  return [context, sealed].map((bytes) => Buffer.from(bytes).toString("hex")).join(" ")
}

/** One value of every kind, of as many tenants; what a store must know of each. */
const oneOfEach = Effect.fnUntraced(function* (keyId: string) {
  const seal = () => sealedUnder(keyId)
  const connections = yield* ConnectionStore
  const credentials = yield* CredentialStore
  const flows = yield* OAuthStateStore
  const expected: Array<Omit<StoredSealed, "address">> = []
  const tokens = () => ({ accessToken: seal(), refreshToken: seal(), dpopKey: undefined })
  const expectTokens = ({
    grant,
    integration,
    key
  }: Effect.Success<ReturnType<typeof connectedGrant>>) => {
    const { accessToken, dpopKey, refreshToken } = grant
    const place = { ...key, ...grant, owner: tenantsOwn, integrationId: integration.id, fields: {} }
    expected.push({ ...grantContext(place, "access_token"), sealed: accessToken })
    if (refreshToken !== undefined)
      expected.push({ ...grantContext(place, "refresh_token"), sealed: refreshToken })
    if (dpopKey !== undefined)
      expected.push({ ...grantContext(place, "dpop_key"), sealed: dpopKey })
  }

  const tenantId = yield* freshTenant
  const credential = { ...(yield* newCredential(tenantId, datadog)), sealedFields: seal() }
  yield* credentials.insert(credential)
  expected.push({
    ...credentialContext({ ...credential, owner: tenantsOwn }),
    sealed: credential.sealedFields
  })

  expectTokens(yield* connectedGrant(tokens()))
  expectTokens(yield* connectedGrant({ ...tokens(), dpopKey: seal() }))
  expectTokens(
    yield* connectedGrant({ accessToken: seal(), refreshToken: undefined, dpopKey: undefined })
  )

  const left = yield* connectedGrant(tokens())
  yield* connections.disconnect(yield* disconnectCommand(left.key))
  expectTokens(left)

  const revoked = yield* connectedGrant(tokens())
  yield* connections.markRevoked(revoked.key, {
    quarantine: Duration.days(7),
    publish: {
      id: yield* newEventId,
      event: "integration.disconnected",
      disconnectedBy: system,
      reason: "revoked"
    }
  })
  expectTokens(revoked)

  const pending = yield* startFlow(newFlow(tenantId, { sealedSecrets: seal() }))
  expected.push({ ...flowContext(pending), sealed: pending.sealedSecrets })

  for (const as of ["parked", "confirming", "choosing"] as const) {
    const burned = yield* burnSome(yield* startFlow(newFlow(tenantId, { sealedSecrets: seal() })))
    const parked = { as, flowIdHash: freshHash(), sealedResponse: seal() }
    yield* flows.park(assumeBound(burned), {
      ...parked,
      lifetime: parkedLifetime,
      userHash: hashOf(tenantId)
    })
    expected.push({ ...parkedContext(burned, parked), sealed: parked.sealedResponse })
  }
  return { expected, tenants: [...new Set(expected.map((value) => value.tenantId))] }
})

/** What `Maintenance` promises of sealed values. */
export const sealedValuesSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-45 finds every kind of sealed value, each with what it was sealed for, whatever the batches",
    Effect.fnUntraced(function* () {
      const { expected, tenants } = yield* oneOfEach(freshKeyId())
      expect(expected.length).toBe(15)
      for (const limit of [1, 3, 1000]) {
        const found = yield* walk(tenants, { exceptKeyId: freshKeyId(), limit })
        expect(found.map(comparable).toSorted()).toStrictEqual(expected.map(comparable).toSorted())
      }
    }),
    timeout
  )

  it.effect(
    "S-45 leaves out what is under the key that is asked for, and counts it",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const [one, other] = [freshKeyId(), `é${freshKeyId()}`]
      const [ofOne, ofOther] = [yield* oneOfEach(one), yield* oneOfEach(other)]
      const tenants = [...ofOne.tenants, ...ofOther.tenants]
      const found = yield* walk(tenants, { exceptKeyId: one, limit: 1000 })
      expect(found.map(comparable).toSorted()).toStrictEqual(
        ofOther.expected.map(comparable).toSorted()
      )
      const inUse = new Map(
        (yield* maintenance.keysInUse).map(({ count, keyId }) => [keyId, count])
      )
      expect([inUse.get(one), inUse.get(other)]).toStrictEqual([15, 15])
    }),
    timeout
  )

  it.effect(
    "S-45 replaces each value by another, once, and none comes twice while batches are read",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const [before, now] = [freshKeyId(), freshKeyId()]
      const { expected, tenants } = yield* oneOfEach(before)
      let after: SealedAddress | undefined
      let replaced = 0
      for (;;) {
        const batch = yield* maintenance.sealedValues({ exceptKeyId: now, limit: 2, after })
        const last = batch.at(-1)
        if (last === undefined) break
        after = last.address
        for (const stored of batch.filter(({ tenantId }) => tenants.includes(tenantId))) {
          const by = sealedUnder(now)
          expect(yield* maintenance.replaceSealed(stored, by)).toBe(true)
          expect(yield* maintenance.replaceSealed(stored, sealedUnder(now))).toBe(false)
          replaced++
        }
      }
      expect(replaced).toBe(expected.length)
      expect(yield* walk(tenants, { exceptKeyId: now, limit: 1000 })).toStrictEqual([])
      const keys = (yield* maintenance.keysInUse).map(({ keyId }) => keyId)
      expect(keys).toContain(now)
      expect(keys).not.toContain(before)
    }),
    timeout
  )

  it.effect(
    "S-45 leaves alone what was written or destroyed meanwhile, and the value beside it",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { grant, key } = yield* connectedGrant({
        accessToken: sealedUnder(freshKeyId()),
        refreshToken: sealedUnder(freshKeyId())
      })
      const stored = yield* walk([key.tenantId], { exceptKeyId: freshKeyId(), limit: 1000 })
      const access = stored.find(({ field }) => field === "access_token") ?? expect.fail()
      const refresh = stored.find(({ field }) => field === "refresh_token") ?? expect.fail()

      const by = sealedUnder(freshKeyId())
      expect(yield* maintenance.replaceSealed(access, by)).toBe(true)
      const read = yield* connections.grant(key)
      expect([...read.accessToken]).toStrictEqual([...by])
      expect([...(read.refreshToken ?? [])]).toStrictEqual([...(grant.refreshToken ?? [])])
      expect(read).toMatchObject({ id: grant.id, generation: 1, tokenType: grant.tokenType })

      const newer = yield* newGrant()
      yield* connections.connect(
        yield* connectCommand(key, withGrant(newer, undefined, { reauthorizes: true }))
      )
      expect(yield* maintenance.replaceSealed(refresh, by)).toBe(false)
      expect([...((yield* connections.grant(key)).refreshToken ?? [])]).toStrictEqual([
        ...(newer.refreshToken ?? [])
      ])

      yield* connections.disconnect(yield* disconnectCommand(key))
      expect(yield* maintenance.replaceSealed(refresh, by)).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-45 meets what is not an envelope, and counts it under no key",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const tenantId = yield* freshTenant
      const credentials = yield* CredentialStore
      for (const bytes of [[], [1], [1, 200, 7], [2, 1, 65, 0, 0], [1, 2, 0xff, 0xfe]]) {
        const sealedFields = Uint8Array.from(bytes) as Sealed
        yield* credentials.insert({ ...(yield* newCredential(tenantId, github)), sealedFields })
      }
      const found = yield* walk([tenantId], { exceptKeyId: freshKeyId(), limit: 1000 })
      expect(found.length).toBe(5)
      const inUse = yield* maintenance.keysInUse
      expect(inUse.find(({ keyId }) => keyId === "")?.count).toBeGreaterThanOrEqual(3)
    }),
    timeout
  )
}
