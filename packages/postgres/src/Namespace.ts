import { ConfigurationError } from "@hawser/core"
import { Effect } from "effect"

/** Where Hawser's tables are in a database that it may share with the host. */
export interface NamespaceOptions {
  /** The schema. The first migration creates it if it does not exist. Default `hawser`. */
  readonly schema?: string | undefined
  /** The prefix of every table's name. Default: none. */
  readonly tablePrefix?: string | undefined
}

/** The names of all tables, qualified and quoted. */
export interface Tables {
  readonly credential: string
  readonly integration: string
  readonly oauthGrant: string
  readonly refreshBrake: string
  readonly hashKey: string
  readonly revocation: string
  readonly flow: string
  readonly barredUser: string
  readonly userFence: string
  readonly outbox: string
  readonly subscriber: string
  readonly deliveryRetry: string
  readonly migration: string
}

/** A checked schema and prefix. */
export interface Namespace {
  readonly schema: string
  readonly tablePrefix: string
  readonly tables: Tables
}

// Together with the longest name of a table or index this stays below PostgreSQL's 63 bytes.
const name = /^[a-z_][a-z0-9_]{0,40}$/

const checked = (setting: string, value: string): Effect.Effect<string, ConfigurationError> =>
  name.test(value)
    ? Effect.succeed(value)
    : Effect.fail(new ConfigurationError({ setting, problem: `write it as ${name.source}` }))

const namespaceOf = (schema: string, tablePrefix: string): Namespace => {
  const table = (name: string): string => `"${schema}"."${tablePrefix}${name}"`
  return {
    schema,
    tablePrefix,
    tables: {
      credential: table("credential"),
      integration: table("integration"),
      oauthGrant: table("oauth_grant"),
      refreshBrake: table("refresh_brake"),
      hashKey: table("hash_key"),
      revocation: table("revocation"),
      flow: table("flow"),
      barredUser: table("barred_user"),
      userFence: table("user_fence"),
      outbox: table("outbox"),
      subscriber: table("subscriber"),
      deliveryRetry: table("delivery_retry"),
      migration: table("migration")
    }
  }
}

/** The namespace that migrations are checksummed in, so that a host's choice does not change their checksums. */
export const canonicalNamespace: Namespace = namespaceOf("hawser", "")

/** Checks the host's choice. Names go into SQL as they are, so only plain lower-case names are allowed. */
export const makeNamespace = (
  options: NamespaceOptions
): Effect.Effect<Namespace, ConfigurationError> =>
  Effect.gen(function* () {
    const schema = yield* checked("schema", options.schema ?? canonicalNamespace.schema)
    const prefix = options.tablePrefix ?? ""
    const tablePrefix = prefix === "" ? prefix : yield* checked("tablePrefix", prefix)
    return namespaceOf(schema, tablePrefix)
  })
