import {
  type ConfigurationError,
  type Egress,
  Forbidden,
  Principal,
  Role,
  TenantId,
  UserId
} from "@hawser/core"
import { Context, Effect, Predicate, Schema } from "effect"
import type { Claimed } from "./Claimed.ts"
import { type JwtAuthentication, jwtAuthenticator } from "./jwt.ts"
import { AuthenticationUnavailable, Unauthorized } from "./requestErrors.ts"

/** What is wrong with a caller. */
export type AuthenticationError = Unauthorized | Forbidden | AuthenticationUnavailable

/** Makes the verified caller of a request. From then on, nothing else names a tenant. */
export class Authenticator extends Context.Service<
  Authenticator,
  {
    readonly authenticate: (request: Request) => Effect.Effect<Principal, AuthenticationError>
  }
>()("@hawser/http/Authenticator") {}

/** A caller as a host's own function names it. */
export interface Caller {
  readonly tenantId: string
  readonly userId: string
  readonly roles: ReadonlyArray<Role>
}

/**
 * A host's own authentication. It is asked only about requests that carry `Authorization: Bearer …`, so that a cookie
 * alone never authenticates (S-08); null means that the token is not valid. It gets the request without its body.
 */
export type AuthenticateFunction = (request: Request) => Promise<Caller | null>

/** How a host's callers are authenticated: `jwt({…})`, or a function of its own. */
export type Authentication = JwtAuthentication | AuthenticateFunction

/**
 * Builds the authenticator, once. Fails with `ConfigurationError` on settings that cannot be safe; plain http on loopback,
 * for key sets, must be asked for.
 */
export const makeAuthenticator = (
  authentication: Authentication,
  options: { readonly unsafelyAllowLoopback: boolean }
): Effect.Effect<Authenticator["Service"], ConfigurationError, Egress> =>
  typeof authentication === "function"
    ? Effect.succeed(authenticatorOf((_, request) => askHost(authentication, request)))
    : Effect.map(jwtAuthenticator(authentication, options), authenticatorOf)

type Verify = (
  token: string,
  request: Request
) => Effect.Effect<Claimed, Unauthorized | AuthenticationUnavailable>

/** RFC 6750 §2.1: the scheme in any case, one space, one token. */
const bearer = /^Bearer +([\w.~+/-]+=*)$/i

const authenticatorOf = (verify: Verify): Authenticator["Service"] => ({
  authenticate: Effect.fnUntraced(function* (request) {
    const header = request.headers.get("authorization")
    if (header === null) return yield* new Unauthorized({ reason: "no_token" })
    const token = bearer.exec(header)?.[1]
    if (token === undefined) return yield* new Unauthorized({ reason: "malformed" })
    return yield* principalOf(yield* verify(token, request))
  })
})

/** For functions of the host's: one that read the body would leave none for the operation. */
export const withoutBody = ({ headers, url }: Request): Request =>
  new Request(url, { method: "GET", headers })

const askHost = (authenticate: AuthenticateFunction, request: Request) =>
  Effect.flatMap(
    Effect.tryPromise({
      try: async () => authenticate(withoutBody(request)),
      catch: (cause) => new AuthenticationUnavailable({ cause })
    }),
    (caller) =>
      Predicate.isObject(caller)
        ? Effect.succeed<Claimed>(caller)
        : Effect.fail(new Unauthorized({ reason: "refused_by_host" }))
  )

const isTenantId = Schema.is(TenantId)
const isUserId = Schema.is(UserId)
const isRole = Schema.is(Role)

/** The person that a host's own session names, by the same exact rules; undefined for anything less. */
export const sessionPrincipal = (claimed: Caller | null): Effect.Effect<Principal | undefined> =>
  Predicate.isObject(claimed)
    ? Effect.orElseSucceed(principalOf(claimed), () => undefined)
    : Effect.undefined

/** Exact types only (S-55): a user who is known but has no tenant is refused with 403, one without a role later. */
const principalOf = Effect.fnUntraced(function* ({ roles, tenantId, userId }: Claimed) {
  if (!isUserId(userId)) return yield* new Unauthorized({ reason: "no_user" })
  if (!isTenantId(tenantId)) return yield* new Forbidden({ reason: "no_tenant" })
  return new Principal({
    tenantId,
    userId,
    roles: Array.isArray(roles) ? roles.filter(isRole) : []
  })
})
