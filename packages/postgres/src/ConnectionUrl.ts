import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { ConfigurationError, isHawserError } from "@hawser/core"
import { Duration, Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import { isIP } from "node:net"
import type { ConnectionOptions, SecureVersion } from "node:tls"

/** The server and the account of a URL. */
export interface ConnectionTarget {
  /** A host's name or address, or the folder of a Unix socket, which begins with a slash. */
  readonly host: string
  readonly port: number
  readonly session: Pick<
    PgConnection.Config,
    "applicationName" | "database" | "password" | "ssl" | "startupOptions" | "username"
  >
  /** The connection timeout of the URL. */
  readonly connectTimeout: Duration.Duration | undefined
}

const refuse = (problem: string): never => {
  throw new ConfigurationError({ setting: "postgres.url", problem })
}

const notOne = "set it to a URL like postgres://user:password@host:5432/database"

/** RFC 3986 allows `user@/database`, whose host is a parameter; the parser of URLs does not. */
const withHost = (url: string): string =>
  url.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?#]|$)/, "$1localhost")

const parseUrl = (given: string | undefined): URL => {
  const url = given === undefined ? undefined : withHost(given)
  // The value stays out of the message: it may hold a password.
  if (url === undefined || !URL.canParse(url)) return refuse(notOne)
  const parsed = new URL(url)
  return /^postgres(ql)?:$/.test(parsed.protocol) ? parsed : refuse(notOne)
}

const decoded = (text: string, part: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse(`its ${part} has a % that begins no escape; write it as %25`)
  }
}

/** Parameters about encryption, under the names of any driver. */
const aboutEncryption = /ssl|tls|gss|krb|binding|cert|^require/i

/** Parameters that are allowed with these values, because they are the defaults. */
const asItIs: Readonly<Record<string, ReadonlyArray<string>>> = {
  sslnegotiation: ["postgres"],
  channel_binding: ["disable", "prefer"],
  gssencmode: ["disable", "prefer"],
  sslcompression: ["0"],
  sslsni: ["1"],
  sslcertmode: ["allow"]
}

/** Parameters that are read below. */
const honoured: ReadonlySet<string> = new Set([
  "ssl",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslpassword",
  "ssl_min_protocol_version",
  "ssl_max_protocol_version",
  "uselibpqcompat"
])

const unknownHint: Readonly<Record<string, string>> = {
  channel_binding:
    "this client has no channel binding; take the parameter out and use sslmode=verify-full",
  sslnegotiation: "TLS begins with PostgreSQL's own request; take the parameter out"
}

/** A parameter that would be ignored is refused, unless it has no effect. */
const refuseUnknown = (query: URLSearchParams): void => {
  for (const [name, value] of query) {
    if (!aboutEncryption.test(name) || honoured.has(name)) continue
    if (asItIs[name]?.includes(value)) continue
    refuse(`${name} is not supported: ${unknownHint[name] ?? "take the parameter out"}`)
  }
}

type Mode = "disable" | "no-verify" | "verify-ca" | "verify-full"

const fromSsl = (value: string): Mode => {
  switch (value) {
    case "true":
    case "1":
      return "verify-full"
    case "false":
    case "0":
      return "disable"
    case "no-verify":
      return "no-verify"
    default:
      return refuse("ssl must be true, false or no-verify; sslmode says more")
  }
}

/**
 * The modes of libpq (PostgreSQL 34.19.1), and `no-verify`, node-postgres' word for TLS with any certificate. `require`
 * verifies, as it does in node-postgres, unless `uselibpqcompat` asks for libpq's own meaning.
 */
const fromSslMode = (value: string, options: { compat: boolean; hasRoot: boolean }): Mode => {
  switch (value) {
    case "disable":
    case "no-verify":
    case "verify-ca":
    case "verify-full":
      return value
    case "require":
      if (!options.compat) return "verify-full"
      return options.hasRoot ? "verify-ca" : "no-verify"
    case "allow":
    case "prefer":
      return refuse(
        `sslmode=${value} connects in plain text when the server, or somebody on the way, says no to TLS; write require, verify-full or disable`
      )
    default:
      return refuse("sslmode must be disable, require, verify-ca, verify-full or no-verify")
  }
}

const readCompat = (value: string | null): boolean => {
  if (value === null || value === "false") return false
  return value === "true" || refuse("uselibpqcompat must be true or false")
}

/** Undefined if the URL says nothing about TLS. */
const readSslMode = (query: URLSearchParams): Mode | undefined => {
  const ssl = query.get("ssl")
  const sslmode = query.get("sslmode")
  const root = query.get("sslrootcert")
  const compat = readCompat(query.get("uselibpqcompat"))
  const switched = ssl === null ? undefined : fromSsl(ssl)
  if (sslmode === null) {
    const others = ["sslrootcert", "sslcert", "sslkey"].some((name) => query.has(name))
    return switched ?? (others ? "verify-full" : undefined)
  }
  const mode = fromSslMode(sslmode, { compat, hasRoot: root !== null && root !== "system" })
  // JDBC writes ssl=true beside its sslmode.
  const agrees =
    switched === undefined || (switched === "verify-full" ? mode !== "disable" : switched === mode)
  return agrees ? mode : refuse("ssl and sslmode contradict each other; take ssl out")
}

