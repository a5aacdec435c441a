import {
  ConnectionStore,
  OAuthStateStore,
  type SecretHash,
  type Stores,
  type UserId
} from "@hawser/core"
import { Effect, Option } from "effect"
import { Hex } from "effect/encoding"
import { assumeBound, hashOf, newFlow } from "../stores/fixtures.ts"
import { type Answer, as, type Bound, nothing } from "./Answer.ts"
import { flowLimits } from "./Cast.ts"
import { type FlowCommand, lasts, type PreparedCommand } from "./Command.ts"
import { hex } from "./look.ts"
import { connect } from "./connectionCommands.ts"
import type { UnchosenTokens, World } from "./World.ts"

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
      const parked = as(
        flows.park(held, {
          as: command.as,
          flowIdHash: hashes[0],
          sealedResponse: sealed[0],
          lifetime: lasts.parked,
          userHash: hashOf(held.tenantId, held.userId)
        })
      )
      if (command.as !== "choosing") return parked
      const tokens = world.letGo(command.flow, held) ?? world.unchosen(prepared, held)
      return parked.pipe(
        Effect.tap(() => Effect.sync(() => world.choices.set(textOf(hashes[0]), tokens))),
        Effect.tapError(() => Effect.sync(() => world.take(command.flow, tokens))),
        Effect.map(({ tag }) => ({ tag, value: tokens.grant.id }))
      )
    }
    case "TakeParked":
      return Effect.map(
        flows.takeParked(world.parked.get(command.flow) ?? hashes[0]),
        Option.match({
          onNone: () => ({ tag: "none" }),
          onSome: (taken): Answer => {
            world.held.set(command.flow, taken)
            const tokens = world.choices.get(textOf(taken.flowIdHash))
            if (tokens !== undefined) world.take(command.flow, { ...tokens, flow: taken })
            return {
              tag: taken.expired ? "expired" : "live",
              value: [hex(taken.flowIdHash), hex(taken.sealedResponse), taken.userId, taken.as]
            }
          }
        })
      )
    case "Choose": {
      const tokens = world.letGo(command.flow)
      if (tokens === undefined) return Effect.succeed(nothing)
      const connected = yield* connect(world, prepared, command.place, {
        _tag: "Grant",
        grant: tokens.grant,
        scopes: ["read"],
        fields: {},
        account: world.accountOf(command.account),
        reauthorizes: command.reauthorizes,
        heldAccount: undefined,
        keeps: undefined
      })
      return connected.pipe(
        Effect.catch((error) =>
          error._tag === "StorageUnavailable"
            ? Effect.fail(error)
            : Effect.as(revoke(world, tokens), { tag: error._tag, value: [tokens.grant.id] })
        )
      )
    }
    case "LeaveChoice": {
      const left: Array<UnchosenTokens> = []
      for (let one = world.letGo(command.flow); one; one = world.letGo(command.flow)) left.push(one)
      return Effect.as(
        Effect.forEach(left, (tokens) => revoke(world, tokens)),
        { tag: "done", value: left.map(({ grant }) => grant.id) }
      )
    }
  }
})

const textOf = (hash: SecretHash): string => Hex.encode(hash)

/** The tokens of a consent of which no account was chosen are on their way to be revoked. */
export const revoke = Effect.fnUntraced(function* (
  { cast }: World,
  { flow, grant, integrationId }: UnchosenTokens
) {
  const store = yield* ConnectionStore
  const { name, owner, provider, tenantId } = flow
  yield* store.enqueueRevocation({
    tenantId,
    owner,
    provider,
    name,
    integrationId,
    grant,
    fields: {},
    accounts: cast.accounts.map(({ id }) => ({ id, label: undefined }))
  })
})
