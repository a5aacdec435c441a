import { ConfigurationError, isHawserError } from "@hawser/core"
import { Effect, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"

/** The holder of a folder. */
interface Holder {
  readonly pid: number
  readonly host: string
  /** When that process began, if the system says so, because a pid is reused, above all 1 in a container. */
  readonly started: string | undefined
  /** Names this one acquisition. */
  readonly token: string
}

const ownTokens = new Set<string>()

/** `/proc/<pid>/stat`, field 22: clock ticks from boot to the start of the process. Linux alone has it. */
const processStart = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The second field is the program's name in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  } catch {
    return undefined
  }
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs under another account.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** A holder on another machine cannot be checked, so it counts as alive. */
const isAlive = (holder: Holder): boolean => {
  if (holder.host !== hostname()) return true
  if (holder.pid === process.pid) return ownTokens.has(holder.token)
  return (
    isRunning(holder.pid) &&
    (holder.started === undefined || holder.started === processStart(holder.pid))
  )
}

const readHolder = (file: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder
  } catch {
    return undefined
  }
}

/** Puts a complete file in place, or returns false if one exists: unlike a rename, a link never replaces a file. */
const place = (file: string, holder: Holder): boolean => {
  const draft = `${file}.${holder.token}`
  writeFileSync(draft, JSON.stringify(holder))
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Moves a dead holder's file away. If two processes try, the second may have moved a living holder's file, and puts it
 * back.
 */
const bury = (file: string, dead: Holder | undefined): void => {
  const grave = `${file}.${randomUUID()}`
  try {
    renameSync(file, grave)
  } catch {
    return
  }
  const buried = readHolder(grave)
  try {
    if (buried !== undefined && buried.token !== dead?.token) linkSync(grave, file)
  } finally {
    rmSync(grave, { force: true })
  }
}

const attempts = 5

const acquire = (folder: string): string => {
  const file = `${folder}.lock`
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    started: processStart(process.pid),
    token: randomUUID()
  }
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (place(file, holder)) {
      ownTokens.add(holder.token)
      return holder.token
    }
    const present = readHolder(file)
    if (present !== undefined && isAlive(present)) {
      throw new ConfigurationError({
        setting: "dataDir",
        problem: `${folder} is open in process ${present.pid} on ${present.host}, and one process at a time can use it; end that one, or delete ${file} if it is gone`
      })
    }
    bury(file, present)
  }
  throw new ConfigurationError({
    setting: "dataDir",
    problem: `${folder} is being opened by several processes at once; start one`
  })
}

const release = (folder: string, token: string): void => {
  ownTokens.delete(token)
  const file = `${folder}.lock`
  if (readHolder(file)?.token === token) rmSync(file, { force: true })
}

/** Locks a folder for this process until the scope closes. A lock of a dead process does not count. */
export const lockFolder = (folder: string): Effect.Effect<void, ConfigurationError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => acquire(folder),
      catch: (error) =>
        isHawserError(error, "configuration_error")
          ? error
          : new ConfigurationError({
              setting: "dataDir",
              problem: `no lock file can be written beside ${folder}; choose a folder where this account may write`
            })
    }),
    (token) => Effect.sync(() => release(folder, token))
  ).pipe(Effect.asVoid)
