import { ConnectionStore, Maintenance, type RefreshLease, type Stores } from "@hawser/core"
import { Effect } from "effect"
import { dueOf, system } from "../stores/grants.ts"
import { type Answer, as, type Bound, nothing } from "./Answer.ts"
import { type GrantCommand, lasts, type PreparedCommand } from "./Command.ts"
import type { World } from "./World.ts"

const leaseOf = ({ fence, grant }: RefreshLease) => [grant.id, Number(fence)] as const

/** More than there are. */
const all = 1_000_000

/** What a command of a grant does with what is known by now. */
export const bindGrant = Effect.fnUntraced(function* (
  world: World,
  prepared: PreparedCommand,
  command: GrantCommand
): Effect.fn.Return<Bound, never, Stores> {
  const { ids, sealed } = prepared
  const store = yield* ConnectionStore
  const maintenance = yield* Maintenance
  const disconnected = {
    id: ids.event,
    event: "integration.disconnected" as const,
    disconnectedBy: system,
    reason: "refresh_failed" as const
  }
  switch (command._tag) {
    case "MarkRevoked":
      return Effect.map(
        store.markRevoked(world.key(command.place), {
          quarantine: lasts.quarantine,
          publish: { ...disconnected, reason: "revoked" }
        }),
        (value) => ({ tag: "done", value })
      )
    case "Restore":
      return Effect.map(
        maintenance.restore(world.key(command.place), {
          id: ids.event,
          event: "integration.connected"
        }),
        (value) => ({ tag: "done", value })
      )
    case "Acquire": {
      const [now, before] = world.grants.get(command.place) ?? []
      const grant = command.stale ? (before ?? now) : now
      if (grant === undefined) return Effect.succeed(nothing)
      return Effect.map(
        store.acquireLease({
          ...world.key(command.place),
          grantId: grant.id,
          generation: grant.generation,
          holder: "worker",
          clientVersion: grant.clientFingerprint,
          lease: lasts.lease
        }),
        (acquisition): Answer => {
          if (acquisition._tag !== "Acquired") return { tag: acquisition._tag }
          const { failures, interrupted } = acquisition.lease
          world.leases.set(command.place, acquisition.lease)
          return {
            tag: "Acquired",
            value: [...leaseOf(acquisition.lease), grant.generation, interrupted, failures]
          }
        }
      )
    }
    case "Renew": {
      const lease = world.leases.get(command.place)
      if (lease === undefined) return Effect.succeed(nothing)
      const { dpopKey: _, ...tokens } = world.grantOf(prepared, 0, true)
      return Effect.map(
        store.renewGrant(lease, {
          tokens,
          scopes: command.scopes,
          publish: { id: ids.event, event: "integration.recovered" },
          moves: command.moves
            ? {
                fields: { region: ids.grant },
                dpopKey: sealed[2],
                publish: { id: ids.secondEvent, event: "integration.moved" }
              }
            : undefined
        }),
        (isStored) => ({ tag: "done", value: [isStored, ...leaseOf(lease)] })
      )
    }
    case "Defer": {
      const lease = world.leases.get(command.place)
      if (lease === undefined) return Effect.succeed(nothing)
      return Effect.as(
        store.deferRefresh(lease, {
          retryIn: lasts.retry,
          problem: "provider_unavailable",
          ambiguous: command.ambiguous,
          publish: {
            id: ids.event,
            event: "integration.error",
            error: "provider_unavailable"
          }
        }),
        { tag: "done", value: leaseOf(lease) }
      )
    }
    case "End": {
      const lease = world.leases.get(command.place)
      if (lease === undefined) return Effect.succeed(nothing)
      return Effect.map(
        store.endGrant(lease, {
          reason: "refresh_failed",
          quarantine: lasts.quarantine,
          publish: disconnected
        }),
        (ending): Answer => ({
          tag: ending._tag,
          value: [ending._tag === "Braked" && ending.first, ...leaseOf(lease)]
        })
      )
    }
    case "ClaimDue":
      return Effect.map(
        maintenance.claimDueGrants({ limit: all, hold: lasts.hold }),
        (due): Answer => {
          const own = due.filter(world.isOwn)
          for (const one of own) world.due.set(world.placeOf(one), one)
          return {
            tag: "done",
            value: own
              .map((one) => [one.grant.id, one.expiryTold, one.refreshEndsSoon])
              .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
          }
        }
      )
    case "PostponeDue":
    case "TellExpiry":
    case "Expire": {
      const key = world.key(command.place)
      const [grant] = world.grants.get(command.place) ?? []
      const due = world.due.get(command.place) ?? (grant && dueOf(key, grant))
      if (due === undefined) return Effect.succeed(nothing)
      if (command._tag === "PostponeDue") return as(maintenance.postponeGrant(due, lasts.retry))
      return as(
        command._tag === "Expire"
          ? maintenance.expireGrant(due, disconnected)
          : maintenance.tellExpiry(due, { id: ids.event, event: "integration.expiring" })
      )
    }
    case "NoteWithdrawal": {
      const used = world.used(command.place)
      if (used === undefined) return Effect.succeed(nothing)
      return Effect.map(
        store.noteWithdrawal(used, {
          isProven: command.isProven,
          publish: { id: ids.event, event: "integration.error", error: "grant_revoked" }
        }),
        (value) => ({ tag: "done", value })
      )
    }
    case "ClearWithdrawal": {
      const used = world.used(command.place)
      if (used === undefined) return Effect.succeed(nothing)
      return as(store.clearWithdrawal(used, { id: ids.event, event: "integration.recovered" }))
    }
    case "ReleaseBrake":
      return as(maintenance.releaseBrake(world.cast.clients[command.client] as string))
  }
})
