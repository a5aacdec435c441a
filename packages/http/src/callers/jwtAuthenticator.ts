import { askHost, type ConfigurationError, type Egress } from "@hawser/core"
import { Effect } from "effect"
import { decodeJwt } from "jose"
import type { Claimed } from "../Claimed.ts"
import type { JwtAuthentication, JwtOptions, TenantOf } from "../jwt.ts"
import { AuthenticationUnavailable, Unauthorized } from "../requestErrors.ts"
import { claimsReader } from "./claims.ts"
import { refuseUnder } from "./refuse.ts"
import { tokenVerifier } from "./tokenVerifier.ts"

type Authenticate = (
  token: string
) => Effect.Effect<Claimed, Unauthorized | AuthenticationUnavailable>

/** Builds the verification of callers' tokens; see `jwt`. */
export const jwtAuthenticator = Effect.fnUntraced(function* (
  { issuers, tenantOf }: JwtAuthentication,
  { unsafelyAllowLoopback }: { readonly unsafelyAllowLoopback: boolean }
): Effect.fn.Return<Authenticate, ConfigurationError, Egress> {
  const [only] = issuers
  if (only === undefined) {
    return yield* refuseUnder("authenticate")("issuers", "Name at least one.")
  }
  if (tenantOf === undefined && issuers.length === 1) {
    return yield* issuerAuthenticator(only, undefined, "authenticate", unsafelyAllowLoopback)
  }
  if (typeof tenantOf !== "function") {
    return yield* refuseUnder("authenticate")(
      "tenantOf",
      "Say which tenant a token acts in: one issuer must not name the tenants of another."
    )
  }
  // Each issuer's tokens meet its own keys alone; a key id says nothing across issuers (S-52).
  const byIssuer = new Map<string, Authenticate>()
  for (const [index, options] of issuers.entries()) {
    const place = `authenticate.issuers[${index}]`
    if (byIssuer.has(options.issuer)) {
      return yield* refuseUnder(place)("issuer", `"${options.issuer}" is there twice.`)
    }
    const authenticate = yield* issuerAuthenticator(options, tenantOf, place, unsafelyAllowLoopback)
    byIssuer.set(options.issuer, authenticate)
  }
  return (token) =>
    Effect.flatMap(issuerOf(token), (issuer) => {
      const authenticate = byIssuer.get(issuer)
      return authenticate === undefined
        ? Effect.fail(new Unauthorized({ reason: "claim" }))
        : authenticate(token)
    })
})

const issuerAuthenticator = Effect.fnUntraced(function* (
  options: JwtOptions,
  tenantOf: TenantOf | undefined,
  place: string,
  unsafelyAllowLoopback: boolean
) {
  const verify = yield* tokenVerifier(options, refuseUnder(place), unsafelyAllowLoopback)
  const readClaims = claimsReader(options.claims ?? {})
  return (token: string) =>
    Effect.flatMap(verify(token), (claims) => {
      const claimed = readClaims(claims)
      if (tenantOf === undefined) return Effect.succeed(claimed)
      const { tenantId } = claimed
      return askHost({
        hook: "tenantOf",
        call: () =>
          tenantOf({
            issuer: options.issuer,
            tenantId: typeof tenantId === "string" ? tenantId : undefined,
            claims
          }),
        read: (tenant) => ({ ...claimed, tenantId: tenant })
      }).pipe(Effect.mapError((cause) => new AuthenticationUnavailable({ cause })))
    })
})

/** Whose token this claims to be, unverified: good for nothing but the choice of the keys that must have signed it. */
const issuerOf = (token: string): Effect.Effect<string, Unauthorized> =>
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
