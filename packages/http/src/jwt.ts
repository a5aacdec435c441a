import { ConfigurationError, type Egress, isLoopback, type Role } from "@hawser/core"
import { Clock, Effect } from "effect"
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey
} from "jose"
import type { Claimed } from "./Claimed.ts"
import { remoteKeys } from "./remoteKeys.ts"
import {
  type AuthenticationFailure,
  AuthenticationUnavailable,
  Unauthorized
} from "./requestErrors.ts"

/** Where a claim stands: its name, or for a nested one the names on the way to it. */
export type ClaimPath = string | ReadonlyArray<string>

/** A host's issuer of access tokens. */
export interface JwtOptions {
  /** Compared with `iss`, character by character. */
  readonly issuer: string
  /** `aud` must contain this, or one of these. */
  readonly audience: string | ReadonlyArray<string>
  /** The issuer's key set, over https; or give `jwks`. */
  readonly jwksUrl?: string
  /** The issuer's public keys themselves. */
  readonly jwks?: JSONWebKeySet
  /** Default RS256, ES256, EdDSA. Only signatures with public keys. */
  readonly algorithms?: ReadonlyArray<string>
  /** Seconds by which clocks may differ, at most 60. Default 5. */
  readonly clockTolerance?: number
  /** Seconds since `iat` after which a token is refused, whatever its `exp` says. Default none. */
  readonly maxTokenAge?: number
  /** The `typ` that a token must have, such as `at+jwt`. Default any. */
  readonly typ?: string
  /** Where the caller stands in the token. Default `tenant_id`, `sub` and `roles`. */
  readonly claims?: {
    readonly tenantId?: ClaimPath
    readonly userId?: ClaimPath
    /** A list of strings, or one string. */
    readonly roles?: ClaimPath
    /** From the issuer's words to Hawser's roles. Default `admin` and `member`, as they are. */
    readonly roleMap?: Readonly<Record<string, Role>>
  }
}

/** A description of how callers are authenticated; `jwt` makes one. */
export interface JwtAuthentication extends JwtOptions {
  readonly _tag: "Jwt"
}

/**
 * Callers are authenticated by JWTs of the host's issuer (RFC 7519, RFC 8725).
 *
 * A token without `exp`, from another issuer, for another audience or signed by a key that is not in the set is refused
 * with 401; a valid user without tenant or role with 403; while keys cannot be had, the answer is 503.
 *
 * @example
 * import { jwt } from "@hawser/http"
 *
 * const authentication = jwt({
 *   issuer: "https://login.example.com/",
 *   audience: "https://app.example.com/api",
 *   jwksUrl: "https://login.example.com/.well-known/jwks.json",
 *   claims: { tenantId: ["org", "id"] }
 * })
 */
export const jwt = (options: JwtOptions): JwtAuthentication => ({ ...options, _tag: "Jwt" })

/** Signatures that only the holder of a private key can make: a shared secret or `none` is never among them (S-50). */
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

const refuse = (setting: string, problem: string) =>
  new ConfigurationError({ setting: `authenticate.${setting}`, problem })

/** Builds the verification of one issuer's tokens; see `JwtOptions`. */
export const jwtAuthenticator = Effect.fnUntraced(function* (
  options: JwtOptions,
  { unsafelyAllowLoopback }: { readonly unsafelyAllowLoopback: boolean }
): Effect.fn.Return<
  (token: string) => Effect.Effect<Claimed, Unauthorized | AuthenticationUnavailable>,
  ConfigurationError,
  Egress
> {
  const algorithms = [...(options.algorithms ?? ["RS256", "ES256", "EdDSA"])]
  const refused = algorithms.find((algorithm) => !publicKeyAlgorithms.has(algorithm))
  if (refused !== undefined) {
    return yield* refuse(
      "algorithms",
      `"${refused}" is no signature with a public key. Leave it out.`
    )
  }
  if (algorithms.length === 0) return yield* refuse("algorithms", "Name at least one.")
  if (options.issuer === "") return yield* refuse("issuer", "Set the issuer of your tokens.")
  const audience = [options.audience].flat()
  if (audience.length === 0 || audience.includes("")) {
    return yield* refuse("audience", "Set the audience that your tokens carry.")
  }
  const clockTolerance = options.clockTolerance ?? 5
  if (!(clockTolerance >= 0 && clockTolerance <= maxClockTolerance)) {
    return yield* refuse("clockTolerance", `Set 0 to ${maxClockTolerance} seconds.`)
  }
  const getKey = refuseKeysInHeader(yield* keysOf(options, unsafelyAllowLoopback))
  const readClaims = claimsReader(options.claims ?? {})

  return Effect.fnUntraced(function* (token) {
    const now = yield* Clock.currentTimeMillis
    const payload = yield* Effect.tryPromise({
      try: async () => {
        const verified = await jwtVerify(token, getKey, {
          algorithms,
          issuer: options.issuer,
          audience,
          clockTolerance,
          currentDate: new Date(now),
          requiredClaims: ["exp"],
          ...(options.maxTokenAge !== undefined && { maxTokenAge: options.maxTokenAge }),
          ...(options.typ !== undefined && { typ: options.typ })
        })
        return verified.payload
      },
      catch: (cause) =>
        cause instanceof KeysUnavailable
          ? new AuthenticationUnavailable({ cause: cause.cause })
          : new Unauthorized({ reason: reasonOf(cause) })
    })
    // jose looks at `iat` only for the age of a token; one from the future was not made by this issuer's clock.
    if (payload.iat !== undefined && payload.iat > now / 1000 + clockTolerance) {
      return yield* new Unauthorized({ reason: "claim" })
    }
    return readClaims(payload)
  })
})

