import { type Cause, Effect } from "effect"
import type { InspectedServer } from "@hawser/postgres/effect"
import type { HawserOptions } from "hawser"
import { type HostStore, inspect, storeOf } from "../host/openHost.ts"
import { type Key, readKeys } from "../host/readKeys.ts"
import { tell } from "../Problem.ts"
import { clock } from "./clock.ts"
import { type Finding, ok, problem, warning } from "./Finding.ts"

const isLocal = (host: string): boolean =>
  host === "" || host.startsWith("/") || /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host)

/** The host of a URL, where the option is one. */
const hostOf = ({ kind, options }: HostStore): string | undefined => {
  if (kind !== "postgres" || options.url === undefined) return undefined
  const url = URL.parse(options.url)
  return url?.searchParams.get("host") ?? url?.hostname
}

const encryption = (store: HostStore, { tls }: InspectedServer): Finding => {
  if (store.kind === "pglite") return ok("TLS of the database", "PGlite runs in the process.")
  if (tls !== null) return ok("TLS of the database", `Connected by ${tls}.`)
  const host = hostOf(store)
  return host !== undefined && isLocal(host)
    ? ok("TLS of the database", "Plain text, on this machine alone.")
    : warning(
        "TLS of the database",
        "The connection is in plain text: anyone on the way can read it and change it.",
        "Add sslmode=verify-full to the URL, or ssl to your pool, unless the way is safe by itself."
      )
}

const rights = (server: InspectedServer): Finding => {
  if (server.isReadOnly) {
    return problem(
      "rights",
      "The database takes no writes: it is a standby, or is set to read-only.",
      "Name the primary, with target_session_attrs=read-write for instance."
    )
  }
  if (server.withoutRights.length > 0) {
    return problem(
      "rights",
      `The account may not read and write ${server.withoutRights.join(", ")}.`,
      "Grant it SELECT, INSERT, UPDATE and DELETE on the tables of Hawser's schema."
    )
  }
  return server.mayCreate
    ? ok("rights", "The account may read, write and migrate.")
    : ok(
        "rights",
        "The account may read and write, and not migrate: another account has to run npx hawser migrate."
      )
}

const pooler = (store: HostStore, { isPooled }: InspectedServer): Finding => {
  const pgBouncer =
    store.kind === "postgres" && store.options.url !== undefined && store.options.pgBouncer === true
  if (isPooled === true && !pgBouncer) {
    return problem(
      "pooler",
      "A pooler such as PgBouncer answers for the server. In transaction mode it gives prepared statements and listeners to others.",
      "Set pgBouncer: true in postgres({ … }), or give the URL of the server itself."
    )
  }
  if (pgBouncer) return ok("pooler", "pgBouncer is set: nothing is kept on a connection.")
  return isPooled === null
    ? ok("pooler", "Not looked for: the connections are not Hawser's own.")
    : ok("pooler", "The server answers by itself.")
}

const keyFinding = ({ configured, keyId, values }: Key): Finding => {
  if (configured === "no" && values > 0) {
    return problem(
      "keys",
      `${values} stored values need the key ${keyId}, which is not configured: they cannot be opened.`,
      "Configure that key as well, behind the first one. npx hawser keys lists all of them."
    )
  }
  if (configured === "other") {
    return values === 0
      ? warning(
          "keys",
          `The key ${keyId} opens nothing any more.`,
          "Remove it from the configuration."
        )
      : warning(
          "keys",
          `${values} values are still under the key ${keyId}.`,
          "Run npx hawser rotate; then you can remove the key."
        )
  }
  return ok(
    "keys",
    `The key ${keyId} ${configured === "primary" ? "seals new values" : "is kept elsewhere"}, and ${values} values need it.`
  )
}

const failed = (check: string) => (cause: Cause.Cause<unknown>) => {
  const { message, next } = tell(cause)
  return Effect.succeed([problem(check, message, next)])
}

const ofTables = (options: HawserOptions, store: HostStore) =>
  Effect.gen(function* () {
    const database = yield* inspect(options)
    const server = yield* database.server
    const { missing, newest, version } = yield* database.tables
    const isCurrent = missing.length === 0
    return {
      isCurrent,
      findings: [
        ok(
          "database",
          `${store.kind === "pglite" ? "PGlite" : "PostgreSQL"} ${server.version} answers.`
        ),
        encryption(store, server),
        rights(server),
        pooler(store, server),
        clock("clock of the database", server.now, "Let both machines keep their time by NTP."),
        isCurrent
          ? ok("tables", `They are at version ${version}.`)
          : (options.store as { readonly options?: { readonly migrate?: string } }).options
                ?.migrate === "check"
            ? problem(
                "tables",
                `They are at version ${version}, and this release needs ${newest}. With migrate: "check" it does not start.`,
                "Run npx hawser migrate, or give the output of npx hawser sql to your own migrations."
              )
            : warning(
                "tables",
                `They are at version ${version}, and this release needs ${newest}. The next start migrates them.`,
                "Nothing, or run npx hawser migrate first."
              )
      ]
    }
  }).pipe(Effect.scoped)

/** The database, its account, its tables, and the keys of what is stored there. */
export const databaseFindings = (options: HawserOptions): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const store = yield* storeOf(options.store)
    const { findings, isCurrent } = yield* ofTables(options, store)
    if (!isCurrent) return findings
    const keys = yield* readKeys(options).pipe(
      Effect.map((found) => found.map(keyFinding)),
      Effect.catchCause(failed("keys"))
    )
    return [...findings, ...keys]
  }).pipe(Effect.catchCause(failed("database")))
