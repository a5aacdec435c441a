import { type ConfigurationError, type Egress } from "@hawser/core"
import { Clock, Effect } from "effect"
import { errors, type JWTPayload, jwtVerify } from "jose"
import type { JwtOptions } from "../jwt.ts"
import { lacksKey } from "../remoteKeys.ts"
import {
  type AuthenticationFailure,
  AuthenticationUnavailable,
  Unauthorized
} from "../requestErrors.ts"
import { pathWrittenByUsers } from "./claims.ts"
import { issuerKeys, KeyInHeader, KeysUnavailable } from "./issuerKeys.ts"
import type { Refuse } from "./optionChecks.ts"

/** Signatures that only the holder of a private key can make: a shared secret or `none` is never among them. */
const publicKeyAlgorithms = new Set([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519"
])

const maxClockTolerance = 60

/** Only ID tokens carry these hashes (OpenID Connect Core §3.1.3.6, §3.3.2.11). */
const idTokenClaims = ["at_hash", "c_hash"]

/** Verifies a token of one issuer, and answers its claims. */
export type VerifyToken = (
  token: string
) => Effect.Effect<JWTPayload, Unauthorized | AuthenticationUnavailable>

/** Builds the verification of one issuer's tokens; see `JwtOptions`. */
export const tokenVerifier = Effect.fnUntraced(function* (
  options: JwtOptions,
  refuse: Refuse
): Effect.fn.Return<VerifyToken, ConfigurationError, Egress> {
  const settings = yield* checkedSettings(options, refuse)
  const { clockTolerance, isForUs, isRefused, ...verification } = settings
  const getKey = yield* issuerKeys(options, refuse)

  return Effect.fnUntraced(function* (token) {
    const now = yield* Clock.currentTimeMillis
    const { payload } = yield* Effect.tryPromise({
      try: () =>
        jwtVerify(token, getKey, { ...verification, clockTolerance, currentDate: new Date(now) }),
      catch: (cause) =>
        cause instanceof KeysUnavailable
          ? new AuthenticationUnavailable({ cause: cause.cause })
          : new Unauthorized({ reason: failureReason(cause) })
    })
    // jose looks at `iat` only for the age of a token; one from the future was not made by this issuer's clock.
    const fromTheFuture = payload.iat !== undefined && payload.iat > now / 1000 + clockTolerance
    if (fromTheFuture || !isForUs(payload) || isRefused(payload)) {
      return yield* new Unauthorized({ reason: "claim" })
    }
    return payload
  })
})

/** What jose is told, and what it does not look at; or the setting that cannot be safe. */
const checkedSettings = Effect.fnUntraced(function* (options: JwtOptions, refuse: Refuse) {
  const { claims = {}, issuer, maxTokenAge, refusedClaims = {}, typ } = options
  const algorithms = [...(options.algorithms ?? ["RS256", "ES256", "EdDSA"])]
  const shared = algorithms.find((algorithm) => !publicKeyAlgorithms.has(algorithm))
  if (shared !== undefined) {
    return yield* refuse(
      "algorithms",
      `"${shared}" is not a signature with a public key. Leave it out.`
    )
  }
  if (algorithms.length === 0) return yield* refuse("algorithms", "Name at least one.")
  if (issuer === "") return yield* refuse("issuer", "Set the issuer of your tokens.")
  const clockTolerance = options.clockTolerance ?? 5
  if (!(clockTolerance >= 0 && clockTolerance <= maxClockTolerance)) {
    return yield* refuse("clockTolerance", `Set 0 to ${maxClockTolerance} seconds.`)
  }
  const written = pathWrittenByUsers(claims)
  if (written !== undefined) {
    return yield* refuse("claims", `Users may write "${written}" themselves. Name another claim.`)
  }
  const isForUs = yield* configuredRecipientCheck(options, refuse)
  const refused = Object.entries(refusedClaims)
  return {
    algorithms,
    issuer,
    clockTolerance,
    requiredClaims: ["exp"],
    ...(maxTokenAge !== undefined && { maxTokenAge }),
    ...(typ !== undefined && { typ }),
    isForUs,
    isRefused: (payload: JWTPayload): boolean =>
      idTokenClaims.some((name) => Object.hasOwn(payload, name)) ||
      refused.some(([name, value]) => payload[name] === value)
  }
})

const configuredRecipientCheck = Effect.fnUntraced(function* (options: JwtOptions, refuse: Refuse) {
  const { audience, authorizedParties, clientIds, unsafelyAcceptAnyAudience } = options
  if (audience === undefined && authorizedParties === undefined && clientIds === undefined) {
    if (unsafelyAcceptAnyAudience === true) return () => true
    return yield* refuse(
      "audience",
      "Set the audience that your tokens carry; or, where they carry no aud, authorizedParties for azp or clientIds for client_id."
    )
  }
  const audiences = [audience ?? []].flat()
  if (audience !== undefined && isBlank(audiences)) {
    return yield* refuse("audience", "Set the audience that your tokens carry.")
  }
  if (authorizedParties !== undefined && isBlank(authorizedParties)) {
    return yield* refuse("authorizedParties", "Name who your tokens are issued to.")
  }
  if (clientIds !== undefined && isBlank(clientIds)) {
    return yield* refuse("clientIds", "Name the clients that your tokens are issued to.")
  }
  return recipientCheck({
    audience: audiences,
    authorizedParties: authorizedParties ?? [],
    clientIds: clientIds ?? []
  })
})

const isBlank = (names: ReadonlyArray<string>): boolean => names.length === 0 || names.includes("")

const failureReason = (cause: unknown): AuthenticationFailure => {
  if (cause instanceof KeyInHeader) return "key_in_header"
  if (cause instanceof errors.JWTExpired) return "expired"
  if (cause instanceof errors.JWTClaimValidationFailed) return "claim"
  if (cause instanceof errors.JOSEAlgNotAllowed) return "algorithm"
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "signature"
  return lacksKey(cause) ? "unknown_key" : "malformed"
}

/** Who a token may be made for: lists of which at least one has a name. */
interface Recipients {
  readonly audience: ReadonlyArray<string>
  readonly authorizedParties: ReadonlyArray<string>
  readonly clientIds: ReadonlyArray<string>
}

/**
 * Whether a token was made for this application: by `aud` (RFC 7519 §4.1.3), and where a token has none, by `azp`, the
 * party it was issued to (OpenID Connect Core §2), or `client_id`, the client that asked for it (RFC 9068 §2.2). A claim
 * that is there and configured must fit, whatever the others say; an `aud` that is there must fit in any case.
 */
const recipientCheck =
  ({ audience, authorizedParties, clientIds }: Recipients) =>
  ({ aud, azp, client_id: clientId }: JWTPayload): boolean => {
    const isFor = [
      aud === undefined ? undefined : names(aud, audience),
      fits(azp, authorizedParties),
      fits(clientId, clientIds)
    ].filter((is) => is !== undefined)
    return isFor.length > 0 && isFor.every(Boolean)
  }

/** Undefined if the claim says nothing: it is not there, or nobody is named by it. */
const fits = (value: unknown, accepted: ReadonlyArray<string>): boolean | undefined =>
  accepted.length === 0 || value === undefined ? undefined : isOneOf(value, accepted)

const isOneOf = (value: unknown, accepted: ReadonlyArray<string>): boolean =>
  typeof value === "string" && accepted.includes(value)

const names = (aud: unknown, audience: ReadonlyArray<string>): boolean => {
  const values = Array.isArray(aud) ? aud : [aud]
  return (
    values.every((value) => typeof value === "string") &&
    values.some((value) => audience.includes(value))
  )
}
