import { expect } from "@effect/vitest"
import { ConnectionStore, Maintenance, newEventId } from "@hawser/core"
import { DateTime, Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import { connectCommand, newGrant, withGrant, eventConnection } from "./fixtures.ts"
import {
  claimDueOf,
  claimOneDue,
  connectedGrant,
  dueOf,
  endCommand,
  leaseOf,
  newTokens,
  renewCommand
} from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const acme = { id: "4711", label: "Acme" }

const expiring = Effect.map(newEventId, (id) => ({ id, event: "integration.expiring" as const }))
const ended = Effect.map(endCommand(), ({ publish }) => publish)

/** Connected for an hour without a refresh token, to be told of ten minutes before its end. */
const unrefreshable = connectedGrant(
  { refreshToken: undefined, dueIn: 3000 },
  { account: acme, fields: { site: "eu" } }
)

export const grantExpirySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "its coming end is told once, with the instant, and it is due again then",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { integration, key } = yield* unrefreshable
      yield* advance(Duration.seconds(3000))
      const subscriber = yield* freshSubscriber()
      const due = yield* claimOneDue(key)
      const publish = yield* expiring
      yield* maintenance.tellExpiry(due, publish)
      yield* maintenance.tellExpiry(due, yield* expiring)
      const { expiresAt } = yield* connections.grant(key)
      const seconds = Math.floor(DateTime.toEpochMillis(expiresAt ?? DateTime.makeUnsafe(0)) / 1000)
      expect(yield* receiveEvents(subscriber)).toStrictEqual([
        {
          id: publish.id,
          event: "integration.expiring",
          tenantId: key.tenantId,
          data: {
            integrationId: integration.id,
            provider: key.provider,
            ...eventConnection,
            expiresAt: new Date(seconds * 1000).toISOString().replace(".000Z", "Z")
          }
        }
      ])
      expect((yield* connections.find(key)).status).toBe("connected")
      yield* advance(Duration.seconds(540))
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.seconds(60))
      const again = yield* claimOneDue(key)
      expect([again.expiryTold, again.grant.expired]).toStrictEqual([true, true])
    }),
    timeout
  )

  it.effect(
    "of tellers that come at once one tells",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { key } = yield* unrefreshable
      yield* advance(Duration.seconds(3000))
      const due = yield* claimOneDue(key)
      const subscriber = yield* freshSubscriber()
      const publishes = yield* Effect.all(times(10, () => expiring))
      yield* inParallel(publishes.map((publish) => maintenance.tellExpiry(due, publish)))
      expect(yield* receiveIds(subscriber)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "the end of a refresh token is told once in time, though the access token is refreshed all along",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      // 90 days from the consent, told of a week before.
      const { key } = yield* connectedGrant({
        expiresIn: 86_400 * 30,
        dueIn: 86_400 * 29,
        refreshExpiresIn: 86_400 * 90,
        refreshNoticeIn: 86_400 * 83
      })
      const subscriber = yield* freshSubscriber("now")
      for (let refresh = 0; refresh < 2; refresh++) {
        yield* advance(Duration.days(29))
        const due = yield* claimOneDue(key)
        expect(due.refreshEndsSoon).toBe(false)
        // No word of the refresh token: its end stays where the consent has put it.
        const tokens = newTokens({ expiresIn: 86_400 * 30, dueIn: 86_400 * 29 })
        expect(
          yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand(tokens))
        ).toBe(true)
      }
      yield* advance(Duration.days(24))
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.days(1))
      const due = yield* claimOneDue(key)
      expect([due.refreshEndsSoon, due.expiryTold]).toStrictEqual([true, false])
      expect(due.grant.refreshRemaining).toBeLessThanOrEqual(86_400 * 7)
      yield* receiveIds(subscriber)
      const publish = yield* expiring
      yield* inParallel([
        maintenance.tellExpiry(due, publish),
        maintenance.tellExpiry(due, yield* expiring)
      ])
      const [told, ...others] = yield* receiveEvents(subscriber)
      expect(others).toStrictEqual([])
      expect(told?.event).toBe("integration.expiring")
      const { refreshRemaining } = yield* connections.grant(key)
      expect(refreshRemaining).toBeGreaterThan(86_400 * 6)
      // The vendor repeats the same end: it was told.
      const tokens = newTokens({
        expiresIn: 3600,
        dueIn: 3300,
        refreshExpiresIn: refreshRemaining,
        refreshNoticeIn: 0
      })
      expect(yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand(tokens))).toBe(
        true
      )
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.seconds(3300))
      expect((yield* claimOneDue(key)).refreshEndsSoon).toBe(false)
    }),
    timeout
  )

  it.effect(
    "a later end, which a refresh tells, is told again, and a new grant has an end of its own",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant(
        { dueIn: 3000, refreshExpiresIn: 86_400, refreshNoticeIn: 60 },
        { account: acme }
      )
      yield* advance(Duration.seconds(60))
      const due = yield* claimOneDue(key)
      expect(due.refreshEndsSoon).toBe(true)
      yield* maintenance.tellExpiry(due, yield* expiring)
      const later = newTokens({
        dueIn: 3000,
        refreshExpiresIn: 86_400 * 2,
        refreshNoticeIn: 120
      })
      expect(yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand(later))).toBe(
        true
      )
      yield* advance(Duration.seconds(120))
      expect((yield* claimOneDue(key)).refreshEndsSoon).toBe(true)
      const again = withGrant(yield* newGrant(), undefined, { reauthorizes: true, account: acme })
      yield* connections.connect(yield* connectCommand(key, again))
      expect((yield* connections.grant(key)).refreshRemaining).toBeUndefined()
      expect(yield* claimDueOf(key)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "tells nothing of a grant that can be refreshed, that never ends, or that is a newer one",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber("now")
      const others = [
        yield* connectedGrant(),
        yield* connectedGrant({ refreshToken: undefined, expiresIn: undefined })
      ]
      const connected = yield* receiveIds(subscriber)
      expect(connected).toHaveLength(2)
      for (const { key } of others)
        yield* maintenance.tellExpiry(dueOf(key, yield* connections.grant(key)), yield* expiring)
      const { key } = yield* unrefreshable
      const former = yield* connections.grant(key)
      const again = withGrant(yield* newGrant({ refreshToken: undefined }), undefined, {
        reauthorizes: true,
        account: acme
      })
      yield* connections.connect(yield* connectCommand(key, again))
      yield* receiveIds(subscriber)
      yield* maintenance.tellExpiry(dueOf(key, former), yield* expiring)
      yield* advance(Duration.hours(2))
      yield* maintenance.expireGrant(dueOf(key, former), yield* ended)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
      expect((yield* connections.find(key)).status).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "at its end the integration is disconnected, with the account remembered and the tokens destroyed",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { integration, key } = yield* unrefreshable
      const due = dueOf(key, yield* connections.grant(key))
      const subscriber = yield* freshSubscriber()
      yield* advance(Duration.seconds(3540))
      yield* maintenance.expireGrant(due, yield* ended)
      expect((yield* connections.find(key)).status).toBe("connected")
      yield* advance(Duration.seconds(60))
      const publish = yield* ended
      yield* maintenance.expireGrant(due, publish)
      yield* maintenance.expireGrant(due, yield* ended)
      expect(yield* connections.find(key)).toMatchObject({
        id: integration.id,
        status: "disconnected",
        problem: "token_expired",
        account: acme,
        scopes: [],
        fields: {}
      })
      expect(yield* Effect.flip(connections.grant(key))).toMatchObject({
        _tag: "ReconnectRequired",
        reason: "token_expired"
      })
      expect(yield* maintenance.quarantined(key)).toStrictEqual([])
      expect(yield* receiveIds(subscriber)).toStrictEqual([publish.id])
      expect(yield* claimDueOf(key)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "ends nothing that can be refreshed",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const due = dueOf(key, yield* connections.grant(key))
      yield* advance(Duration.hours(2))
      yield* maintenance.expireGrant(due, yield* ended)
      expect((yield* connections.find(key)).status).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "neither tells nor ends where the event cannot be recorded",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { key } = yield* unrefreshable
      yield* advance(Duration.seconds(3000))
      const due = yield* claimOneDue(key)
      const told = yield* expiring
      yield* maintenance.tellExpiry(due, told)
      yield* advance(Duration.seconds(600))
      const failed = yield* Effect.exit(
        maintenance.expireGrant(due, { ...(yield* ended), id: told.id })
      )
      expect(Exit.isFailure(failed)).toBe(true)
      expect((yield* connections.find(key)).status).toBe("connected")
      expect((yield* connections.grant(key)).expired).toBe(true)
    }),
    timeout
  )
}
