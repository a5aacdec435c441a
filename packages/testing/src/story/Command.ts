import {
  type CredentialId,
  type EventId,
  type GrantId,
  type IntegrationId,
  newCredentialId,
  newEventId,
  newGrantId,
  newIntegrationId,
  type ParkedState,
  type Sealed,
  type SecretHash
} from "@hawser/core"
import { Duration, Effect } from "effect"
import * as fc from "fast-check"
import { freshHash, sealedBytes } from "../stores/fixtures.ts"

/** The scopes of a grant: fewer, or more. */
type Scopes = readonly ["read"] | readonly ["read", "write"]

/** Of a flow, from its start to its end. */
export type FlowCommand =
  | { readonly _tag: "Start"; readonly flow: number; readonly place: number; readonly user: number }
  | { readonly _tag: "Reauthorize"; readonly flow: number; readonly place: number }
  | { readonly _tag: "Burn" | "TakeParked"; readonly flow: number }
  /** What was burned, or taken, last. As `choosing` its tokens wait: new ones, or those that waited before. */
  | { readonly _tag: "Park"; readonly flow: number; readonly as: ParkedState }
  /** With the tokens that waited in what was taken last. If they connect nothing, they are to be revoked. */
  | {
      readonly _tag: "Choose"
      readonly flow: number
      readonly place: number
      readonly account: number
      readonly reauthorizes: boolean
    }
  /** Nobody chooses among what was taken of the flow: all its tokens are to be revoked. */
  | { readonly _tag: "LeaveChoice"; readonly flow: number }

/** Of what a connection is connected with. */
export type ConnectionCommand =
  | {
      readonly _tag: "Connect"
      readonly place: number
      readonly account: number | undefined
      readonly client: number
      readonly reauthorizes: boolean
      readonly refreshable: boolean
      /** The account may be connected once only, whatever the tenant. */
      readonly isHeld: boolean
      /** The refresh token of the tokens before goes on. */
      readonly keeps: boolean
      readonly scopes: Scopes
    }
  | {
      readonly _tag: "Import"
      readonly place: number
      readonly account: number | undefined
      readonly client: number
      readonly isHeld: boolean
    }
  | ({ readonly _tag: "StoreKey" } & KeyOfAccount)
  | ({ readonly _tag: "SwapKey" } & KeyOfAccount)
  | { readonly _tag: "ImportKey"; readonly place: number; readonly key: number }
  | { readonly _tag: "ConnectKey" | "DeleteKey"; readonly place: number; readonly key: number }
  | { readonly _tag: "Disconnect"; readonly place: number }

interface KeyOfAccount {
  readonly place: number
  readonly key: number
  /** Whom the key belongs to, if its provider told it. */
  readonly account?: number | undefined
}

/** Of the life of a grant. */
export type GrantCommand =
  | { readonly _tag: "MarkRevoked" | "Restore"; readonly place: number }
  | { readonly _tag: "Acquire"; readonly place: number; readonly stale: boolean }
  | {
      readonly _tag: "Renew"
      readonly place: number
      readonly moves: boolean
      readonly scopes: Scopes
    }
  | { readonly _tag: "Defer"; readonly place: number; readonly ambiguous: boolean }
  | { readonly _tag: "End"; readonly place: number }
  | { readonly _tag: "ClaimDue" }
  | { readonly _tag: "PostponeDue" | "TellExpiry" | "Expire"; readonly place: number }
  | { readonly _tag: "NoteWithdrawal"; readonly place: number; readonly isProven: boolean }
  | { readonly _tag: "ClearWithdrawal"; readonly place: number }
  | { readonly _tag: "ReleaseBrake"; readonly client: number }

/** Of workers and operators. */
export type OperatorCommand =
  | { readonly _tag: "Enqueue"; readonly place: number; readonly late: boolean }
  | { readonly _tag: "ClaimRevocations" | "RevokeAbandoned" }
  | { readonly _tag: "RemoveRevocation" | "PostponeRevocation"; readonly revocation: number }
  | { readonly _tag: "RemoveTenant"; readonly place: number }
  | {
      readonly _tag: "EraseUser" | "SuspendUser" | "ResumeUser"
      readonly place: number
      readonly user: number
    }
  | { readonly _tag: "SweepFlows" | "SweepKeys" | "SweepQuarantine" | "GiveUp" | "SweepEvents" }

