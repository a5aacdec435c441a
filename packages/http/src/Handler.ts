import {
  askHost,
  type BrowserBinding,
  type ConnectionName,
  defaultName,
  findVisible,
  Forbidden,
  IntegrationId,
  isHookFailure,
  type ConfiguredProvider,
  hasRole,
  type Member,
  type OwnerKind,
  type Principal,
  ProviderRegistry,
  providerUsedBy,
  requireActor,
  requireActorOn,
  requireEnder,
  requireMember,
  requireReader,
  type Role,
  SecurityLog,
  type TenantId,
  UnusableAnswer,
  ValidationError
} from "@hawser/core"
import { Cause, Clock, Context, Effect, Layer, References, Schema, Tracer } from "effect"
import { errorResponse, replyResponse } from "./answers.ts"
import type { Bucket } from "./annotations.ts"
import { Authenticator, sessionPrincipal } from "./Authenticator.ts"
import { beginningPage } from "./beginningPage.ts"
import { type JsonObject, readForm, readJsonObject } from "./body.ts"
import { flowCookie } from "./cookies.ts"
import { type ErrorAnswer, errorAnswer, internalError, type WireError } from "./errorAnswer.ts"
import type {
  AnswerFunction,
  ClientAddress,
  HandlerRequest,
  HandlerResponse
} from "./HandlerRequest.ts"
import type { HttpSettings } from "./HttpSettings.ts"
import {
  makeOperations,
  type OperationServices,
  type Reply,
  usesOAuthClient
} from "./operations.ts"
import { addressKey, type Draw, makeRateLimit } from "./RateLimit.ts"
import {
  MethodNotAllowed,
  PrefetchRefused,
  RateLimitExceeded,
  RouteNotFound
} from "./requestErrors.ts"
import { makeReferenceDocuments } from "./referenceDocuments.ts"
import { makeRouteTable, type Route } from "./RouteTable.ts"
import { type Handler, webHandler } from "./webHandler.ts"

/** The handler and what belongs to it. */
export class HttpHandler extends Context.Service<
  HttpHandler,
  {
    readonly handle: Handler & { readonly answer: AnswerFunction }
    /** The `Set-Cookie` value that binds a flow to the browser, for a host that starts flows in process. */
    readonly flowCookie: (binding: BrowserBinding) => string
  }
>()("@hawser/http/HttpHandler") {
  static layer(settings: HttpSettings) {
    return Layer.effect(HttpHandler, makeHandler(settings))
  }
}

/** What the handler needs: the caller's identity, and what the programs of the core need. */
export type HandlerServices = Authenticator | OperationServices

/** What is known of a request so far, for its span and for the answer to an error. */
interface Progress {
  route: Route | undefined
  rateHeaders: Readonly<Record<string, string>>
}

/** An operation with its input's type forgotten: the table has decoded it by the same declaration. */
type AnyOperation = (input: never) => Effect.Effect<Reply<unknown>, WireError, OperationServices>

/**
 * Builds the handler of the contract. All that does not depend on a request (table, decoders, services) is made here,
 * once.
 *
 * The order of its checks is the contract's: 404 route, 405, 401, 429, 403, 404 provider, 415 and 413, 400, and then the
 * operation's own.
 */
