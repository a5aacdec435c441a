import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Cause, Effect, Exit, Layer } from "effect"
import { CliConfig, CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import manifest from "../package.json" with { type: "json" }
import { hawser } from "./commands.ts"
import { withoutSecrets } from "./host/secrets.ts"
import { tell } from "./Problem.ts"
import { note, printJson } from "./terminal.ts"

const platform = Layer.provideMerge(
  NodeChildProcessSpawner.layer,
  Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeTerminal.layer, NodeStdio.layer)
)

/** Those that help whoever calls it; what it logs is not a choice. */
const builtIns = CliConfig.layer({
  builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions]
})

const wantsJson = (args: ReadonlyArray<string>): boolean => args.includes("--json")

/** Help and versions as they are; a wrong call is told as every other problem is. */
const presenter = (args: ReadonlyArray<string>) =>
  Layer.succeed(CliOutput.Presenter, {
    present: (document) =>
      document._tag === "InvalidInvocation"
        ? Effect.sync(() => {
            const command = document.commandPath.join(" ")
            complain(args, {
              code: "wrong_call",
              message: document.errors.map(({ message }) => message).join(" "),
              next: `npx ${command} --help shows how it is called.`
            })
          })
        : CliOutput.defaultPresenter.present(document)
  })

const complain = (
  args: ReadonlyArray<string>,
  { code, message, next }: ReturnType<typeof tell>
): void => {
  const said = withoutSecrets(message)
  if (wantsJson(args)) printJson({ error: { code, message: said, next } })
  else note(`Error: ${said}\nNext: ${next}`)
}

const isWrongCall = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return CliError.isCliError(error) && error._tag === "ShowHelp"
}

/** 0: done. 1: a problem, or something was found. 2: the call itself is wrong. 130: ended by a signal. */
const exitCodes = { problem: 1, wrongCall: 2, interrupted: 130 }

/** Runs the command line and ends the process: a host's own module may have left something open. */
export const run = (args: ReadonlyArray<string>): void =>
  Command.runWith(hawser, { version: manifest.version })(args).pipe(
    Effect.provide(Layer.mergeAll(platform, builtIns, presenter(args))),
    Effect.catchCause((cause) =>
      Effect.sync(() => {
        if (Cause.hasInterruptsOnly(cause)) {
          process.exitCode = exitCodes.interrupted
        } else if (isWrongCall(cause)) {
          const { errors } = Cause.squash(cause) as CliError.ShowHelp
          process.exitCode = errors.length === 0 ? 0 : exitCodes.wrongCall
        } else {
          complain(args, tell(cause))
          process.exitCode = exitCodes.problem
        }
      })
    ),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit, onExit) => {
        // A signal interrupts the whole program, which catches nothing any more. Some commands are meant to end so.
        if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
          process.exitCode ??= exitCodes.interrupted
        onExit(Number(process.exitCode ?? 0))
        process.exit()
      }
    })
  )
