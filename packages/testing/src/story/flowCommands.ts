import { OAuthStateStore, type Stores, type UserId } from "@hawser/core"
import { Effect, Option } from "effect"
import { assumeBound, hashOf, newFlow } from "../stores/fixtures.ts"
import { type Answer, as, type Bound, nothing } from "./Answer.ts"
import { flowLimits } from "./Cast.ts"
import { type FlowCommand, lasts, type PreparedCommand } from "./Command.ts"
import { hex } from "./look.ts"
import type { World } from "./World.ts"

/** What a command of a flow does with what is known by now. */
export const bindFlow = Effect.fnUntraced(function* (
  world: World,
  prepared: PreparedCommand,
  command: FlowCommand
): Effect.fn.Return<Bound, never, Stores> {
  const { hashes, sealed } = prepared
  const flows = yield* OAuthStateStore
  switch (command._tag) {
    case "Start":
    case "Reauthorize": {
      const key = world.key(command.place)
      const user = command._tag === "Start" ? command.user : 0
      world.begun.set(command.flow, hashes[0])
      const flow = newFlow(key.tenantId, {
        ...key,
        userId: world.cast.users[user] as UserId,
        reauthorizes: command._tag === "Reauthorize",
        stateHash: hashes[0],
        browserHash: hashes[1],
        sealedSecrets: sealed[0]
      })
      return as(flows.start(flow, { lifetime: lasts.flow, limits: flowLimits }))
    }
    case "Burn": {
      const stateHash = world.begun.get(command.flow) ?? hashes[0]
      return Effect.map(
        flows.burn(stateHash),
        Option.match({
          onNone: () => ({ tag: "none" }),
          onSome: (burned): Answer => {
            world.held.set(command.flow, assumeBound(burned))
            return {
              tag: burned.expired ? "expired" : "live",
              value: [hex(burned.stateHash), hex(burned.sealedSecrets)]
            }
          }
        })
      )
    }
    case "Park": {
      const held = world.held.get(command.flow)
      if (held === undefined) return Effect.succeed(nothing)
      world.held.delete(command.flow)
      world.parked.set(command.flow, hashes[0])
      return as(
        flows.park(held, {
          as: command.as,
          flowIdHash: hashes[0],
          sealedResponse: sealed[0],
          lifetime: lasts.parked,
          userHash: hashOf(held.tenantId, held.userId)
        })
      )
    }
    case "TakeParked":
      return Effect.map(
        flows.takeParked(world.parked.get(command.flow) ?? hashes[0]),
        Option.match({
          onNone: () => ({ tag: "none" }),
          onSome: (taken): Answer => {
            world.held.set(command.flow, taken)
            return {
              tag: taken.expired ? "expired" : "live",
              value: [hex(taken.flowIdHash), hex(taken.sealedResponse), taken.userId, taken.as]
            }
          }
        })
      )
  }
})