export const makeHandler = Effect.fnUntraced(function* (
  settings: HttpSettings
): Effect.fn.Return<HttpHandler["Service"], never, HandlerServices> {
  const authenticator = yield* Authenticator
  const providers = yield* ProviderRegistry
  const securityLog = yield* SecurityLog
  const isTraced = (yield* Effect.tracer) !== Tracer.nativeTracer
  const services = yield* Effect.context<HandlerServices>()
  const run = Effect.runPromiseWith(
    // Spans that nobody collects are not made.
    isTraced ? services : Context.add(services, References.TracerEnabled, false)
  )
  const { rateLimit, reference } = settings
  const table = makeRouteTable(
    reference === undefined ? [] : yield* makeReferenceDocuments(reference)
  )
  const operations = makeOperations(settings)
  const clock = yield* Clock.Clock
  // Apart from each other: strangers' addresses must not crowd out tenants, nor traffic an admin who finishes a flow.
  const limits =
    rateLimit === false
      ? undefined
      : {
          tenant: makeRateLimit(rateLimit, clock),
          check: makeRateLimit(Math.ceil(rateLimit / checkShare), clock),
          ownCheck: makeRateLimit(Math.ceil(rateLimit / checkShare), clock),
          finish: makeRateLimit(rateLimit, clock),
          catalog: makeRateLimit(rateLimit, clock),
          callback: makeRateLimit(rateLimit, clock),
          refused: makeRateLimit(rateLimit, clock)
        }

  const { resolveSession } = settings
  const resolveSessionPrincipal = (request: HandlerRequest) =>
    resolveSession && sessionPrincipal(resolveSession, request)

  const matchRoute = Effect.fnUntraced(function* (request: HandlerRequest, progress: Progress) {
    const path = routePath(request.path, settings)
    if (path === undefined) return yield* new RouteNotFound()
    const match = table.match(request.method, path)
    if (match._tag === "Nothing") return yield* new RouteNotFound()
    if (match._tag === "ReferenceDocument") return match
    progress.route = match.route
    if (match._tag === "OtherMethods") return yield* new MethodNotAllowed({ allow: match.allow })
    return match
  })

  /**
   * Only what is refused counts against an address, and only after it was verified: a valid token always passes, whoever
   * shares its address. So the limit bounds what a guesser learns and what it writes into the security log, not the number
   * of tokens that are verified.
   */
  const authenticate = (request: HandlerRequest) =>
    Effect.tapError(
      authenticator.authenticate(request),
      Effect.fnUntraced(function* (error) {
        if (error._tag !== "AuthenticationUnavailable") yield* admitAddress("refused", request)
        yield* error._tag === "Forbidden"
          ? securityLog.report({ type: "role_denied", reason: error.reason })
          : securityLog.report({
              type: "authentication_failed",
              reason: error._tag === "Unauthorized" ? error.reason : "unavailable"
            })
      })
    )

  const checkOrigin = Effect.fnUntraced(function* (
    request: HandlerRequest,
    tenantId: TenantId,
    body: Effect.Effect<JsonObject, unknown>
  ) {
    const origin = request.header("origin")
    const page = yield* beginningPage(settings.appOrigins, origin, tenantId, body)
    if (page !== undefined) return page
    yield* securityLog.report({ type: "origin_denied" })
    return yield* new Forbidden({ reason: "origin" })
  })

  /** Whoever no tenant is known of is limited by address, if the mount knows one. */
  const admitAddress = Effect.fnUntraced(function* (
    bucket: Bucket | "refused",
    request: HandlerRequest
  ) {
    if (limits === undefined) return
    const address = yield* clientAddress(request.address)
    if (address === undefined) return
    const draw = limits[bucket].draw(addressKey(address))
    if (!draw.allowed) return yield* new RateLimitExceeded(draw)
  })

  /**
   * What a call counts on. A count that is kept apart for those who may do it with what the tenant owns is spent by nobody else:
   * not by who may not, and not by users with what they own. Those who have a provider asked have a count of their own besides.
   */
  const countsFor = (route: Route, meant: ConnectionTarget, principal: Principal) => {
    if (limits === undefined) return []
    const { tenantId, userId } = principal
    if (hasRole(principal, route.role as Role)) return [[limits[route.bucket], tenantId] as const]
    const isOwnCheck = route.bucket === "check" && hasRole(principal, roleFor(route, meant))
    return [
      [limits.tenant, tenantId] as const,
      ...(isOwnCheck ? [[limits.ownCheck, JSON.stringify([tenantId, userId])] as const] : [])
    ]
  }

  /** The caller, in the contract's order: 401, 429, 403. */
  const admit = Effect.fnUntraced(function* (
    route: Route,
    meant: ConnectionTarget,
    request: HandlerRequest,
    progress: Progress
  ) {
    if (route.role === "public") {
      yield* admitAddress(route.bucket, request)
      return route.forBrowsers && isPrefetch(request) ? yield* new PrefetchRefused() : undefined
    }
    const principal = yield* authenticate(request)
    for (const [count, key] of countsFor(route, meant, principal)) {
      const draw = count.draw(key)
      progress.rateHeaders = rateHeaders(draw)
      if (!draw.allowed) return yield* new RateLimitExceeded(draw)
    }
    const caller = yield* requireMember(principal)
    if (meant.integrationId !== undefined) return { caller }
    switch (route.right) {
      case "see":
        return { caller, reader: yield* requireReader(caller, meant.owner) }
      case "act":
      case "end":
        return { caller, actor: yield* requireActor(caller, meant.owner) }
      case undefined:
        return { caller }
    }
  })

  /** The connection whose id stands in the path, and the right to do with it what the operation does. */
  const reach = Effect.fnUntraced(function* (
    { right }: Route,
    caller: Member,
    { integrationId }: ConnectionTarget
  ) {
    if (integrationId === undefined) return undefined
    const integration = yield* findVisible(caller, integrationId)
    switch (right) {
      case "act":
        return { integration, actor: yield* requireActorOn(caller, integration) }
      case "end":
        return { integration, actor: yield* requireEnder(caller, integration) }
      case "see":
      case undefined:
        return { integration, actor: undefined }
    }
  })

  /** The configured provider, or, for an operation that speaks to it, as the tenant uses it. */
  const findProvider = ({ name }: Route, tenantId: TenantId, id: string) => {
    const found = providers.getFor(tenantId, id)
    return usesOAuthClient(name)
      ? Effect.flatMap(found, (provider) => providerUsedBy(tenantId, provider))
      : found
  }

  const perform = Effect.fnUntraced(function* (request: HandlerRequest, progress: Progress) {
    const match = yield* matchRoute(request, progress)
    if (match._tag === "ReferenceDocument") {
      yield* admitAddress("catalog", request)
      return match.document.response
    }
    const { parameters, route } = match
    const inUrl = new URLSearchParams(request.query)
    const meant = readMeant(route, parameters, inUrl)
    const admitted = yield* admit(route, meant, request, progress)
    const caller = admitted?.caller
    const read = readJsonObject(request)
    const readBody = route.checksOrigin ? yield* Effect.cached(read) : read
    const page =
      caller === undefined || !route.checksOrigin
        ? undefined
        : yield* checkOrigin(request, caller.tenantId, readBody)
    const reached = caller && (yield* reach(route, caller, meant))
    const named = reached?.integration.provider ?? parameters["provider"]
    const provider =
      caller === undefined || named === undefined
        ? undefined
        : yield* findProvider(route, caller.tenantId, named)
    const search = route.readsForm ? yield* readForm(request) : inUrl
    const body =
      route.decodePayload === undefined || route.readsForm
        ? undefined
        : relevant(yield* readBody, route, provider)

    const query = yield* readQuery(route, search)
    if (meant.integrationId !== undefined) yield* refuseOtherNames(search)
    const payload =
      body === undefined ? undefined : yield* route.decodePayload?.(body) ?? Effect.void
    const operation = operations[route.name] as AnyOperation
    const { header } = request
    const session = route.forBrowsers ? resolveSessionPrincipal(request) : undefined
    const input = {
      caller,
      reader: admitted?.reader,
      actor: reached?.actor ?? admitted?.actor,
      integration: reached?.integration,
      name: reached?.integration.name ?? nameIn(query),
      provider,
      parameters,
      query,
      payload,
      search,
      header,
      session,
      page
    }
    const reply = yield* operation(input as never)
    return replyResponse(route, reply, progress.rateHeaders)
  })

  const respond = (request: HandlerRequest, progress: Progress) => {
    const failed = (error: ErrorAnswer) =>
      errorResponse(error, {
        route: progress.route,
        accept: request.header("accept"),
        appUrl: settings.appUrl,
        headers: progress.rateHeaders
      })
    const logged = (known: ErrorAnswer, cause: Cause.Cause<unknown>) =>
      Effect.as(
        Effect.logError(
          "An operation failed.",
          // The cause of what a function of the host's did stands in a line of its own.
          isHookFailure(Cause.squash(cause)) ? Cause.empty : cause,
          { operation: progress.route?.name, requestId: known.body.requestId }
        ),
        failed(known)
      )
    return perform(request, progress).pipe(
      Effect.catch((error) => {
        const known = errorAnswer(error, progress.route?.name)
        return known.body.requestId === undefined
          ? Effect.succeed(failed(known))
          : logged(known, Cause.fail(error))
      }),
      Effect.catchCause((cause) => logged(internalError(), cause))
    )
  }

  /** The span of a request has nothing in it that the request says. */
  const traced = (request: HandlerRequest, progress: Progress) =>
    respond(request, progress).pipe(
      Effect.tap(({ status }) =>
        Effect.annotateCurrentSpan({
          "hawser.operation": progress.route?.name,
          "http.response.status_code": status
        })
      ),
      // Its own trace, and not that of the start.
      Effect.withSpan(
        "Hawser.request",
        { kind: "server", root: true },
        { captureStackTrace: false }
      )
    )

  const wholeCatalog = table.match("GET", catalogPath)
  const preparedCatalog =
    wholeCatalog._tag === "Route"
      ? replyResponse(
          wholeCatalog.route,
          yield* Effect.orDie(operations.catalog({ query: {} } as never)),
          {}
        )
      : undefined

  /**
   * The whole catalogue is the same for everybody until the next start, and needs nothing but the count of its address. Without
   * a fibre and with its text prepared it takes a quarter of the CPU. Undefined for all other requests, and for one that the count
   * refuses: it is told so like every other.
   */
  const catalogAtOnce = (request: HandlerRequest): HandlerResponse | undefined => {
    const { method, path, query } = request
    if (method !== "GET" || query !== "" || routePath(path, settings) !== catalogPath)
      return undefined
    if (limits === undefined) return preparedCatalog
    const { address } = request
    // A host's function has a door of its own.
    if (typeof address === "object") return undefined
    if (address === undefined) return preparedCatalog
    return limits.catalog.draw(addressKey(address)).allowed ? preparedCatalog : undefined
  }

  const respondTo = isTraced ? traced : respond
  const handle = webHandler((request) => {
    const prepared = isTraced ? undefined : catalogAtOnce(request)
    return prepared === undefined
      ? run(respondTo(request, { route: undefined, rateHeaders: {} }))
      : Promise.resolve(prepared)
  })

  return {
    handle,
    flowCookie: (binding) => flowCookie(binding, settings.secureCookies)
  }
})