/**
 * What may be told of a small world: some tenants with a few connections, accounts, clients and flows, each known by a number.
 * What a command needs of an earlier one (a lease, a burned flow) is the last that was answered for its connection or flow.
 */
export type Command = FlowCommand | ConnectionCommand | GrantCommand | OperatorCommand

/**
 * Time goes by in sevens of minutes, and nothing lasts for such a number of them: a store whose clock goes on while a story is
 * told comes to the same as one whose clock stands still in between.
 */
export const lasts = {
  flow: Duration.minutes(25),
  parked: Duration.minutes(17),
  lease: Duration.minutes(5),
  retry: Duration.minutes(17),
  hold: Duration.minutes(10),
  accessToken: Duration.minutes(45),
  due: Duration.minutes(31),
  refreshToken: Duration.minutes(95),
  notice: Duration.minutes(60),
  unusedKey: Duration.minutes(100),
  quarantine: Duration.days(6),
  tombstone: Duration.minutes(33)
}

const waits = [7, 7, 7, 21, 49, 105, 7 * 206, 7 * 1235].map((one) => Duration.minutes(one))

/** Commands at once, or nothing but time. */
export type Step =
  | { readonly wait: Duration.Duration }
  | { readonly atOnce: readonly [Command, ...ReadonlyArray<Command>] }

/** Of three tenants: the first has two connections of its own and one of a user, so that none of them is another. */
const tenantsOfPlaces = [0, 0, 1, 2, 0]
export const places = tenantsOfPlaces.length
export const tenantOf = (place: number): number => tenantsOfPlaces[place] ?? 0

/** Whose the connection of the last place is: the last of the users. */
export const ownerOfLastPlace = 2
/** Who connects: of a connection that a user owns, that user. */
export const actorAt = (place: number): number => (isUsersOwn(place) ? ownerOfLastPlace : place % 2)
/** The connection of the last place is a user's, the others are their tenants'. */
export const isUsersOwn = (place: number): boolean => place === places - 1

const place = fc.nat({ max: places - 1 })
/** Flows that go on at once. */
export const flows = 4
const flow = fc.nat({ max: flows - 1 })
const user = fc.nat({ max: ownerOfLastPlace })
const state = fc.constantFrom<ParkedState>("parked", "confirming", "choosing")
const key = fc.nat({ max: 1 })
// Mostly the same client: its brake wants several tenants that it is refused for.
const client = fc.constantFrom(0, 0, 0, 0, 1)
const account = fc.constantFrom(undefined, 0, 0, 1)
/** Of a consent that covers both. */
const chosen = fc.constantFrom(0, 1)
const scopes = fc.constantFrom<Scopes>(["read"], ["read"], ["read", "write"])
const often = fc.constantFrom(true, true, true, false)
const seldom = fc.constantFrom(false, false, false, true)

const one = <Tag extends Command["_tag"], Members extends object>(
  _tag: Tag,
  members: { readonly [Name in keyof Members]: fc.Arbitrary<Members[Name]> }
): fc.Arbitrary<{ readonly _tag: Tag } & Members> =>
  fc.record(members).map((made) => ({ _tag, ...(made as Members) }))

