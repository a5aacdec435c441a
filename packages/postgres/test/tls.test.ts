import { describe, expect, it } from "@effect/vitest"
import { ConfigurationError, type Store } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Pool } from "pg"
import { afterAll, beforeAll } from "vitest"
import { type CertificateAuthority, makeAuthority } from "../../../test-support/certificates.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { type PostgresServer, startPostgres } from "../../../test-support/postgres-server.ts"
import { freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"

/** Who comes from where, and how: `plain` alone may come without TLS. */
const access = `
local   all all                    trust
hostssl all certified 127.0.0.1/32 trust clientcert=verify-full
hostssl all locked    127.0.0.1/32 scram-sha-256
hostssl all postgres  127.0.0.1/32 trust
host    all plain     127.0.0.1/32 trust
`

let authority: CertificateAuthority
let stranger: CertificateAuthority
let server: PostgresServer
const cloudSql = mkdtempSync(join(tmpdir(), "hawser-cloudsql-"))
const files = { ca: "", cert: "", key: "", stranger: "" }

/** A URL of the server, for a user, with these parameters. */
const urlOf = (parameters: string, user = "postgres", host = "localhost"): string => {
  const url = new URL(server.url)
  url.hostname = host
  url.username = user
  url.search = parameters
    .replaceAll("$CA", files.ca)
    .replaceAll("$CERT", files.cert)
    .replaceAll("$KEY", files.key)
    .replaceAll("$STRANGER", files.stranger)
  return url.href
}

const socketUrl = () =>
  `postgres://postgres@localhost/postgres?host=${server.socketFolder}&port=${new URL(server.url).port}`

beforeAll(async () => {
  authority = await makeAuthority()
  const { cert, key } = await authority.issue({ commonName: "localhost", dnsName: "localhost" })
  server = await startPostgres({ tls: { cert, key, ca: authority.cert }, access })
  const client = await authority.issue({ commonName: "certified" })
  stranger = await makeAuthority()
  Object.assign(files, {
    ca: authority.certFile,
    cert: client.certFile,
    key: client.keyFile,
    stranger: stranger.certFile
  })
  for (const statement of [
    "CREATE ROLE plain LOGIN SUPERUSER",
    "CREATE ROLE certified LOGIN SUPERUSER",
    "CREATE ROLE locked LOGIN PASSWORD 'right'"
  ])
    await query(socketUrl(), statement)
})
afterAll(async () => {
  rmSync(cloudSql, { recursive: true, force: true })
  await server.stop()
  authority.remove()
  stranger.remove()
})

const failureOf = (store: Store) => Effect.flip(Effect.scoped(Layer.build(store.layer)))

/** How the server sees the connection of a store that is open. */
const seenBy = (url: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const named = new URL(url)
      const name = `hawser-${crypto.randomUUID()}`
      named.searchParams.set("application_name", name)
      yield* Layer.build(postgres({ url: named.href }).layer)
      const [seen] = yield* Effect.promise(() =>
        query<{ readonly ssl: boolean; readonly version: string; readonly client: string }>(
          socketUrl(),
          `SELECT s.ssl, s.version, s.client_dn AS client
          FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = '${name}'`
        )
      )
      return seen
    })
  )