const catalogPath = "/v1/integrations/catalog"

/** What a call means, as far as it must be known before its query is checked. */
interface ConnectionTarget {
  readonly owner: OwnerKind
  /** The id in the place of the provider. */
  readonly integrationId: IntegrationId | undefined
}

const isIntegrationId = Schema.is(IntegrationId)

const readMeant = (
  { right, takesIntegrationId }: Route,
  { provider }: Readonly<Record<string, string>>,
  search: URLSearchParams
): ConnectionTarget => {
  if (right === undefined) return { owner: "tenant", integrationId: undefined }
  const [owner, ...others] = search.getAll("owner")
  return {
    // What is neither is refused where queries are checked, by the rules of the tenant's own.
    owner: owner === "user" && others.length === 0 ? "user" : "tenant",
    integrationId: takesIntegrationId && isIntegrationId(provider) ? provider : undefined
  }
}

/** Users may do to their own what the tenant's asks an admin for, and an id tells whose it is only once it is looked up. */
const roleFor = ({ role }: Route, { integrationId, owner }: ConnectionTarget): Role =>
  role === "admin" && owner === "tenant" && integrationId === undefined ? "admin" : "member"

const naming = ["owner", "name"]

/** An id says owner and name already. */
const refuseOtherNames = (search: URLSearchParams): Effect.Effect<void, ValidationError> => {
  const details = naming
    .filter((path) => search.has(path))
    .map((path) => ({ path, code: "not_allowed" as const }))
  return details.length === 0 ? Effect.void : Effect.fail(new ValidationError({ details }))
}

