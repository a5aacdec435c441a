import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

/** Milliseconds of one import in a new process. */
interface ImportTime {
  readonly wall: number
  /** In user and system mode. A machine that others use changes it less. */
  readonly cpu: number
}

/** Pairs, each measured one after the other. */
export interface ImportTimes {
  readonly effect: ReadonlyArray<ImportTime>
  readonly hawser: ReadonlyArray<ImportTime>
}

const script = (name: string): string =>
  `const before = process.cpuUsage(), began = performance.now(); await import(${JSON.stringify(name)}); ` +
  `const wall = performance.now() - began, { user, system } = process.cpuUsage(before); ` +
  `console.log(JSON.stringify({ wall, cpu: (user + system) / 1_000 }))`

// If both names are known, and mean the same copies as for a host.
const cwd = fileURLToPath(new URL("../../packages/hawser", import.meta.url))

const timeOf = (name: string): ImportTime => {
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script(name)], {
    cwd,
    encoding: "utf8"
  })
  return JSON.parse(stdout) as ImportTime
}

/** Imports `hawser`, and beside it `effect` alone. */
export const measureImports = (pairs: number): ImportTimes => {
  const times = Array.from({ length: pairs }, () => [timeOf("effect"), timeOf("hawser")] as const)
  return { effect: times.map(([effect]) => effect), hawser: times.map(([, hawser]) => hawser) }
}
