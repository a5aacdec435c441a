import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { run, workspace } from "./steps.ts"

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

/** Runs vitest. The report is undefined where it left none. */
export const runVitest = async (
  name: string,
  args: ReadonlyArray<string> = []
): Promise<{ readonly ok: boolean; readonly report: VitestReport | undefined }> => {
  const folder = `${workspace}node_modules/.cache/hawser`
  const file = `${folder}/${name}.json`
  mkdirSync(folder, { recursive: true })
  rmSync(file, { force: true })
  const ok = await run(
    name,
    "vitest",
    ["run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
    // Eight minutes on two cores of their own; machines that others use as well take longer.
    { timeoutMs: 1_500_000 }
  )
  const report = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as VitestReport)
    : undefined
  return { ok, report }
}
