import { expect } from "@effect/vitest"
import {
  type Account,
  ConnectionStore,
  tenantsDefault,
  type IntegrationKey,
  Maintenance,
  newEventId,
  newGrantId,
  newIntegrationId,
  type QueuedRevocation,
  type TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import {
  connectCommand,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  sealedBytes,
  withGrant
} from "./fixtures.ts"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const minute = Duration.minutes(1)

/** Takes all that is due, of whatever test, and answers what of it is this tenant's. */
const claimOf = Effect.fnUntraced(function* (tenantId: TenantId) {
  const maintenance = yield* Maintenance
  const claimed = yield* maintenance.claimRevocations({ limit: 1_000_000, hold: minute })
  return claimed.filter((one) => one.tenantId === tenantId)
})

const claimOne = Effect.fnUntraced(function* (tenantId: TenantId) {
  const [claimed, ...others] = yield* claimOf(tenantId)
  expect(others).toStrictEqual([])
  return claimed ?? expect.fail("nothing is due")
})

/** An integration of a tenant of its own. */
const connected = Effect.fnUntraced(function* (
  clientFingerprint: string,
  account: Account | undefined,
  tenant?: TenantId,
  grantSubject: string | undefined = account?.id
) {
  const connections = yield* ConnectionStore
  const key = keyOf(tenant ?? (yield* freshTenant), github)
  const grant = yield* newGrant({ clientFingerprint, grantSubject })
  const integration = yield* connections.connect(
    yield* connectCommand(key, withGrant(grant, undefined, { account, fields: { site: "eu" } }))
  )
  return { key, grant, integration }
})

const withdrawn = Effect.map(newEventId, (id) => ({
  id,
  event: "integration.disconnected" as const,
  disconnectedBy: UserId.make("system"),
  reason: "revoked" as const
}))

const disconnect = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  yield* connections.disconnect(yield* disconnectCommand(key))
})

const freshClient = (): string => crypto.randomUUID()
const octocat: Account = { id: "583231", label: "octocat" }
const hubot: Account = { id: "480938", label: undefined }

const comparable = ({ grant, ...queued }: QueuedRevocation) => ({
  ...queued,
  grant: {
    ...grant,
    accessToken: [...grant.accessToken],
    refreshToken: [...(grant.refreshToken ?? [])]
  }
})

