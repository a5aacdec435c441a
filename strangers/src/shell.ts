import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { delimiter, dirname } from "node:path"
import { personsEnvironment } from "../../scripts/personsEnvironment.ts"

export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

const groups = new Set<ChildProcess>()

/** A command may have started others, so each has a group of its own, which ends as a whole. */
const signalGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}

process.once("exit", () => {
  for (const child of groups) signalGroup(child, "SIGKILL")
})

/** This program's Node, and no commands of the workspace. */
const personsPath = (): string =>
  [
    dirname(process.execPath),
    ...(process.env["PATH"] ?? "").split(delimiter).filter((at) => !at.includes("node_modules"))
  ].join(delimiter)

const launch = (command: string, { cwd, env }: Surroundings) => {
  const child = spawn("sh", ["-c", command], {
    cwd,
    env: {
      ...personsEnvironment(),
      PATH: personsPath(),
      NO_COLOR: "1",
      NEXT_TELEMETRY_DISABLED: "1",
      ...env
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true
  })
  groups.add(child)
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream
      .setEncoding("utf8")
      .on("data", (text: string) => (output = (output + text).slice(-8_000)))
  const ended = once(child, "close").then(([code]) => code as number | null)
  return { child, ended, output: () => output }
}

/** Milliseconds that an install, a generator or a build may take. */
const commandLimit = 10 * 60_000

/** Runs a command to its end. Rejects with what it printed, if it fails. */
export const runCommand = async (command: string, surroundings: Surroundings): Promise<void> => {
  console.log(`  $ ${command}`)
  const { child, ended, output } = launch(command, surroundings)
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), commandLimit)
  const code = await ended
  clearTimeout(timer)
  groups.delete(child)
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output()}`)
}

export interface Server {
  /** Rejects once it has ended by itself. */
  readonly early: Promise<never>
  readonly output: () => string
  readonly stop: () => Promise<void>
}

/** Milliseconds that a server has to end after SIGTERM. */
const stopLimit = 10_000

/** Starts a command that goes on until `stop`. */
export const startServer = (command: string, surroundings: Surroundings): Server => {
  console.log(`  $ ${command}`)
  const { child, ended, output } = launch(command, surroundings)
  const early = ended.then((code): never => {
    throw new Error(`${command} ended with ${code}:\n${output()}`)
  })
  early.catch(() => {})
  return {
    early,
    output,
    stop: async () => {
      signalGroup(child, "SIGTERM")
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopLimit)
      await ended
      clearTimeout(timer)
      signalGroup(child, "SIGKILL")
      groups.delete(child)
    }
  }
}
