import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { relative } from "node:path"
import { type Command, record, run, workspace } from "./steps.ts"

/** As much of vitest's JSON report as is read here. */
export interface VitestReport {
  readonly testResults: ReadonlyArray<{
    readonly name: string
    readonly status: "passed" | "failed"
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      /** The names of the suites around the test, the outermost first. */
      readonly ancestorTitles: ReadonlyArray<string>
      readonly status: "passed" | "failed" | "skipped" | "pending" | "todo" | "disabled"
    }>
  }>
}

interface VitestRun {
  readonly ok: boolean
  /** Undefined when vitest left none. */
  readonly report: VitestReport | undefined
}

export const runVitest = async (
  name: string,
  args: ReadonlyArray<string> = [],
  // Three to five minutes on two cores of their own; machines that others use as well take longer.
  { timeoutMs = 1_500_000, ...command }: Command = {}
): Promise<VitestRun> => {
  const folder = `${workspace}node_modules/.cache/hawser`
  const file = `${folder}/${name}.json`
  mkdirSync(folder, { recursive: true })
  rmSync(file, { force: true })
  const ok = await run(
    name,
    "vitest",
    ["run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
    { ...command, timeoutMs }
  )
  const report = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as VitestReport)
    : undefined
  return { ok, report }
}

/** Counts each test of a run. */
export const recordVitest = ({ ok, report }: VitestRun): void => {
  if (report === undefined) return record("vitest left no report", "failed")
  let failed = 0
  for (const file of report.testResults) {
    const name = relative(workspace, file.name)
    const failures = file.assertionResults.filter(({ status }) => status === "failed")
    // A file that fails to load, or in a hook of its own, has no failed test to show for it.
    if (file.status === "failed" && failures.length === 0) {
      failed++
      record(name, "failed")
    }
    for (const { fullName, status } of file.assertionResults) {
      if (status === "passed") {
        record(fullName, "passed")
      } else if (status === "failed") {
        failed++
        record(`${name}: ${fullName}`, "failed")
      } else {
        record(`${name}: ${fullName}`, "skipped")
      }
    }
  }
  // Unhandled errors fail the run without failing a test.
  if (!ok && failed === 0) record("vitest", "failed")
}
