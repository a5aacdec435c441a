import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

interface Started {
  readonly parent: number
  readonly command: string
}

const processOf = (pid: number): Started | undefined => {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      return {
        // The program's name, in parentheses, may hold spaces.
        parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]),
        command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
      }
    }
    const line = execFileSync("ps", ["-o", "ppid=,command=", "-p", String(pid)], {
      encoding: "utf8"
    })
    const [, parent = "", command = ""] = /^\s*(\d+)\s+(.*)/.exec(line) ?? []
    return { parent: Number(parent), command }
  } catch {
    return undefined
  }
}

/** `npx`, `npm exec` and `pnpm`, as themselves or as a script that node runs. */
const isPackageManager = (command: string): boolean =>
  /^(?:\S*\/)?(?:node \S*\/)?(?:npm|npx|pnpm)(?:-cli)?(?:\.[cm]?js)?(?:\s|$)/.test(command)

/** The processes of the package manager's command that this one is part of; none if it was started by hand. */
const ancestors = (): ReadonlyArray<number> => {
  const found: Array<number> = []
  let mine = 0
  for (let pid = process.ppid; pid > 1 && found.length < 8;) {
    const started = processOf(pid)
    if (started === undefined) break
    found.push(pid)
    if (isPackageManager(started.command)) mine = found.length
    pid = started.parent
  }
  return found.slice(0, mine)
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * Calls `end` when the command that started this process has ended. A signal to `npx` ends it alone: it does not pass
 * the signal on, and the server would keep its port and its folder.
 */
export const whenCommandEnds = (end: () => void): void => {
  const command = ancestors()
  if (command.length === 0) return
  const timer = setInterval(() => {
    if (command.every(isAlive)) return
    clearInterval(timer)
    end()
  }, 500)
  timer.unref()
}