const readFileParameter = (query: URLSearchParams, name: string): Buffer | undefined => {
  const path = query.get(name)
  if (path === null) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason"
    return refuse(`${name} names a file that cannot be read (${code})`)
  }
}

const readTlsVersion = (query: URLSearchParams, name: string): SecureVersion | undefined => {
  const value = query.get(name)
  if (value === null || value === "TLSv1.2" || value === "TLSv1.3") return value ?? undefined
  return refuse(`${name} must be TLSv1.2 or TLSv1.3`)
}

const tlsOptions = (query: URLSearchParams, mode: Mode, host: string): ConnectionOptions => {
  const root = query.get("sslrootcert")
  const ca = root === "system" ? undefined : readFileParameter(query, "sslrootcert")
  const cert = readFileParameter(query, "sslcert")
  const key = readFileParameter(query, "sslkey")
  if ((cert === undefined) !== (key === undefined)) {
    return refuse("sslcert and sslkey go together; give both")
  }
  const passphrase = query.get("sslpassword")
  const minVersion = readTlsVersion(query, "ssl_min_protocol_version")
  const maxVersion = readTlsVersion(query, "ssl_max_protocol_version")
  return {
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(mode === "no-verify" && { rejectUnauthorized: false }),
    // Anyone can get a certificate of a public authority, so with those the host name is always verified.
    ...(mode === "verify-ca" && ca !== undefined && { checkServerIdentity: () => undefined }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(passphrase !== null && { passphrase }),
    ...(minVersion !== undefined && { minVersion }),
    ...(maxVersion !== undefined && { maxVersion })
  }
}

/** False for plain text. */
const readSsl = (query: URLSearchParams, host: string): false | ConnectionOptions => {
  refuseUnknown(query)
  const mode = readSslMode(query)
  if (mode === undefined) return false
  if (mode === "disable") {
    const idle = [...honoured].find(
      (name) => name.startsWith("ssl") && !/^ssl(mode)?$/.test(name) && query.has(name)
    )
    return idle === undefined ? false : refuse(`${idle} has no effect without TLS; take it out`)
  }
  // libpq would ignore it.
  if (host.startsWith("/")) return refuse("a Unix socket has no TLS; take the ssl parameters out")
  return tlsOptions(query, mode, host)
}

const readPort = (text: string | null): number => {
  if (text === null || text === "") return 5432
  const port = Number(text)
  return Number.isInteger(port) && port >= 1 && port <= 65_535
    ? port
    : refuse("its port must be a number from 1 to 65535")
}

const readHost = (url: URL): string => {
  const host = url.searchParams.get("host") ?? decoded(url.hostname, "host")
  if (host.includes(",")) {
    return refuse("it names several hosts; give the one name that follows the primary")
  }
  return host === "" ? "localhost" : host.replace(/^\[(.*)\]$/, "$1")
}

const readConnectTimeout = (text: string | null): Duration.Duration | undefined => {
  // Zero means no limit in libpq.
  if (text === null || text === "0") return undefined
  return /^\d+$/.test(text)
    ? Duration.seconds(Number(text))
    : refuse("connect_timeout must be a number of seconds")
}

const readTarget = (given: string | undefined): ConnectionTarget => {
  const url = parseUrl(given)
  const query = url.searchParams
  const host = readHost(url)
  const username = query.get("user") ?? decoded(url.username, "user")
  const password = query.get("password") ?? decoded(url.password, "password")
  const database = query.get("dbname") ?? decoded(url.pathname.slice(1), "database")
  return {
    host,
    port: readPort(query.get("port") ?? url.port),
    session: {
      ssl: readSsl(query, host),
      username: username === "" ? undefined : username,
      password: password === "" ? undefined : Redacted.make(password),
      database: database === "" ? undefined : database,
      startupOptions: query.get("options") ?? undefined,
      applicationName: query.get("application_name") ?? "hawser"
    },
    connectTimeout: readConnectTimeout(query.get("connect_timeout"))
  }
}

/**
 * Reads a connection URL (PostgreSQL 34.1.1.2). Each parameter about encryption is applied or refused by name, so that a
 * connection is never less safe than its URL says.
 */
export const readConnectionUrl = (
  url: string | undefined
): Effect.Effect<ConnectionTarget, ConfigurationError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(readTarget(url))
    } catch (error) {
      return isHawserError(error, "configuration_error") ? Effect.fail(error) : Effect.die(error)
    }
  })