const connection = one("Connect", {
  place,
  account,
  client,
  reauthorizes: fc.boolean(),
  refreshable: often,
  isHeld: seldom,
  keeps: seldom,
  scopes
})

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: connection },
  {
    weight: 6,
    arbitrary: fc.oneof(
      one("Start", { flow, place, user }),
      one("Reauthorize", { flow, place }),
      one("Burn", { flow }),
      one("Park", { flow, as: state }),
      one("TakeParked", { flow }),
      one("Choose", { flow, place, account: chosen, reauthorizes: fc.boolean() }),
      one("LeaveChoice", { flow })
    )
  },
  {
    weight: 5,
    arbitrary: fc.oneof(
      {
        weight: 2,
        arbitrary: fc.oneof(
          one("ConnectKey", { place, key }),
          one("SwapKey", { place, key, account })
        )
      },
      {
        weight: 3,
        arbitrary: fc.oneof(
          one("StoreKey", { place, key, account }),
          one("DeleteKey", { place, key }),
          one("ImportKey", { place, key })
        )
      }
    )
  },
  { weight: 6, arbitrary: one("Acquire", { place, stale: seldom }) },
  { weight: 3, arbitrary: one("Renew", { place, moves: seldom, scopes }) },
  { weight: 2, arbitrary: one("Defer", { place, ambiguous: fc.boolean() }) },
  { weight: 5, arbitrary: one("End", { place }) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        "Disconnect" as const,
        "MarkRevoked" as const,
        "Restore" as const,
        "PostponeDue" as const,
        "TellExpiry" as const,
        "Expire" as const,
        "ClearWithdrawal" as const
      )
      .chain((tag) => one(tag, { place }))
  },
  { weight: 2, arbitrary: one("NoteWithdrawal", { place, isProven: seldom }) },
  { weight: 1, arbitrary: one("ReleaseBrake", { client }) },
  { weight: 1, arbitrary: one("Import", { place, account, client, isHeld: seldom }) },
  { weight: 1, arbitrary: one("Enqueue", { place, late: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("RemoveRevocation" as const, "PostponeRevocation" as const)
      .chain((tag) => one(tag, { revocation: fc.nat({ max: 2 }) }))
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      one("RemoveTenant", { place }),
      one("EraseUser", { place, user }),
      one("SuspendUser", { place, user }),
      one("ResumeUser", { place, user })
    )
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(
        "ClaimDue" as const,
        "ClaimDue" as const,
        "ClaimRevocations" as const,
        "RevokeAbandoned" as const,
        "SweepFlows" as const,
        "SweepKeys" as const,
        "SweepQuarantine" as const,
        "GiveUp" as const,
        "SweepEvents" as const
      )
      .map((_tag) => ({ _tag }))
  }
)

/**
 * What may be told at once, because every store comes to what one order comes to. Starts that do not see each other, refusals
 * that do not count each other and claims that pass over a locked row do not.
 */
const racing: fc.Arbitrary<Command> = fc.oneof(
  connection,
  one("ConnectKey", { place, key }),
  fc.constantFrom("Disconnect" as const, "MarkRevoked" as const).chain((tag) => one(tag, { place }))
)

const pair: fc.Arbitrary<readonly [Command, Command]> = fc.oneof(
  fc.tuple(racing, racing),
  fc.tuple(place, seldom, seldom).map(
    ([at, first, second]) =>
      [
        { _tag: "Acquire", place: at, stale: first },
        { _tag: "Acquire", place: at, stale: second }
      ] as const
  ),
  fc.tuple(fc.constantFrom("Burn" as const, "TakeParked" as const), flow).map(
    ([_tag, number]) =>
      [
        { _tag, flow: number },
        { _tag, flow: number }
      ] as const
  )
)

const alone = (...commands: ReadonlyArray<Command>): ReadonlyArray<Step> =>
  commands.map((one) => ({ atOnce: [one] }))

const connectAnew = (at: number, refreshable: boolean): Command => ({
  _tag: "Connect",
  place: at,
  account: undefined,
  client: 0,
  reauthorizes: true,
  refreshable,
  isHeld: false,
  keeps: false,
  scopes: ["read"]
})

/**
 * What hardly happens by chance: a refresh to its end, one that fails before, an end that is announced, many refusals in a row, a
 * flow to its end, a user who leaves or is away for a while.
 */
