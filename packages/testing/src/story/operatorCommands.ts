import {
  ConnectionStore,
  CredentialStore,
  EventBus,
  type GrantId,
  Maintenance,
  OAuthStateStore,
  type Stores,
  tenantsOwn,
  type UserId
} from "@hawser/core"
import { Duration, Effect } from "effect"
import { Hex } from "effect/encoding"
import { type Answer, as, type Bound, nothing } from "./Answer.ts"
import { erased } from "./Cast.ts"
import { lasts, type OperatorCommand, type PreparedCommand } from "./Command.ts"
import { revoke } from "./flowCommands.ts"
import type { World } from "./World.ts"

/** More than there are. */
const all = 1_000_000

/** Whom a command bars, or lets in again. */
const leaver = (
  world: World,
  { place, user }: { readonly place: number; readonly user: number }
) => {
  const userId = world.cast.users[user] as UserId
  const { tenantId } = world.key(place)
  return { tenantId, userId, userHash: world.userHash(place, userId) }
}

/** What a command of a worker or an operator does with what is known by now. */
export const bindOperator = Effect.fnUntraced(function* (
  world: World,
  prepared: PreparedCommand,
  command: OperatorCommand
): Effect.fn.Return<Bound, never, Stores> {
  const { ids } = prepared
  const store = yield* ConnectionStore
  const maintenance = yield* Maintenance
  const flows = yield* OAuthStateStore
  const credentials = yield* CredentialStore
  const bus = yield* EventBus
  switch (command._tag) {
    case "Enqueue": {
      const key = world.key(command.place)
      const [stored] = world.grants.get(command.place) ?? []
      if (!command.late && stored === undefined) return Effect.succeed(nothing)
      const grant = command.late || stored === undefined ? world.grantOf(prepared, 0, true) : stored
      return as(
        store.enqueueRevocation({
          ...key,
          owner: tenantsOwn,
          integrationId: stored?.integrationId ?? ids.integration,
          grant,
          fields: {}
        })
      )
    }
    case "ClaimRevocations":
      return Effect.map(
        maintenance.claimRevocations({ limit: all, hold: lasts.hold }),
        (claimed): Answer => {
          const own = claimed
            .filter(world.isOwn)
            .toSorted((a, b) => (a.grant.id < b.grant.id ? -1 : 1))
          world.revocations.splice(0, world.revocations.length, ...own)
          return {
            tag: "done",
            value: own.map(({ attempt, grant, shared }) => [grant.id, attempt, shared])
          }
        }
      )
    case "RevokeAbandoned":
      return Effect.gen(function* () {
        const abandoned = (yield* flows.abandonedChoices(all)).filter(world.isOwn)
        const revoked: Array<GrantId> = []
        for (const { flowIdHash } of abandoned) {
          const tokens = world.choices.get(Hex.encode(flowIdHash))
          if (tokens !== undefined) {
            yield* revoke(world, tokens)
            revoked.push(tokens.grant.id)
          }
          yield* flows.removeChoice(flowIdHash)
        }
        return { tag: "done", value: revoked.toSorted() }
      })
    case "RemoveRevocation":
    case "PostponeRevocation": {
      const revocation = world.revocations[command.revocation]
      if (revocation === undefined) return Effect.succeed(nothing)
      return Effect.as(
        command._tag === "RemoveRevocation"
          ? maintenance.removeRevocation(revocation)
          : maintenance.postponeRevocation(revocation, lasts.retry),
        { tag: "done", value: revocation.grant.id }
      )
    }
    case "RemoveTenant":
      return Effect.map(maintenance.removeTenant(world.key(command.place).tenantId), (value) => ({
        tag: "done",
        value
      }))
    case "SuspendUser":
      return Effect.map(maintenance.suspendUser(leaver(world, command)), (own) => ({
        tag: "done",
        value: own.map((key) => world.placeOf(key)).toSorted((a, b) => a - b)
      }))
    case "ResumeUser":
      return as(maintenance.resumeUser(leaver(world, command)))
    case "EraseUser":
      return Effect.map(
        maintenance.eraseUser({
          ...leaver(world, command),
          by: erased,
          barredFor: lasts.tombstone
        }),
        // How many of the events are still kept is for the sweeps to say.
        ({ credentials: keys, flows: begun, integrations: connections }) => ({
          tag: "done",
          value: [keys, begun, connections]
        })
      )
    // How many there were is of other tenants too.
    case "SweepFlows":
      return as(flows.sweep)
    case "SweepKeys":
      return as(credentials.sweepUnused(lasts.unusedKey))
    case "SweepQuarantine":
      return as(maintenance.sweepQuarantine)
    case "GiveUp":
      return Effect.map(maintenance.giveUpRevocations, (given) => ({
        tag: "done",
        value: given.filter(world.isOwn).length
      }))
    case "SweepEvents":
      return as(bus.sweep(Duration.zero))
  }
})