describe("A URL's parameters about TLS", () => {
  it.live.each([
    ["ssl=true&sslrootcert=$CA"],
    ["ssl=1&sslrootcert=$CA"],
    ["sslrootcert=$CA"],
    ["ssl=no-verify"],
    ["sslmode=require&sslrootcert=$CA"],
    ["ssl=true&sslmode=require&sslrootcert=$CA"],
    ["sslmode=verify-full&sslrootcert=$CA&channel_binding=prefer&sslnegotiation=postgres"],
    ["sslmode=no-verify&gssencmode=disable"],
    ["uselibpqcompat=true&sslmode=require"]
  ])("%s encrypt", ([parameters]) =>
    Effect.gen(function* () {
      expect(yield* seenBy(urlOf(parameters ?? ""))).toMatchObject({ ssl: true })
    })
  )

  it.live("take any name of a certificate with verify-ca, whose authority is checked", () =>
    Effect.gen(function* () {
      for (const mode of ["sslmode=verify-ca", "uselibpqcompat=true&sslmode=require"]) {
        const url = urlOf(`${mode}&sslrootcert=$CA`, "postgres", "127.0.0.1")
        expect(yield* seenBy(url)).toMatchObject({ ssl: true })
        const strange = urlOf(`${mode}&sslrootcert=$STRANGER`, "postgres", "127.0.0.1")
        expect((yield* failureOf(postgres({ url: strange }))).message).toMatch(/certificate/)
      }
    })
  )

  it.live("give a client's certificate and the oldest version", () =>
    Effect.gen(function* () {
      const url = urlOf(
        "sslrootcert=$CA&sslcert=$CERT&sslkey=$KEY&ssl_min_protocol_version=TLSv1.3",
        "certified"
      )
      expect(yield* seenBy(url)).toStrictEqual({
        ssl: true,
        version: "TLSv1.3",
        client: "/CN=certified"
      })
    })
  )

  it.live.each(["sslmode=disable", "ssl=false", "ssl=0", ""])("encrypt nothing with '%s'", (none) =>
    Effect.gen(function* () {
      expect(yield* seenBy(urlOf(none, "plain"))).toMatchObject({ ssl: false })
    })
  )

  it.live.each([
    ["sslmode=prefer", "sslmode=prefer connects in plain text"],
    ["sslmode=allow", "sslmode=allow connects in plain text"],
    ["sslmode=on", "sslmode must be"],
    ["sslmode=", "sslmode must be"],
    ["ssl=yes", "ssl must be"],
    ["ssl=false&sslmode=require", "contradict"],
    ["ssl=true&sslmode=disable", "contradict"],
    ["ssl=no-verify&sslmode=verify-full", "contradict"],
    ["sslmode=disable&sslrootcert=$CA", "sslrootcert has no effect"],
    ["sslrootcert=/nowhere/root.crt", "sslrootcert names a file that cannot be read"],
    ["sslcert=/nowhere/a.crt&sslkey=$KEY", "sslcert names a file that cannot be read"],
    ["sslcert=$CERT", "sslcert and sslkey go together"],
    ["sslkey=$KEY", "sslcert and sslkey go together"],
    ["sslmode=require&ssl_min_protocol_version=TLSv1", "ssl_min_protocol_version must be"],
    ["sslmode=require&ssl_max_protocol_version=SSLv3", "ssl_max_protocol_version must be"],
    ["uselibpqcompat=1&sslmode=require", "uselibpqcompat must be"],
    ["sslmode=require&channel_binding=require", "channel_binding is not supported"],
    ["sslmode=require&sslnegotiation=direct", "sslnegotiation is not supported"],
    ["gssencmode=require", "gssencmode is not supported"],
    ["requiressl=1", "requiressl is not supported"],
    ["require_auth=scram-sha-256", "require_auth is not supported"],
    ["sslcrl=/a.crl", "sslcrl is not supported"],
    ["sslaccept=strict", "sslaccept is not supported"],
    ["sslMode=require", "sslMode is not supported"],
    ["tls=true", "tls is not supported"]
  ])("are refused by name: %s", ([parameters, problem]) =>
    Effect.gen(function* () {
      const error = yield* failureOf(postgres({ url: urlOf(parameters ?? "") }))
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.message).toMatch(/^postgres\.url: /)
      expect(error.message).toContain(problem)
    })
  )

  it.live("are refused on a Unix socket, which has no TLS", () =>
    Effect.gen(function* () {
      const error = yield* failureOf(postgres({ url: `${socketUrl()}&sslmode=require` }))
      expect(error.message).toMatch(/^postgres\.url: a Unix socket has no TLS/)
    })
  )
})

