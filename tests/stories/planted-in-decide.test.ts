import { assert, describe, it } from "@effect/vitest"
import { decide, type TenantId } from "@hawser/core"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { actorAt, type Command } from "../../packages/testing/src/story/Command.ts"
import { BrokenPromise } from "../../packages/testing/src/story/invariants.ts"
import { type Rules, sqliteStores } from "../sqlite/SqliteStores.ts"
import {
  acquire,
  begin,
  choosing,
  connect,
  failureOf,
  one,
  renew,
  type Story,
  wait
} from "./told.ts"

const isPut = (table: keyof decide.Tables) => (write: decide.Write) =>
  write.table === table && write.row !== undefined

/** A decision without some of its writes. */
const without = <Success, Failure>(
  decision: decide.Decision<Success, Failure>,
  isLeftOut: (write: decide.Write) => boolean
): decide.Decision<Success, Failure> => ({
  ...decision,
  writes: decision.writes.filter((write) => !isLeftOut(write))
})

const storeKey = (place: number): Command => ({ _tag: "StoreKey", place, key: 0 })
const connectKey = (place: number): Command => ({ _tag: "ConnectKey", place, key: 0 })

const suspend = (place: number): Command => ({
  _tag: "SuspendUser",
  place,
  user: actorAt(place)
})

/** Stores an API key for the tenant of the one before as well. */
const copyingToAnother = (): Rules["insertCredential"] => {
  let former: TenantId | undefined
  return (rows, credential, now) => {
    const decision = decide.insertCredential(rows, credential, now)
    const tenantId = former ?? credential.tenantId
    former = credential.tenantId
    const copies = decision.writes.map((write) => ({
      ...write,
      key: decide.keys.credential({ ...credential, tenantId }),
      onConflict: "replace" as const
    }))
    return { ...decision, writes: [...decision.writes, ...copies] }
  }
}

