import { ConfigurationError, StorageUnavailable } from "@hawser/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"

/**
 * The database's error becomes the cause; the message is Hawser's. The cause may quote values of a row, but rows hold
 * secrets only sealed or hashed.
 */
export const storageUnavailable = (error: SqlError): StorageUnavailable =>
  new StorageUnavailable({ cause: error })

/** The server's five-character code (PostgreSQL, appendix A). Node's own codes, `ECONNREFUSED`, are longer. */
export const sqlState = (cause: unknown): string | undefined =>
  cause instanceof Error &&
  "code" in cause &&
  typeof cause.code === "string" &&
  /^[0-9A-Z]{5}$/.test(cause.code)
    ? cause.code
    : undefined

/**
 * The server can no longer serve this connection: it has become read-only (25006), or shuts down or starts (57P01 to
 * 57P03). A new connection may reach another server.
 */
const lostStates: ReadonlySet<string> = new Set(["25006", "57P01", "57P02", "57P03"])

export const isLost = (error: SqlError): boolean =>
  lostStates.has(sqlState(error.reason.cause) ?? "")

/** A conflict with another transaction: this one was rolled back and can be repeated. */
export const isConflict = (error: SqlError): boolean =>
  /^40(001|P01)$/.test(sqlState(error.reason.cause) ?? "")

/** An error that a retry cannot fix: a value that the database cannot store, or a violated constraint. */
const isDefect = (error: SqlError): boolean => /^2[23]/.test(sqlState(error.reason.cause) ?? "")

/** A failed statement is either a defect of Hawser or an unavailable database. */
export const storageFailure = (error: SqlError): Effect.Effect<never, StorageUnavailable> =>
  isDefect(error) ? Effect.die(error) : Effect.fail(storageUnavailable(error))

/** A foreign key refers to a row that does not exist. */
export const isForeignKeyViolation = (error: SqlError): boolean =>
  sqlState(error.reason.cause) === "23503"

/** Whether a unique index is violated, by the end of its name. */
const violates = ({ reason: { cause } }: SqlError, index: string): boolean =>
  sqlState(cause) === "23505" &&
  cause instanceof Error &&
  "constraint" in cause &&
  typeof cause.constraint === "string" &&
  cause.constraint.endsWith(index)

/** Another tenant holds the account. */
export const isAccountHeld = (error: SqlError): boolean => violates(error, "oauth_grant_held")

/** A statement at the same moment has connected the account for the same owner. */
export const isTwin = (error: SqlError): boolean => violates(error, "integration_twin")

/** A statement at the same moment has taken the number that this one found free. Made again, it finds another, or none. */
export const isNumberTaken = (error: SqlError): boolean => violates(error, "integration_number")

/** The error, or all of its parts: a name with several addresses fails once for each. */
const listCauses = (error: SqlError): ReadonlyArray<Error> => {
  const { cause } = error.reason
  const all: ReadonlyArray<unknown> = cause instanceof AggregateError ? cause.errors : [cause]
  return all.filter((one) => one instanceof Error)
}

/** Node's codes for a certificate that was refused (`X509_V_ERR_…` of OpenSSL, without the prefix), and for its name. */
const certificateCodes =
  /CERT|SELF_SIGNED|UNABLE_TO_|CRL_|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME/

/** Servers and poolers of every kind; PostgreSQL itself says "no encryption", and "SSL off" until 14. */
const wantsEncryption =
  /no encryption|SSL off|SSL (connection )?is required|SSL required|connection is insecure/i

/** Of PgClient and of node-postgres. */
const hasNoEncryption = /server does not support (TLS|SSL)/i

/** Refusals of the server that a retry cannot change. */
const refusals = /^(08P01|0A|22023|3F|42|55000)/

/** What the host must do, or undefined for an error that may pass by itself. */
const findRemedy = (error: SqlError): string | undefined => {
  const { _tag, message } = error.reason
  for (const { code, message: said } of listCauses(error).map(plain)) {
    if (wantsEncryption.test(said)) {
      return "the server wants TLS; add sslmode=require to the URL, or ssl to the pool"
    }
    if (hasNoEncryption.test(said)) {
      return "the server has no TLS; turn it on there, or write sslmode=disable if the way to it is safe"
    }
    if (certificateCodes.test(code)) {
      return `the server's certificate is not accepted (${code}); name the file of its authority with sslrootcert, and the host as the certificate does`
    }
    if (code === "EPROTO" || code.startsWith("ERR_SSL") || code.startsWith("ERR_OSSL")) {
      return `no TLS could be agreed on (${code}: ${said}); compare sslcert, sslkey and the protocol versions with what the server wants`
    }
    if (/valid client certificate/.test(said)) {
      return "the server wants a client certificate; give sslcert and sslkey"
    }
    if (/no pg_hba\.conf entry/.test(said)) {
      return "pg_hba.conf on the server has no line for this user from this address; add one"
    }
    if (code === "EACCES" || code === "EPERM") return "this account may not use the socket"
    if (code === "3D000") return "the server has no database of this name; create it"
    if (_tag === "AuthenticationError" || /client password must be/.test(said)) {
      return "the server refuses this user or password"
    }
    if (refusals.test(code)) return `the server refuses it (${code}: ${said})`
  }
  return _tag === "AuthenticationError" ? message : undefined
}

const plain = (error: Error): { readonly code: string; readonly message: string } => ({
  code: "code" in error && typeof error.code === "string" ? error.code : "",
  message: error.message
})

/** At the start, an error that only the host can fix becomes a `ConfigurationError` for its option; others may pass by themselves. */
export const startError = (
  error: SqlError,
  setting = "postgres.url"
): ConfigurationError | StorageUnavailable => {
  if (error.reason._tag === "AuthorizationError") {
    return new ConfigurationError({
      setting: "migrate",
      problem:
        "this account may not use or make the tables; grant it the rights, or let another run the SQL that migrationSql() prints"
    })
  }
  const problem = findRemedy(error)
  return problem === undefined
    ? storageUnavailable(error)
    : new ConfigurationError({ setting, problem })
}
