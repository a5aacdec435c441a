import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { median } from "./scenarios.ts"

/** Milliseconds of importing in a new process, each the one in the middle. */
export interface ImportTimes {
  readonly effect: number
  readonly hawser: number
  /** Of the pairs, each measured one after the other. */
  readonly ratios: ReadonlyArray<number>
}

const script = (name: string): string =>
  `const begun = performance.now(); await import(${JSON.stringify(name)}); console.log(performance.now() - begun)`

// If both names are known, and mean the same copies as for a host.
const cwd = fileURLToPath(new URL("../../packages/hawser", import.meta.url))

const timeOf = (name: string): number => {
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script(name)], {
    cwd,
    encoding: "utf8"
  })
  return Number(stdout)
}

/** Imports `hawser`, and beside it `effect` alone. */
export const measureImports = (pairs: number): ImportTimes => {
  const effect: Array<number> = []
  const hawser: Array<number> = []
  for (let pair = 0; pair < pairs; pair++) {
    effect.push(timeOf("effect"))
    hawser.push(timeOf("hawser"))
  }
  return {
    effect: median(effect),
    hawser: median(hawser),
    ratios: hawser.map((time, at) => time / (effect[at] ?? Number.NaN))
  }
}