/** Each promise, a story, and a rule that does not keep it there. */
const faults: ReadonlyArray<readonly [promise: string, story: Story, rules: Partial<Rules>]> = [
  [
    "one connection for each key",
    one(connect(0)),
    {
      connect: (rows, command, now) => {
        const decision = decide.connect(rows, command, now)
        const others = decision.writes.map((write) =>
          write.table === "integrations"
            ? { ...write, key: `${write.key} ${command.newId} ${command.publish.id}` }
            : write
        )
        return { ...decision, writes: [...decision.writes, ...others] }
      }
    }
  ],
  [
    "a state is used once, and so is a parked response",
    one(begin(0), { _tag: "Burn", flow: 0 }, { _tag: "Burn", flow: 0 }),
    { burn: (rows, now) => without(decide.burn(rows, now), () => true) }
  ],
  [
    "a state is used once, and so is a parked response",
    one(
      begin(0),
      { _tag: "Burn", flow: 0 },
      { _tag: "Park", flow: 0, as: "parked" },
      { _tag: "TakeParked", flow: 0 },
      { _tag: "TakeParked", flow: 0 }
    ),
    { takeParked: (rows, now) => without(decide.takeParked(rows, now), () => true) }
  ],
  [
    "an event if and only if a write",
    one(connect(0), { _tag: "Disconnect", place: 0 }),
    {
      disconnect: (rows, command, now) => ({ ...decide.disconnect(rows, command, now), events: [] })
    }
  ],
  [
    "an event if and only if a write",
    [
      ...one(connect(0)),
      ...wait(49),
      ...one(acquire(0), { _tag: "Defer", place: 0, ambiguous: false }),
      ...wait(21),
      ...one(acquire(0), renew(0))
    ],
    {
      renew: (rows, lease, command, now) => {
        const decision = decide.renew(rows, lease, command, now)
        return { ...decision, events: decision.events.slice(0, -1) }
      }
    }
  ],
  [
    "what is refused writes nothing",
    one(connect(0), connect(0)),
    {
      connect: (rows, command, now) => {
        const decision = decide.connect(rows, command, now)
        return Result.isFailure(decision.answer) && rows.former !== undefined
          ? {
              ...decision,
              writes: [
                {
                  table: "integrations",
                  key: decide.keys.integration(command),
                  row: undefined,
                  onConflict: "replace"
                }
              ]
            }
          : decision
      }
    }
  ],
  [
    "what is connected is connected over only by who reauthorizes it",
    one(connect(0), connect(0)),
    {
      connect: (rows, command, now) =>
        decide.connect(
          rows,
          command.with._tag === "Grant"
            ? { ...command, with: { ...command.with, reauthorizes: true } }
            : command,
          now
        )
    }
  ],
  [
    "another account never takes the place of one that is remembered",
    one(connect(0, { account: 0 }), connect(0, { account: 1, reauthorizes: true })),
    {
      connect: ({ former, ...rows }, command, now) =>
        decide.connect(
          {
            ...rows,
            former: former && {
              ...former,
              integration: { ...former.integration, account: undefined }
            }
          },
          command,
          now
        )
    }
  ],
  [
    "what one may hold is held by one",
    one(connect(0, { account: 0, isHeld: true }), connect(2, { account: 0, isHeld: true })),
    { connect: (rows, command, now) => decide.connect({ ...rows, integrations: [] }, command, now) }
  ],
  [
    "flows wait up to the limit, and no more",
    one(begin(0), begin(1), begin(2)),
    {
      startFlow: (rows, flow, options, now) =>
        decide.startFlow({ ...rows, flows: [] }, flow, options, now)
    }
  ],
  [
    "a lease has one holder",
    one(connect(0), acquire(0), acquire(0)),
    {
      acquire: (rows, command, now) => {
        const { row } = rows
        const free = row?.grant && { ...row, grant: { ...row.grant, lease: undefined } }
        return decide.acquire({ ...rows, row: free }, command, now)
      }
    }
  ],
  [
    "generations only rise, and tokens change with them alone",
    one(connect(0), acquire(0), renew(0)),
    {
      renew: (rows, lease, command, now) => {
        const decision = decide.renew(rows, lease, command, now)
        return {
          ...decision,
          writes: decision.writes.map((write) =>
            write.table === "integrations" && write.row?.grant !== undefined
              ? {
                  ...write,
                  row: {
                    ...write.row,
                    grant: { ...write.row.grant, generation: lease.grant.generation }
                  }
                }
              : write
          )
        }
      }
    }
  ],
  [
    "what is ended has no tokens",
    one(connect(0), { _tag: "MarkRevoked", place: 0 }),
    {
      markRevoked: (rows, command, now) => {
        const decision = decide.markRevoked(rows, command, now)
        return {
          ...decision,
          writes: decision.writes.map((write) =>
            write.table === "integrations" && write.row !== undefined
              ? { ...write, row: { ...write.row, grant: rows.row?.grant, quarantined: undefined } }
              : write
          )
        }
      }
    }
  ],
  [
    "what is connected has what it is connected with",
    one(storeKey(0), connectKey(0), { _tag: "DeleteKey", place: 0, key: 0 }),
    {
      deleteCredential: (rows) => decide.deleteCredential({ ...rows, integrations: [] })
    }
  ],
  [
    "what is alive is not revoked",
    one(connect(0), { _tag: "Enqueue", place: 0, late: false }, { _tag: "ClaimRevocations" }),
    { enqueue: (_rows, command, now) => decide.enqueue({ integrations: [] }, command, now) }
  ],
  [
    "tokens that are kept no longer are on their way to be revoked",
    one(connect(0), { _tag: "Disconnect", place: 0 }),
    {
      disconnect: (rows, command, now) =>
        without(decide.disconnect(rows, command, now), isPut("revocations"))
    }
  ],
  [
    "the third tenant that a client is refused for within ten minutes is not ended",
    one(
      ...[0, 2, 3].flatMap((place): ReadonlyArray<Command> => [
        connect(place),
        acquire(place),
        { _tag: "End", place }
      ])
    ),
    { end: (rows, lease, command, now) => decide.end({ ...rows, tried: [] }, lease, command, now) }
  ],
  [
    "an access token ends a connection after its time only, and one that can be refreshed never",
    one(connect(0, { refreshable: false }), { _tag: "Expire", place: 0 }),
    { expire: (rows, due, publish, now) => decide.expire(rows, due, publish, now + 60 * 60_000) }
  ],
  [
    "what is restored is what was ended",
    one(connect(0), { _tag: "MarkRevoked", place: 0 }, { _tag: "Restore", place: 0 }),
    {
      restore: (rows, publish, now) => {
        const decision = decide.restore(rows, publish, now)
        return {
          ...decision,
          writes: decision.writes.map((write) =>
            write.table === "integrations" && write.row !== undefined
              ? {
                  ...write,
                  row: {
                    ...write.row,
                    integration: { ...write.row.integration, connectedBy: publish.id as never }
                  }
                }
              : write
          )
        }
      }
    }
  ],
  [
    "a user who was erased is nowhere",
    one(connect(0), { _tag: "EraseUser", place: 0, user: 0 }),
    {
      eraseUser: (rows, command, now) =>
        without(decide.eraseUser(rows, command, now), isPut("integrations"))
    }
  ],
  [
    "a user who was erased is nowhere",
    one(storeKey(4), { _tag: "EraseUser", place: 4, user: 2 }),
    {
      eraseUser: (rows, command, now) =>
        without(decide.eraseUser(rows, command, now), ({ table }) => table === "credentials")
    }
  ],
  [
    "nothing is written in the name of who is barred, and nobody else is refused as barred",
    one({ _tag: "EraseUser", place: 0, user: 0 }, connect(0)),
    { connect: (rows, command, now) => decide.connect({ ...rows, barred: [] }, command, now) }
  ],
  [
    "nothing is written in the name of who is barred, and nobody else is refused as barred",
    one(suspend(0), { _tag: "ResumeUser", place: 0, user: 0 }, begin(0)),
    {
      resumeUser: (rows, user) =>
        without(decide.resumeUser(rows, user), ({ table }) => table === "barred")
    }
  ],
  [
    "what a suspended user owns is neither read nor leased, and nothing else is suspended",
    one(connect(4), suspend(4)),
    {
      suspendUser: (rows, user, now) =>
        without(decide.suspendUser(rows, user, now), isPut("integrations"))
    }
  ],
  [
    "what a suspended user owns is neither read nor leased, and nothing else is suspended",
    one(connect(4), acquire(4), { _tag: "Defer", place: 4, ambiguous: false }, suspend(4)).concat(
      wait(21),
      one(acquire(4))
    ),
    {
      acquire: (rows, command, now) => {
        const { row } = rows
        const open = row && { ...row, integration: { ...row.integration, isSuspended: false } }
        return decide.acquire({ ...rows, row: open }, command, now)
      }
    }
  ],
  [
    "a connection has the scopes that were granted last",
    one(connect(0), connect(0, { reauthorizes: true, scopes: ["read", "write"] })),
    {
      connect: (rows, command, now) =>
        decide.connect(
          rows,
          command.with._tag === "Grant"
            ? {
                ...command,
                with: {
                  ...command.with,
                  scopes: rows.former?.integration.scopes ?? command.with.scopes
                }
              }
            : command,
          now
        )
    }
  ],
  [
    "an API key goes with the last connection that is made with it",
    one(storeKey(0), connectKey(0), { _tag: "Disconnect", place: 0 }),
    {
      disconnect: (rows, command, now) =>
        without(decide.disconnect(rows, command, now), ({ table }) => table === "credentials")
    }
  ],
  [
    "no tenant reads another's",
    one(storeKey(0), storeKey(2)),
    { insertCredential: copyingToAnother() }
  ],
  [
    "an event is one that a command published, and comes once",
    [...one(connect(0)), ...wait(7)],
    {
      settle: (rows, claim, outcomes, now) =>
        without(decide.settle(rows, claim, outcomes, now), () => true)
    }
  ],
  [
    "a flow is given out as it was begun, with whether its time is over",
    one(begin(0), { _tag: "Burn", flow: 0 }),
    { burn: (rows, now) => decide.burn(rows, now + 60 * 60_000) }
  ],
  [
    "of a tenant that is removed nothing stays but what is connected",
    one(storeKey(0), { _tag: "RemoveTenant", place: 0 }),
    {
      removeTenant: (rows, tenantId, now) =>
        without(decide.removeTenant(rows, tenantId, now), ({ table }) => table === "credentials")
    }
  ],
  [
    "the worker finds each choice that nobody made in time",
    [...one(...choosing), ...wait(21), ...one({ _tag: "RevokeAbandoned" })],
    { abandonedChoices: (_rows, limit, now) => decide.abandonedChoices({ flows: [] }, limit, now) }
  ],
  [
    "tokens that are kept no longer are on their way to be revoked",
    one(...choosing, { _tag: "TakeParked", flow: 0 }, { _tag: "LeaveChoice", flow: 0 }),
    { enqueue: (rows, command, now) => without(decide.enqueue(rows, command, now), () => true) }
  ],
  [
    "a consent is not revoked while one of its accounts is live through the same client",
    [
      ...one(connect(2, { account: 1 }), ...choosing),
      ...wait(21),
      ...one({ _tag: "RevokeAbandoned" }, { _tag: "ClaimRevocations" })
    ],
    {
      enqueue: (rows, command, now) =>
        decide.enqueue(rows, { ...command, accounts: undefined }, now)
    }
  ]
]

const rulesWith = (fault: Partial<Rules>) => ({
  layer: Layer.provideMerge(sqliteStores({ ...decide, ...fault }), TestClock.layer()),
  advance: TestClock.adjust
})

describe("the promises of the stories find a fault in the rules of core, and none without", () => {
  for (const [index, [promise, story, fault]] of faults.entries())
    it.live(
      `${index + 1}: ${promise}`,
      Effect.fnUntraced(function* () {
        for (const isReadWhole of [true, false]) {
          const failure = yield* failureOf(story, rulesWith(fault), false, isReadWhole)
          assert.include(
            failure instanceof BrokenPromise ? [...failure.promises] : failure,
            promise
          )
          assert.isUndefined(yield* failureOf(story, rulesWith({}), false, isReadWhole))
        }
      })
    )
})
