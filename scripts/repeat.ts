import { execFileSync, spawn } from "node:child_process"
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname } from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"
import { workspace } from "./steps.ts"

/** `pnpm test:repeat 10 --busy 5`: ten runs of `test`, the last five beside processes that keep every core busy. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { busy: { type: "string", default: "0" }, fresh: { type: "boolean", default: false } }
})
const total = Number(positionals[0] ?? "10")
const busyRuns = Number(values.busy)
if (!(Number.isInteger(total) && total > 0 && Number.isInteger(busyRuns) && busyRuns >= 0))
  throw new Error("Usage: pnpm test:repeat 10 --busy 5 [--fresh]")

/** Ends a run that hangs: five times what a run may take on idle cores. */
const limitMs = 25 * 60_000

interface Line {
  readonly commit: string
  readonly run: number
  readonly passed: boolean
  readonly text: string
}

const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: workspace, encoding: "utf8" })
  .trim()
  .slice(0, 12)
const file = `${workspace}node_modules/.cache/hawser/repeat.jsonl`
mkdirSync(dirname(file), { recursive: true })
if (values.fresh) rmSync(file, { force: true })

/** What earlier calls have done for this commit. */
const lines = (existsSync(file) ? readFileSync(file, "utf8").split("\n") : [])
  .filter((text) => text !== "")
  .map((text) => JSON.parse(text) as Line)
  .filter((line) => line.commit === commit)

/** Keeps every core busy until it is called, until the run is over, or until this process is gone. */
const keepBusy = (): (() => void) => {
  const spin = `
    const end = Date.now() + ${limitMs}
    const spin = () => {
      const pause = Date.now() + 50
      while (Date.now() < pause);
      if (Date.now() < end && process.connected) setImmediate(spin)
    }
    spin()`
  const children = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ["-e", spin], { stdio: ["ignore", "ignore", "ignore", "ipc"] })
  )
  return () => {
    for (const child of children) child.kill("SIGKILL")
  }
}

const runTest = async (run: number, isBusy: boolean): Promise<Line> => {
  const started = performance.now()
  const stop = isBusy ? keepBusy() : () => {}
  const child = spawn(process.execPath, ["scripts/test.ts"], {
    cwd: workspace,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: limitMs
  })
  let isInterrupted = false
  const interrupt = (): void => {
    isInterrupted = true
    child.kill("SIGTERM")
  }
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt)
  let summary = "no summary"
  const failures: Array<string> = []
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line)
    if (/^\d+ passed, \d+ failed$/.test(line)) summary = line
    if (line.startsWith("FAILED ")) failures.push(line.slice("FAILED ".length))
  }
  const code = await new Promise<number | null>((resolve) => {
    if (child.exitCode === null && child.signalCode === null) child.once("exit", resolve)
    else resolve(child.exitCode)
  })
  stop()
  if (isInterrupted) process.exit(1)
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt)
  const seconds = Math.round((performance.now() - started) / 1000)
  const text = [`run ${run}`, isBusy ? "busy" : "idle", `${seconds} s`, summary, ...failures]
  return { commit, run, passed: code === 0, text: text.join(" · ") }
}

for (let run = lines.length + 1; run <= total; run++) {
  const line = await runTest(run, run > total - busyRuns)
  lines.push(line)
  appendFileSync(file, `${JSON.stringify(line)}\n`)
  console.log(`\n${line.text}`)
}
console.log(`\n${commit}`)
for (const { text } of lines) console.log(text)
process.exitCode = lines.every(({ passed }) => passed) ? 0 : 1