const nameIn = (query: unknown): ConnectionName =>
  (query as { readonly name?: ConnectionName } | undefined)?.name ?? defaultName

/**
 * The path of the contract that a request is for, relative to the base path. A callback path of the host's choice stands
 * for its own provider's; it is compared whole, because it need not be under the base path.
 */
const routePath = (
  pathname: string,
  { basePath, callbackPaths }: HttpSettings
): string | undefined => {
  const provider = callbackPaths?.get(pathname)
  if (provider !== undefined) return `/v1/integrations/${provider}/callback`
  const [, path = "", context] = ownRedirectUri.exec(pathname) ?? []
  const ofTenants = callbackPaths?.get(path)
  if (ofTenants !== undefined) return `/v1/integrations/${ofTenants}/callback/${context}`
  return pathname.startsWith(basePath) ? pathname.slice(basePath.length) : undefined
}

/** A callback path, and below it what ends the redirect URI of a tenant with a client of its own. */
const ownRedirectUri = /^(.+)\/([\w-]{22})$/

/**
 * Whether a browser fetches a page that its user has not opened: `Sec-Purpose: prefetch` of the Fetch standard, with
 * parameters for a prerender, and what came before it in Chromium and Firefox.
 */
const isPrefetch = ({ header }: HandlerRequest): boolean =>
  ["sec-purpose", "purpose", "x-moz"].some((name) =>
    header(name)
      ?.split(/[,;]/)
      .some((token) => token.trim().toLowerCase() === "prefetch")
  )

