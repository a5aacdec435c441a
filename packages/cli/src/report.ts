import { Effect } from "effect"
import { Command, Flag, GlobalFlag } from "effect/cli"
import { print, printJson } from "./terminal.ts"

/** The answer of a command, for people and for programs. */
export interface Report {
  readonly json: unknown
  readonly text: string
  /** Whether it found something that a person has to change: then the command ends with 1. Default false. */
  readonly isFailure?: boolean
}

/** `--json`, which every command has. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print the answer as JSON"),
    Flag.withDefault(false)
  )
})

const present = Effect.fnUntraced(function* ({ isFailure = false, json, text }: Report) {
  if (yield* Json) printJson(json)
  else print(text)
  if (isFailure) process.exitCode = 1
})

/** A command that answers with a report. */
export const reporting = <
  const Name extends string,
  const Config extends Command.Command.Config,
  E,
  R
>(
  name: Name,
  description: string,
  config: Config,
  run: (input: Command.Command.Config.Infer<Config>) => Effect.Effect<Report, E, R>
) =>
  Command.make(name, config, (input) => Effect.flatMap(run(input), present)).pipe(
    Command.withDescription(description)
  )
