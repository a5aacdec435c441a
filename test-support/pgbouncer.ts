import { spawn } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { it } from "vitest"
import { freePort, unprivilegedAccount } from "./postgres-server.ts"

const START_TIMEOUT_MS = 10_000

/** Where the machine's PgBouncer is; undefined if it has none. Debian keeps it out of the users' path. */
const pgBouncerBinary = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  .map((folder) => join(folder, "pgbouncer"))
  .find((file) => existsSync(file))

/**
 * Runs the tests where the machine has a PgBouncer, and where it must have one; elsewhere they are skipped under a
 * name that says what is missing.
 */
export const withPgBouncer = (tests: (binary: string) => void): void => {
  const missing = pgBouncerBinary === undefined && process.env["HAWSER_REQUIRE_PGBOUNCER"] !== "1"
  if (!missing) return tests(pgBouncerBinary ?? "pgbouncer")
  it("Behind PgBouncer", ({ skip }) => skip("this machine has none: apt-get install pgbouncer"))
}

/**
 * Starts a PgBouncer in transaction mode on a free loopback port, in front of the server of `postgresUrl`, with two
 * connections to each of its databases. It ends with `stop`, and also when this process is killed.
 */
export const startPgBouncer = async (
  binary: string,
  postgresUrl: string
): Promise<{
  /** The same database, through PgBouncer. */
  readonly through: (databaseUrl: string) => string
  readonly stop: () => Promise<void>
}> => {
  const root = mkdtempSync(join(tmpdir(), "hawser-pgbouncer-"))
  const account = unprivilegedAccount()
  const port = await freePort()
  const server = new URL(postgresUrl)
  const password = server.password === "" ? "" : ` password=${decodeURIComponent(server.password)}`
  const settings = join(root, "pgbouncer.ini")
  writeFileSync(
    settings,
    `[databases]
* = host=${server.hostname} port=${server.port || "5432"} user=${decodeURIComponent(server.username)}${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 500
`
  )
  if (account !== undefined) {
    chownSync(root, account.uid, account.gid)
    chownSync(settings, account.uid, account.gid)
  }
  // The shell's input ends with this process, however that ends, and PgBouncer with the input.
  const child = spawn("sh", ["-c", '"$0" "$1" & cat; kill $!; wait', binary, settings], {
    ...account,
    cwd: root,
    stdio: ["pipe", "ignore", "pipe"]
  })
  child.stdin.on("error", () => {})
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const stop = async () => {
    child.stdin.end()
    await gone
    rmSync(root, { recursive: true, force: true })
  }
  try {
    await new Promise<void>((resolve, reject) => {
      let log = ""
      const fail = (how: string) => reject(new Error(`PgBouncer ${how}:\n${log}`))
      const timer = setTimeout(() => fail("did not start"), START_TIMEOUT_MS)
      child.once("error", reject)
      child.once("exit", () => fail("ended"))
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        log = (log + chunk).slice(-20_000)
        if (log.includes("FATAL")) fail("refused to start")
        if (!log.includes("process up")) return
        clearTimeout(timer)
        resolve()
      })
    })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    through: (databaseUrl) => {
      const url = new URL(databaseUrl)
      url.host = `127.0.0.1:${port}`
      return url.href
    },
    stop
  }
}