const clientAddress = (
  address: string | ClientAddress | undefined
): Effect.Effect<string | undefined> =>
  typeof address !== "object"
    ? Effect.succeed(address)
    : askHost({
        hook: address.setting,
        call: address.ask,
        read: (answer) => {
          if (answer === undefined || typeof answer === "string") return answer
          throw new UnusableAnswer("Answer an address or undefined.")
        }
      }).pipe(Effect.orElseSucceed(() => address.peer))

/** Of a tenant's calls, one in so many may ask a provider about a key. */
const checkShare = 20

const rateHeaders = ({ limit, remaining, reset }: Draw) => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": String(reset)
})

/** The body without the member that this provider's auth type does not use. */
const relevant = (
  body: JsonObject,
  route: Route,
  provider: ConfiguredProvider | undefined
): JsonObject => {
  const ignored = provider === undefined ? undefined : route.ignoredMember(provider)
  if (ignored === undefined || !Object.hasOwn(body, ignored)) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== ignored))
}

/** Parameters must not repeat (RFC 6749 §3.1): who reads the first and who the last would disagree. */
const readQuery = Effect.fnUntraced(function* (route: Route, search: URLSearchParams) {
  if (route.decodeQuery === undefined && !route.readsForm) return undefined
  // Most requests have no parameters, and none is required.
  if (search.size === 0) return {}
  // Of what a browser brings back all of it counts; elsewhere what is not declared is other people's.
  const names = [...search.keys()].filter(
    (name) => route.forBrowsers || route.queryNames.includes(name)
  )
  if (new Set(names).size !== names.length) {
    return yield* new ValidationError({ details: [{ path: "query", code: "invalid" }] })
  }
  return route.decodeQuery === undefined
    ? undefined
    : yield* route.decodeQuery(Object.fromEntries(search))
})
