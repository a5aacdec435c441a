import { readFileSync } from "node:fs"

/** What Linux tells of a process (proc_pid_stat(5)), in clock ticks of 10 ms: `ended` is of the children that it has waited for. */
export interface ProcessStat {
  readonly parent: number
  readonly group: number
  readonly ticks: number
  readonly ended: number
}

/** Throws where there is no such process, or no `/proc`. */
export const statOf = (pid: number): ProcessStat => {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8")
  // The name before these fields may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const at = (index: number) => Number(fields[index])
  return { parent: at(1), group: at(2), ticks: at(11) + at(12), ended: at(13) + at(14) }
}
