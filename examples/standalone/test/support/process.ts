import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

export interface Started {
  readonly child: ChildProcess
  /** All that it has printed so far. */
  readonly lines: ReadonlyArray<string>
  readonly firstLine: Promise<string>
  readonly stderr: Promise<string>
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
}

/** Starts the server in an empty folder that holds `hawser.json` and nothing else. It ends with the test. */
export const spawnServer = (
  config: unknown,
  environment: Readonly<Record<string, string>> = {}
): Started => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-standalone-"))
  const file = typeof config === "string" ? config : JSON.stringify(config)
  writeFileSync(join(folder, "hawser.json"), file, { mode: 0o600 })
  const { DATABASE_URL: _, ...inherited } = process.env
  const child = spawn(process.execPath, ["--conditions=@hawser/source", main], {
    cwd: folder,
    env: { ...inherited, HAWSER_CONFIG: "hawser.json", PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const ended = once(child, "close").then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
    rmSync(folder, { recursive: true })
  })
  const output = createInterface({ input: child.stdout })
  const lines: Array<string> = []
  output.on("line", (line) => lines.push(line))
  const firstLine = once(output, "line").then(([line]) => String(line))
  return { child, lines, firstLine, stderr: text(child.stderr), ended }
}

/** Waits for the line that says where it listens. */
export const untilListening = async (started: Started): Promise<{ readonly origin: string }> => {
  const early = started.ended.then(async () => {
    throw new Error(`The server ended: ${await started.stderr}`)
  })
  const line = await Promise.race([started.firstLine, early])
  const port = /^Hawser listens on port (\d+) /.exec(line)?.[1]
  if (port === undefined) throw new Error(line)
  return { origin: `http://127.0.0.1:${port}` }
}
