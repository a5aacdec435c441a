import {
  askHost,
  type ConfigurationError,
  type Egress,
  Forbidden,
  type HostFunction,
  Principal,
  Role,
  type SignedIn,
  TenantId,
  UserId
} from "@hawser/core"
import { Context, Effect, Predicate, Schema } from "effect"
import type { Caller, Claimed } from "./callers/Caller.ts"
import { jwtAuthenticator } from "./callers/jwtAuthenticator.ts"
import { checkSession } from "./callers/optionChecks.ts"
import type { SessionAuthentication } from "./callers/session.ts"
import type { HandlerRequest } from "./HandlerRequest.ts"
import type { JwtAuthentication } from "./jwt.ts"
import { AuthenticationUnavailable, Unauthorized } from "./requestErrors.ts"

/** What is wrong with a caller. */
export type AuthenticationError = Unauthorized | Forbidden | AuthenticationUnavailable

/** Makes the verified caller of a request. From then on, nothing else names a tenant. */
export class Authenticator extends Context.Service<
  Authenticator,
  {
    readonly authenticate: (
      request: HandlerRequest
    ) => Effect.Effect<Principal, AuthenticationError>
  }
>()("@hawser/http/Authenticator") {}

export type { Caller } from "./callers/Caller.ts"

/**
 * A host's own authentication. It is asked only about requests that carry `Authorization: Bearer …`, so that a cookie
 * alone never authenticates; null means that the token is not valid. It gets the request without its body, and the
 * framework's own.
 */
export type AuthenticateFunction = (request: Request, native: unknown) => Promise<Caller | null>

/** How a host's callers are authenticated: `jwt({…})`, `session({…})`, or a function of its own. */
export type Authentication = JwtAuthentication | SessionAuthentication | AuthenticateFunction

/**
 * Builds the authenticator, once. Fails with `ConfigurationError` on settings that cannot be safe.
 */
export const makeAuthenticator = (
  authentication: Authentication
): Effect.Effect<Authenticator["Service"], ConfigurationError, Egress> => {
  if (typeof authentication === "function") {
    return Effect.succeed(
      bearerAuthenticator((_, request) => askForCaller("authenticate", authentication, request))
    )
  }
  return authentication._tag === "Session"
    ? sessionAuthenticator(authentication)
    : Effect.map(jwtAuthenticator(authentication), bearerAuthenticator)
}

type Verify = (
  token: string,
  request: HandlerRequest
) => Effect.Effect<Claimed, Unauthorized | AuthenticationUnavailable>

/** RFC 6750 §2.1: the scheme in any case, one space, one token. */
const bearer = /^Bearer +([\w.~+/-]+=*)$/i

const bearerAuthenticator = (verify: Verify): Authenticator["Service"] => ({
  authenticate: Effect.fnUntraced(function* (request) {
    const header = request.header("authorization")
    if (header === null) return yield* new Unauthorized({ reason: "no_token" })
    const token = bearer.exec(header)?.[1]
    if (token === undefined) return yield* new Unauthorized({ reason: "malformed" })
    return yield* verifiedPrincipal(yield* verify(token, request))
  })
})

/** A very old browser does not send the header, and is refused. */
const isSameOrigin = ({ headers }: Request): boolean =>
  headers.get("sec-fetch-site") === "same-origin"

const sessionAuthenticator = Effect.fnUntraced(function* (
  authentication: SessionAuthentication
): Effect.fn.Return<Authenticator["Service"], ConfigurationError> {
  const wrong = checkSession("authenticate", authentication)
  if (wrong !== undefined) return yield* wrong
  const { csrf = isSameOrigin, resolve } = authentication
  return {
    authenticate: Effect.fnUntraced(function* (request) {
      const fromOwnPage = yield* hostAnswer({
        hook: "session.csrf",
        call: () => csrf(request.toRequest(), request.native),
        // Not every host has types: a token in place of a comparison is not a check that passed.
        read: (answer) => answer === true
      })
      if (!fromOwnPage) return yield* new Unauthorized({ reason: "csrf" })
      return yield* verifiedPrincipal(yield* askForCaller("session.resolve", resolve, request))
    })
  }
})

/** What a function of the host's answers; while it gives no answer, callers cannot be told apart. */
const hostAnswer = <Answer>(
  asked: HostFunction<Answer>
): Effect.Effect<Answer, AuthenticationUnavailable> =>
  Effect.mapError(askHost(asked), (cause) => new AuthenticationUnavailable({ cause }))

const askForCaller = (
  hook: string,
  ask: (request: Request, native: unknown) => Caller | null | Promise<Caller | null>,
  { native, toRequest }: HandlerRequest
) =>
  Effect.flatMap(
    hostAnswer({ hook, call: () => ask(toRequest(), native), read: readCaller }),
    (caller) =>
      caller === undefined
        ? Effect.fail(new Unauthorized({ reason: "refused_by_host" }))
        : Effect.succeed(caller)
  )

/** Copied: what stands in an object of the host's may be something else, or throw, the next time. */
const readCaller = (answer: unknown): Claimed | undefined => {
  if (!Predicate.isObject(answer)) return undefined
  const { isImpersonated, roles, tenantId, userId } = answer as Partial<
    Record<keyof Claimed, unknown>
  >
  return {
    tenantId,
    userId,
    roles: Array.isArray(roles) ? [...(roles as Array<unknown>)] : [],
    // Whatever else stands there is not a no.
    isImpersonated: isImpersonated !== undefined && isImpersonated !== false
  }
}

const isTenantId = Schema.is(TenantId)
const isUserId = Schema.is(UserId)
const isRole = Schema.is(Role)

/**
 * The person whom a host's own session names, by the same exact rules. Null is `nobody`, whom a page may be told of; a throw,
 * silence and half an answer are undefined. With either a flow that asks for a person ends.
 */
export const sessionPrincipal = (
  resolveSession: (request: Request, native: unknown) => Promise<Caller | null>,
  { native, toRequest }: HandlerRequest
): Effect.Effect<SignedIn> =>
  askHost({
    hook: "resolveSession",
    call: () => resolveSession(toRequest(), native),
    read: (answer) => (answer === null ? ("nobody" as const) : readCaller(answer))
  }).pipe(
    Effect.flatMap((caller): Effect.Effect<SignedIn, Unauthorized | Forbidden> =>
      caller === undefined || caller === "nobody"
        ? Effect.succeed(caller)
        : verifiedPrincipal(caller)
    ),
    Effect.orElseSucceed(() => undefined)
  )

/** Exact types only: a user who is known but has no tenant is refused with 403, one without a role later. */
const verifiedPrincipal = Effect.fnUntraced(function* ({
  isImpersonated,
  roles,
  tenantId,
  userId
}: Claimed) {
  if (!isUserId(userId)) return yield* new Unauthorized({ reason: "no_user" })
  if (!isTenantId(tenantId)) return yield* new Forbidden({ reason: "no_tenant" })
  return new Principal(
    {
      tenantId,
      userId,
      roles: roles.filter(isRole),
      ...(isImpersonated && { isImpersonated })
    },
    // Each part has just been checked.
    { disableChecks: true }
  )
})