const chapter: fc.Arbitrary<ReadonlyArray<Step>> = fc.oneof(
  { weight: 20, arbitrary: command.map((one) => alone(one)) },
  { weight: 2, arbitrary: pair.map((atOnce) => [{ atOnce }]) },
  { weight: 4, arbitrary: fc.constantFrom(...waits).map((wait) => [{ wait }]) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        place,
        fc.oneof(
          one("Renew", { moves: seldom, scopes }),
          one("Defer", { ambiguous: fc.boolean() }),
          one("End", {})
        )
      )
      .map(([at, outcome]) =>
        alone({ _tag: "Acquire", place: at, stale: false }, { ...outcome, place: at })
      )
  },
  {
    weight: 2,
    arbitrary: fc
      .shuffledSubarray([0, 2, 3], { minLength: 2 })
      .map((at) => [
        ...at.flatMap((one) => alone(connectAnew(one, true))),
        ...at.flatMap((one) =>
          alone({ _tag: "Acquire", place: one, stale: false }, { _tag: "End", place: one })
        )
      ])
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(place, fc.boolean(), seldom, scopes)
      .map(([at, ambiguous, moves, granted]) => {
        const acquire = { _tag: "Acquire", place: at, stale: false } as const
        return [
          ...alone(connectAnew(at, true), acquire, { _tag: "Defer", place: at, ambiguous }),
          { wait: Duration.minutes(21) },
          ...alone(acquire, { _tag: "Renew", place: at, moves, scopes: granted }, acquire)
        ]
      })
  },
  {
    weight: 1,
    arbitrary: place.map((at) => [
      ...alone(connectAnew(at, false)),
      { wait: Duration.minutes(35) },
      ...alone({ _tag: "TellExpiry", place: at }, { _tag: "ClaimDue" })
    ])
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(flow, place, user, fc.array(state, { minLength: 1, maxLength: 3 }))
      .map(([number, at, who, states]) =>
        alone(
          { _tag: "Start", flow: number, place: at, user: who },
          { _tag: "Burn", flow: number },
          ...states.flatMap((as): ReadonlyArray<Command> => [
            { _tag: "Park", flow: number, as },
            { _tag: "TakeParked", flow: number }
          ])
        )
      )
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(flow, place, chosen, fc.boolean(), fc.boolean(), fc.array(command, { maxLength: 2 }))
      .map(([number, at, account, isListed, isChosen, between]) => {
        const park = { _tag: "Park", flow: number, as: "choosing" } as const
        const take = { _tag: "TakeParked", flow: number } as const
        const choose = { _tag: "Choose", flow: number, place: at, account } as const
        return [
          ...alone(
            { _tag: "Start", flow: number, place: at, user: actorAt(at) },
            { _tag: "Burn", flow: number },
            park,
            ...(isListed ? [take, park] : []),
            ...between,
            ...(isChosen ? [take, { ...choose, reauthorizes: true } as const] : [])
          ),
          { wait: Duration.minutes(21) },
          ...alone(
            { _tag: "SweepFlows" },
            { _tag: "RevokeAbandoned" },
            { _tag: "ClaimRevocations" }
          )
        ]
      })
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, places - 1).chain((at) =>
      fc
        .tuple(fc.constantFrom("EraseUser" as const, "SuspendUser" as const), command, command)
        .map(([_tag, first, second]) => {
          const user = actorAt(at)
          return alone(
            connectAnew(at, true),
            { _tag, place: at, user },
            connectAnew(at, true),
            first,
            { _tag: "Acquire", place: at, stale: false },
            second,
            { _tag: "ResumeUser", place: at, user },
            { _tag: "Acquire", place: at, stale: false }
          )
        })
    )
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(place, key)
      .map(([at, number]) =>
        alone(
          { _tag: "StoreKey", place: at, key: number },
          { _tag: "ConnectKey", place: at, key: number }
        )
      )
  }
)

export const story: fc.Arbitrary<ReadonlyArray<Step>> = fc
  .array(chapter, { minLength: 5, maxLength: 25, size: "max" })
  .map((chapters) => chapters.flat())

/** A command with all that is new in it, so that every store is told the very same. */
export interface PreparedCommand {
  readonly command: Command
  readonly ids: {
    readonly event: EventId
    readonly secondEvent: EventId
    readonly integration: IntegrationId
    readonly grant: GrantId
    readonly credential: CredentialId
  }
  readonly sealed: readonly [Sealed, Sealed, Sealed]
  readonly hashes: readonly [SecretHash, SecretHash]
}

export const prepare = Effect.fnUntraced(function* (command: Command) {
  const made: PreparedCommand = {
    command,
    ids: {
      event: yield* newEventId,
      secondEvent: yield* newEventId,
      integration: yield* newIntegrationId,
      grant: yield* newGrantId,
      credential: yield* newCredentialId
    },
    sealed: [sealedBytes(), sealedBytes(), sealedBytes()],
    hashes: [freshHash(), freshHash()]
  }
  return made
})
