import { spawn, type ChildProcess } from "node:child_process"
import { delimiter } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export const workspace = fileURLToPath(new URL("..", import.meta.url))

type Status = "passed" | "failed" | "skipped"

interface Outcome {
  readonly name: string
  readonly status: Status
  readonly count: number
}

const outcomes: Array<Outcome> = []
const running = new Set<ChildProcess>()

/** Counts `count` tests of one kind; what failed or was skipped is named again at the end. */
export const record = (name: string, status: Status, count = 1): void => {
  if (count > 0) outcomes.push({ name, status, count })
}

export interface Command {
  readonly cwd?: string
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Record<string, string | undefined>
  /** Milliseconds after which the program is ended and the step has failed. Default: 5 minutes. */
  readonly timeoutMs?: number
  /** Prints the output in one piece at the end, so that programs beside each other do not mix their lines. */
  readonly together?: boolean
}

/** Runs a program of the workspace, each line of its output led by the step's name. */
export const run = async (
  name: string,
  program: string,
  args: ReadonlyArray<string>,
  { cwd = workspace, env = {}, timeoutMs = 300_000, together = false }: Command = {}
): Promise<boolean> => {
  const started = performance.now()
  const lines: Array<string> = []
  const print = (line: string): void => {
    if (together) lines.push(line)
    else console.log(line)
  }
  print(`\n=== ${name}: ${program} ${args.join(" ")}`)
  const child = spawn(program, args, {
    cwd,
    env: {
      // The programs here load the same files again and again: V8 keeps what it compiled, and Node what it stripped of types.
      NODE_COMPILE_CACHE: `${workspace}node_modules/.cache/hawser/compiled`,
      // The compiler and the linter are written in Go: they collect garbage less often, up to 3 GiB.
      GOGC: "400",
      GOMEMLIMIT: "3GiB",
      ...process.env,
      ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }),
      ...env,
      PATH: `${workspace}node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`
    },
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"]
  })
  running.add(child)
  const timer = setTimeout(() => {
    print(`[${name}] ended: not done after ${timeoutMs / 1000} s`)
    child.kill("SIGTERM")
    setTimeout(() => child.kill("SIGKILL"), 10_000).unref()
  }, timeoutMs)
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => print(`[${name}] ${line}`))
  }
  const ok = await new Promise<boolean>((resolve) => {
    child.once("error", (error) => {
      print(`[${name}] ${error.message}`)
      resolve(false)
    })
    child.once("close", (code) => resolve(code === 0))
  })
  clearTimeout(timer)
  running.delete(child)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  print(`--- ${name}: ${ok ? "passed" : "FAILED"} in ${seconds} s`)
  if (together) console.log(lines.join("\n"))
  return ok
}

/** Runs a program that counts as one test. */
export const step = async (
  name: string,
  program: string,
  args: ReadonlyArray<string>,
  command?: Command
): Promise<boolean> => {
  const ok = await run(name, program, args, command)
  record(name, ok ? "passed" : "failed")
  return ok
}

/** Runs a check written here as one test: it fails by throwing. */
export const verify = async (name: string, check: () => void | Promise<void>): Promise<boolean> => {
  console.log(`\n=== ${name}`)
  try {
    await check()
    record(name, "passed")
    console.log(`--- ${name}: passed`)
    return true
  } catch (error) {
    record(name, "failed")
    console.log(`[${name}] ${error instanceof Error ? error.message : String(error)}`)
    console.log(`--- ${name}: FAILED`)
    return false
  }
}

/** Runs the tasks, ends this process and says on the last line how many tests passed and failed. */
export const main = async (...tasks: ReadonlyArray<() => Promise<void>>): Promise<never> => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      for (const child of running) child.kill(signal)
      record(`interrupted by ${signal}`, "failed")
      finish()
    })
  }
  for (const task of tasks) {
    try {
      await task()
    } catch (error) {
      console.log(error)
      record(`crash: ${error instanceof Error ? error.message : String(error)}`, "failed")
    }
  }
  return finish()
}

const finish = (): never => {
  const total = (status: Status): number =>
    outcomes.filter((one) => one.status === status).reduce((sum, one) => sum + one.count, 0)
  if (outcomes.length === 0) record("any test at all", "failed")
  console.log()
  for (const { name, status } of outcomes) {
    if (status !== "passed") console.log(`${status.toUpperCase()} ${name}`)
  }
  const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")]
  if (skipped > 0) console.log(`${skipped} skipped`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