export const revocationQueueSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-39 what is disconnected is there to be revoked, with all that this needs",
    Effect.fnUntraced(function* () {
      const { grant, integration, key } = yield* connected(freshClient(), octocat)
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
      yield* disconnect(key)
      const { accessToken, clientFingerprint, id, refreshToken } = grant
      expect(comparable(yield* claimOne(key.tenantId))).toStrictEqual(
        comparable({
          ...key,
          owner: tenantsOwn,
          integrationId: integration.id,
          grant: { id, accessToken, refreshToken, clientFingerprint },
          fields: { site: "eu" },
          attempt: 1,
          shared: false
        })
      )
    }),
    timeout
  )

  it.effect(
    "keeps what is claimed from other claims for as long as it was asked to",
    Effect.fnUntraced(function* () {
      const { key } = yield* connected(freshClient(), octocat)
      yield* disconnect(key)
      const { succeeded } = yield* inParallel(times(10, () => claimOf(key.tenantId)))
      expect(succeeded.flat()).toHaveLength(1)
      yield* advance(minute)
      expect((yield* claimOne(key.tenantId)).attempt).toBe(2)
    }),
    timeout
  )

  it.effect(
    "takes no more than asked for, those that have waited longest first",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      yield* maintenance.claimRevocations({ limit: 1_000_000, hold: Duration.hours(30) })
      const early = yield* connected(freshClient(), octocat)
      yield* disconnect(early.key)
      yield* advance(Duration.seconds(1))
      const late = yield* connected(freshClient(), octocat)
      yield* disconnect(late.key)
      const ids = (claimed: ReadonlyArray<QueuedRevocation>) => claimed.map(({ grant }) => grant.id)
      expect(ids(yield* maintenance.claimRevocations({ limit: 1, hold: minute }))).toStrictEqual([
        early.grant.id
      ])
      expect(ids(yield* maintenance.claimRevocations({ limit: 1, hold: minute }))).toStrictEqual([
        late.grant.id
      ])
    }),
    timeout
  )

  it.effect(
    "is done with what is removed, and gives back what is postponed once it is due",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { key } = yield* connected(freshClient(), octocat)
      yield* disconnect(key)
      const first = yield* claimOne(key.tenantId)
      yield* maintenance.postponeRevocation(first, Duration.minutes(10))
      yield* advance(Duration.minutes(9))
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
      yield* advance(minute)
      const second = yield* claimOne(key.tenantId)
      expect(second.attempt).toBe(2)
      yield* maintenance.removeRevocation(second)
      yield* advance(Duration.hours(1))
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
      yield* maintenance.postponeRevocation(second, Duration.zero)
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-57 another tenant's tokens of the same id are neither removed nor postponed",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { grant, key } = yield* connected(freshClient(), octocat)
      yield* disconnect(key)
      const foreign = { tenantId: yield* freshTenant, grant }
      yield* maintenance.removeRevocation(foreign)
      yield* maintenance.postponeRevocation(foreign, Duration.hours(1))
      yield* claimOne(key.tenantId)
    }),
    timeout
  )

  it.effect(
    "S-39 S-46 after 24 hours it is never handed out again, and destroyed with its tenant named",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { key } = yield* connected(freshClient(), octocat)
      yield* disconnect(key)
      const givenUp = Effect.map(maintenance.giveUpRevocations, (all) =>
        all.filter(({ tenantId }) => tenantId === key.tenantId)
      )
      yield* advance(Duration.hours(23))
      expect(yield* givenUp).toStrictEqual([])
      yield* advance(Duration.hours(1))
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
      expect(yield* givenUp).toStrictEqual([{ tenantId: key.tenantId, provider: github }])
      expect(yield* givenUp).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-39 takes the tokens of a flow that came too late",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const grant = {
        id: yield* newGrantId,
        accessToken: sealedBytes(),
        refreshToken: undefined,
        clientFingerprint: freshClient()
      }
      const place = {
        tenantId,
        provider: github,
        ...tenantsDefault,
        integrationId: yield* newIntegrationId,
        fields: { site: "eu" }
      }
      yield* connections.enqueueRevocation({ ...place, grant })
      expect(comparable(yield* claimOne(tenantId))).toStrictEqual(
        comparable({ ...place, grant, attempt: 1, shared: false })
      )
    }),
    timeout
  )

  it.effect(
    "S-39 tells that another tenant's live integration holds the same account through the same client",
    Effect.fnUntraced(function* () {
      const client = freshClient()
      const leaving = yield* connected(client, octocat)
      const staying = yield* connected(client, { ...octocat, label: "renamed" })
      yield* disconnect(leaving.key)
      expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(true)
      // Looked up at each claim: the other leaves as well.
      yield* disconnect(staying.key)
      yield* advance(minute)
      expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-39 the tenant's own integration counts, where it was connected again meanwhile",
    Effect.fnUntraced(function* () {
      const client = freshClient()
      const { key } = yield* connected(client, octocat)
      yield* disconnect(key)
      yield* connected(client, octocat, key.tenantId)
      expect((yield* claimOne(key.tenantId)).shared).toBe(true)
    }),
    timeout
  )

  for (const [what, theirs, isShared] of [
    ["another account", hubot, false],
    ["an account that nobody knows", undefined, true]
  ] as const) {
    it.effect(
      `S-39 ${what} of the same client is ${isShared ? "taken for the same" : "not the same"}`,
      Effect.fnUntraced(function* () {
        const client = freshClient()
        const leaving = yield* connected(client, octocat)
        yield* connected(client, theirs)
        yield* disconnect(leaving.key)
        expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(isShared)
      }),
      timeout
    )
  }

  it.effect(
    "S-39 where it is itself of an unknown account, any live integration of the client may be the same",
    Effect.fnUntraced(function* () {
      const client = freshClient()
      const leaving = yield* connected(client, undefined)
      yield* disconnect(leaving.key)
      expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(false)
      yield* connected(client, hubot)
      yield* advance(minute)
      expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(true)
    }),
    timeout
  )

  for (const [what, account, subject, isShared] of [
    ["the same person's consent to another account", hubot, octocat.id, true],
    ["another person's consent to the same account", octocat, hubot.id, false]
  ] as const) {
    it.effect(
      `S-100 ${what} is ${isShared ? "the same grant" : "another grant"}`,
      Effect.fnUntraced(function* () {
        const client = freshClient()
        const leaving = yield* connected(client, octocat)
        yield* connected(client, account, undefined, subject)
        yield* disconnect(leaving.key)
        expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(isShared)
      }),
      timeout
    )
  }

  for (const [what, named, isShared] of [
    ["is the same grant while one of the accounts is live", octocat, true],
    ["is another grant than that of accounts that it does not cover", hubot, false],
    [
      "is another grant than that of the same id at another server",
      { ...octocat, issuer: "evil.example" },
      false
    ]
  ] as const) {
    it.effect(
      `S-90 a consent of which no account was chosen ${what}`,
      Effect.fnUntraced(function* () {
        const connections = yield* ConnectionStore
        const client = freshClient()
        yield* connected(client, named, undefined, "another person")
        const tenantId = yield* freshTenant
        const { accessToken, id, refreshToken } = yield* newGrant()
        const accounts = [{ id: "1", label: undefined }, octocat]
        yield* connections.enqueueRevocation({
          ...keyOf(tenantId, github),
          owner: tenantsOwn,
          integrationId: yield* newIntegrationId,
          grant: {
            id,
            accessToken,
            refreshToken,
            clientFingerprint: client,
            grantSubject: "person"
          },
          fields: {},
          accounts
        })
        expect((yield* claimOne(tenantId)).shared).toBe(isShared)
      }),
      timeout
    )
  }

  it.effect(
    "S-39 an integration that its provider ended is not live",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const client = freshClient()
      const leaving = yield* connected(client, octocat)
      const ended = yield* connected(client, octocat)
      const { publish } = yield* disconnectCommand(ended.key)
      const withdrawn = { ...publish, reason: "revoked" as const }
      yield* connections.markRevoked(ended.key, {
        quarantine: Duration.days(7),
        publish: withdrawn
      })
      yield* disconnect(leaving.key)
      expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-39 the same account through another client is another grant",
    Effect.fnUntraced(function* () {
      const leaving = yield* connected(freshClient(), octocat)
      yield* connected(freshClient(), octocat)
      yield* disconnect(leaving.key)
      expect((yield* claimOne(leaving.key.tenantId)).shared).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-126 gets what a new authorization replaces, and what was in quarantine, once they are kept no longer",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { grant, key } = yield* connected(freshClient(), octocat)
      const second = yield* newGrant()
      yield* connections.connect(
        yield* connectCommand(
          key,
          withGrant(second, undefined, { reauthorizes: true, account: octocat })
        )
      )
      const replaced = yield* claimOne(key.tenantId)
      expect(replaced.grant).toStrictEqual({
        id: grant.id,
        accessToken: grant.accessToken,
        refreshToken: grant.refreshToken,
        clientFingerprint: grant.clientFingerprint
      })
      expect(replaced.fields).toStrictEqual({ site: "eu" })
      yield* maintenance.removeRevocation(replaced)

      yield* connections.markRevoked(key, { quarantine: minute, publish: yield* withdrawn })
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
      yield* advance(Duration.minutes(2))
      yield* maintenance.sweepQuarantine
      expect((yield* claimOne(key.tenantId)).grant.id).toBe(second.id)
    }),
    timeout
  )

  it.effect(
    "S-126 takes nothing that is stored, and what it has only once",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { grant, integration, key } = yield* connected(freshClient(), octocat)
      const place = { ...key, owner: tenantsOwn, integrationId: integration.id }
      const command = { ...place, grant, fields: {} }
      yield* connections.enqueueRevocation(command)
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
      yield* disconnect(key)
      yield* connections.enqueueRevocation(command)
      expect((yield* claimOne(key.tenantId)).fields).toStrictEqual({ site: "eu" })
    }),
    timeout
  )

  it.effect(
    "S-126 takes tokens that are not kept, whatever else of the tenant is in use",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* connected(freshClient(), octocat)
      const late = yield* newGrant()
      const place = { ...key, owner: tenantsOwn, integrationId: integration.id }
      yield* connections.enqueueRevocation({
        ...place,
        grant: late,
        fields: {}
      })
      expect((yield* claimOne(key.tenantId)).grant.id).toBe(late.id)
    }),
    timeout
  )

  it.effect(
    "keeps nothing in the queue where the disconnect was not recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connected(freshClient(), octocat)
      const again = yield* connectCommand(
        key,
        withGrant(yield* newGrant(), undefined, { reauthorizes: true, account: octocat })
      )
      yield* connections.connect(again)
      // The tokens that were replaced.
      yield* claimOne(key.tenantId)
      const { publish, ...command } = yield* disconnectCommand(key)
      const taken = { ...command, publish: { ...publish, id: again.publish.id } }
      const refused = yield* Effect.exit(connections.disconnect(taken))
      expect(Exit.isFailure(refused)).toBe(true)
      expect(yield* claimOf(key.tenantId)).toStrictEqual([])
    }),
    timeout
  )
}
