import { askHost, type ConfigurationError, type Egress } from "@hawser/core"
import { Effect } from "effect"
import { decodeJwt } from "jose"
import type { Claimed } from "./Caller.ts"
import type { IssuedToken, JwtAuthentication, JwtOptions, TenantOf, UserOf } from "../jwt.ts"
import { AuthenticationUnavailable, Unauthorized } from "../requestErrors.ts"
import { claimsReader } from "./claims.ts"
import { checkJwt, checkJwtOptions, refuseUnder } from "./optionChecks.ts"
import { tokenVerifier } from "./tokenVerifier.ts"

type Authenticate = (
  token: string
) => Effect.Effect<Claimed, Unauthorized | AuthenticationUnavailable>

/** Builds the verification of callers' tokens; see `jwt`. */
export const jwtAuthenticator = Effect.fnUntraced(function* (
  authentication: JwtAuthentication
): Effect.fn.Return<Authenticate, ConfigurationError, Egress> {
  const wrong = checkJwt("authenticate", authentication)
  if (wrong !== undefined) return yield* wrong
  const { issuers, tenantOf } = authentication
  const [only] = issuers
  if (only === undefined) {
    return yield* refuseUnder("authenticate")("issuers", "Name at least one.")
  }
  if (tenantOf === undefined && issuers.length === 1) {
    return yield* issuerAuthenticator(only, undefined, "authenticate")
  }
  if (typeof tenantOf !== "function") {
    return yield* refuseUnder("authenticate")(
      "tenantOf",
      "Say which tenant a token acts in: one issuer must not name the tenants of another."
    )
  }
  // Each issuer's tokens meet its own keys alone; a key id says nothing across issuers.
  const byIssuer = new Map<string, Authenticate>()
  for (const [index, options] of issuers.entries()) {
    const place = `authenticate.issuers[${index}]`
    if (byIssuer.has(options.issuer)) {
      return yield* refuseUnder(place)("issuer", `"${options.issuer}" is there twice.`)
    }
    const authenticate = yield* issuerAuthenticator(options, tenantOf, place)
    byIssuer.set(options.issuer, authenticate)
  }
  return (token) =>
    Effect.flatMap(readIssuer(token), (issuer) => {
      const authenticate = byIssuer.get(issuer)
      return authenticate === undefined
        ? Effect.fail(new Unauthorized({ reason: "claim" }))
        : authenticate(token)
    })
})

const issuerAuthenticator = Effect.fnUntraced(function* (
  options: JwtOptions,
  tenantOf: TenantOf | undefined,
  place: string
) {
  const wrong = checkJwtOptions(place, options)
  if (wrong !== undefined) return yield* wrong
  const verify = yield* tokenVerifier(options, refuseUnder(place))
  const readClaims = claimsReader(options.claims ?? {})
  const { userOf } = options
  return Effect.fnUntraced(function* (token: string) {
    const claims = yield* verify(token)
    const claimed = readClaims(claims)
    const issued = {
      issuer: options.issuer,
      tenantId: claimText(claimed.tenantId),
      userId: claimText(claimed.userId),
      claims
    }
    return {
      ...claimed,
      ...(tenantOf !== undefined && { tenantId: yield* askHook("tenantOf", tenantOf, issued) }),
      ...(userOf !== undefined && { userId: yield* askHook("userOf", userOf, issued) })
    }
  })
})

const claimText = (claim: unknown): string | undefined =>
  typeof claim === "string" ? claim : undefined

/** What a function of the host's says of a token; while it says nothing, callers cannot be told apart. */
const askHook = (hook: string, ask: TenantOf | UserOf, issued: IssuedToken) =>
  askHost({ hook, call: () => ask(issued), read: (answer) => answer }).pipe(
    Effect.mapError((cause) => new AuthenticationUnavailable({ cause }))
  )

/** Whose token this claims to be, unverified: good for nothing but the choice of the keys that must have signed it. */
const readIssuer = (token: string): Effect.Effect<string, Unauthorized> =>
  Effect.flatMap(
    Effect.try({
      try: () => decodeJwt(token).iss,
      catch: () => new Unauthorized({ reason: "malformed" })
    }),
    (issuer) =>
      typeof issuer === "string"
        ? Effect.succeed(issuer)
        : Effect.fail(new Unauthorized({ reason: "claim" }))
  )