describe("A URL whose host is the folder of a Unix socket", () => {
  it.live("leads to it, as a parameter and as an escaped host", () =>
    Effect.gen(function* () {
      const { port } = new URL(server.url)
      // As Cloud SQL names it.
      const folder = join(cloudSql, "project:region:instance")
      symlinkSync(server.socketFolder, folder)
      const escaped = encodeURIComponent(folder)
      for (const url of [
        `postgres://postgres:p%2Fw@/postgres?host=${folder}&port=${port}`,
        `postgres://postgres:secret@localhost/postgres?host=${escaped}&port=${port}`,
        `postgresql:///postgres?user=postgres&host=${folder}&port=${port}`,
        `postgres://postgres@${escaped}:${port}/postgres`
      ]) {
        expect(yield* failureOrOpen(url)).toBe("open")
      }
    })
  )
})

const failureOrOpen = (url: string) =>
  Effect.scoped(Layer.build(postgres({ url }).layer)).pipe(
    Effect.match({ onSuccess: () => "open", onFailure: ({ message }) => message })
  )

describe("What only the host can mend stops the start with a ConfigurationError", () => {
  const expectRefusal = (store: Store, problem: RegExp) =>
    Effect.gen(function* () {
      const error = yield* failureOf(store)
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.message).toMatch(problem)
    })

  it.live("a server that wants TLS, by URL and by pool", () =>
    Effect.gen(function* () {
      const wanted = /^postgres\.(url|pool): the server wants TLS; add sslmode=require/
      yield* expectRefusal(postgres({ url: urlOf("") }), wanted)
      const pool = yield* hostPool(urlOf(""))
      yield* expectRefusal(postgres({ pool }), wanted)
    })
  )

  it.live("a server without TLS, by URL and by pool", () =>
    Effect.gen(function* () {
      const url = `${yield* freshDatabase}?sslmode=require`
      const none = /^postgres\.(url|pool): the server has no TLS/
      yield* expectRefusal(postgres({ url }), none)
      yield* expectRefusal(postgres({ pool: yield* hostPool(url) }), none)
    })
  )

  it.live("a certificate of an authority that nobody knows, and one of another name", () =>
    Effect.gen(function* () {
      const refused =
        /: the server's certificate is not accepted \(.+\); name the file .* sslrootcert/
      for (const parameters of ["ssl=true", "sslmode=require", "sslmode=verify-full"]) {
        yield* expectRefusal(postgres({ url: urlOf(parameters) }), refused)
      }
      const other = urlOf("sslrootcert=$CA", "postgres", "127.0.0.1")
      yield* expectRefusal(postgres({ url: other }), /ALTNAME/)
      const pool = yield* Effect.acquireRelease(
        Effect.sync(() => new Pool({ connectionString: urlOf(""), ssl: true })),
        (one) => Effect.promise(() => one.end())
      )
      yield* expectRefusal(postgres({ pool }), refused)
    })
  )

  it.live("a client's certificate, a password and a line of pg_hba.conf that are missing", () =>
    Effect.gen(function* () {
      const tls = "sslrootcert=$CA"
      yield* expectRefusal(
        postgres({ url: urlOf(tls, "certified") }),
        /the server wants a client certificate; give sslcert and sslkey/
      )
      const refused = /the server refuses this user or password/
      yield* expectRefusal(postgres({ url: urlOf(tls, "locked") }), refused)
      yield* expectRefusal(postgres({ url: urlOf(`${tls}&password=wrong`, "locked") }), refused)
      yield* expectRefusal(postgres({ url: urlOf(tls, "nobody") }), /pg_hba\.conf/)
    })
  )

  it.live("a parameter that the server does not know", () =>
    Effect.gen(function* () {
      const url = urlOf("options=-c%20no_such_setting%3D1", "plain")
      yield* expectRefusal(postgres({ url }), /: the server refuses it \(42704: /)
    })
  )

  it.live.each([
    ["postgres://ann@a.example,b.example/x", "it names several hosts"],
    ["postgres://ann@/x?host=a,b", "it names several hosts"],
    ["postgres://ann@a.example/x?port=0", "its port must be"],
    ["postgres://a%nn@a.example/x", "its user has a %"],
    ["postgres://ann@a.example/x?connect_timeout=soon", "connect_timeout must be"]
  ])("a URL that says what nobody can do: %s", ([url, problem]) =>
    expectRefusal(postgres({ url: url ?? "" }), new RegExp(`^postgres\\.url: ${problem}`))
  )
})