/** Marks that the keys could not be had: not the token's fault. */
class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable"
}

const keysOf = Effect.fnUntraced(function* (options: JwtOptions, unsafelyAllowLoopback: boolean) {
  if (options.jwks !== undefined) {
    const { jwks } = options
    return yield* Effect.try({
      try: (): JWTVerifyGetKey => createLocalJWKSet(jwks),
      catch: () => refuse("jwks", "It is no JSON Web Key Set.")
    })
  }
  const url = URL.parse(options.jwksUrl ?? "")
  if (url === null) return yield* refuse("jwksUrl", "Set the https URL of your issuer's key set.")
  const isLocal = url.protocol === "http:" && isLoopback(url.hostname)
  if (url.protocol !== "https:" && !(isLocal && unsafelyAllowLoopback)) {
    return yield* refuse(
      "jwksUrl",
      isLocal
        ? `"${url.href}" is on this machine. For development, set unsafelyAllowLoopback.`
        : `"${url.href}" must be https.`
    )
  }
  return yield* remoteKeys(url)
})

/** Keys come from the configured set alone: a token that brings or names its own is not worth a look (S-52). */
const refuseKeysInHeader =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    if (["jku", "x5u", "jwk"].some((name) => Object.hasOwn(header, name))) {
      throw new KeyInHeader()
    }
    try {
      return await keys(header, token)
    } catch (cause) {
      if (
        cause instanceof errors.JWKSNoMatchingKey ||
        cause instanceof errors.JWKSMultipleMatchingKeys
      ) {
        throw cause
      }
      throw new KeysUnavailable("The key set cannot be used.", { cause })
    }
  }

class KeyInHeader extends Error {
  override readonly name = "KeyInHeader"
}

const reasonOf = (cause: unknown): AuthenticationFailure => {
  if (cause instanceof KeyInHeader) return "key_in_header"
  if (cause instanceof errors.JWTExpired) return "expired"
  if (cause instanceof errors.JWTClaimValidationFailed) return "claim"
  if (cause instanceof errors.JOSEAlgNotAllowed) return "algorithm"
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "signature"
  if (
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return "unknown_key"
  }
  return "malformed"
}

type Claims = NonNullable<JwtOptions["claims"]>

const claimsReader = ({
  roleMap,
  roles = "roles",
  tenantId = "tenant_id",
  userId = "sub"
}: Claims) => {
  const toRole = (role: unknown): unknown => {
    if (roleMap === undefined || typeof role !== "string") return role
    return Object.hasOwn(roleMap, role) ? roleMap[role] : undefined
  }
  return (payload: JWTPayload): Claimed => {
    const found = claimAt(payload, roles)
    return {
      tenantId: claimAt(payload, tenantId),
      userId: claimAt(payload, userId),
      // A list with something else than strings in it is no list of roles.
      roles:
        typeof found === "string"
          ? [toRole(found)]
          : Array.isArray(found) && found.every((role) => typeof role === "string")
            ? found.map(toRole)
            : []
    }
  }
}

const claimAt = (payload: JWTPayload, path: ClaimPath): unknown =>
  [path]
    .flat()
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      payload
    )
