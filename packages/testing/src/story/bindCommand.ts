import { Effect } from "effect"
import type { Answer } from "./Answer.ts"
import type { PreparedCommand } from "./Command.ts"
import { bindConnection } from "./connectionCommands.ts"
import { bindFlow } from "./flowCommands.ts"
import { bindGrant } from "./grantCommands.ts"
import { bindOperator } from "./operatorCommands.ts"
import type { World } from "./World.ts"

const bind = (world: World, prepared: PreparedCommand) => {
  const { command } = prepared
  switch (command._tag) {
    case "Start":
    case "Reauthorize":
    case "Burn":
    case "Park":
    case "TakeParked":
    case "Choose":
    case "LeaveChoice":
      return bindFlow(world, prepared, command)
    case "Connect":
    case "Import":
    case "ConnectKey":
    case "SwapKey":
    case "DeleteKey":
    case "StoreKey":
    case "ImportKey":
    case "Disconnect":
      return bindConnection(world, prepared, command)
    case "MarkRevoked":
    case "Restore":
    case "Acquire":
    case "Renew":
    case "Defer":
    case "End":
    case "ClaimDue":
    case "PostponeDue":
    case "TellExpiry":
    case "Expire":
    case "NoteWithdrawal":
    case "ClearWithdrawal":
    case "ReleaseBrake":
      return bindGrant(world, prepared, command)
    case "Enqueue":
    case "ClaimRevocations":
    case "RevokeAbandoned":
    case "RemoveRevocation":
    case "PostponeRevocation":
    case "RemoveTenant":
    case "EraseUser":
    case "SuspendUser":
    case "ResumeUser":
    case "SweepFlows":
    case "SweepKeys":
    case "SweepQuarantine":
    case "GiveUp":
    case "SweepEvents":
      return bindOperator(world, prepared, command)
  }
}

/** What a command does with what is known by now: commands at once know nothing of each other. */
export const bindCommand = Effect.fnUntraced(function* (world: World, prepared: PreparedCommand) {
  const run = yield* bind(world, prepared)
  return run.pipe(
    Effect.catch((error) =>
      error._tag === "StorageUnavailable"
        ? Effect.die(error)
        : Effect.succeed<Answer>({ tag: error._tag })
    )
  )
})
