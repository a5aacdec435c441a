import { Cause, Effect } from "effect"
import { authKindOf, type OpenedCredential } from "../auth/index.ts"
import {
  type AccessToken,
  type AccessTokenError,
  ConfigurationError,
  Misconfigured,
  ProviderUnavailable,
  RateLimited,
  type StorageUnavailable,
  UrlNotAllowed,
  type ValidationError,
  type IntegrationKey
} from "../model/index.ts"
import { headersOfConnection, staticHeaders } from "../protocol/index.ts"
import {
  type ApiKeyProvider,
  beginsByConsent,
  type ConfiguredProvider,
  type FieldValues,
  type GrantProvider,
  reportingEndpoints
} from "../provider/index.ts"
import { type Egress, type SecurityLog, program } from "../services/index.ts"
import {
  accessToken,
  type AccessTokenServices,
  ClientTokens,
  type ClientAccessToken,
  keyOfConnection,
  RefusedTokens,
  TokenCache,
  usableProvider
} from "../token/index.ts"
import { type ApiAnswer, type ApiCall, apiCall, discard } from "./apiCall.ts"
import { type ApiRequest, apiRequest, isRequest, requestInit } from "./apiRequest.ts"
import { apiOrigins, apiTarget } from "./apiTarget.ts"
import { judgeAnswer } from "./expiredAnswer.ts"
import { clearWithdrawal, suspectWithdrawal, type WithdrawalServices } from "./withdrawal.ts"

export interface AuthorizedFetchOptions {
  /** Milliseconds until the headers of the answer must be there. Default 30,000. */
  readonly headersTimeoutMs?: number | undefined
}

/** Why there is no answer of the API's: no credential, no way there, or a call that may not be made. */
export type AuthorizedFetchError =
  | AccessTokenError
  | ConfigurationError
  | UrlNotAllowed
  | ValidationError

export type AuthorizedFetchServices = AccessTokenServices | Egress | WithdrawalServices

/**
 * Calls the provider's API for a tenant: `input` is a path below the definition's base URL, an absolute URL of the API or a
 * `Request`, `init` as for fetch (`method`, `headers`, `body`, `redirect` and `signal`, which interrupts). The credential is added as
 * the definition says, and sent to the API's own hosts only. A refused token is refreshed once and the request
 * repeated, unless its body is a stream. Every answer of the API is a success, whatever its status.
 *
 * A token that the API refuses, while a refresh was only put off, is not an answer: the error says when to try again, and has the
 * 401 as its cause.
 *
 * Fails as `accessToken` does; with `UrlNotAllowed`; with `ProviderUnavailable` if no answer came; with
 * `ValidationError` if fetch would not take `init`; with `ConfigurationError` if the definition has no `api`.
 */
export const authorizedFetch = program("Hawser.authorizedFetch")(function* (
  connection: IntegrationKey,
  input: string | URL | Request,
  init: RequestInit = {},
  options: AuthorizedFetchOptions = {}
): Effect.fn.Return<Response, AuthorizedFetchError, AuthorizedFetchServices> {
  const provider = yield* usableProvider(connection)
  const target = isRequest(input) ? input.url : input
  const sendAs =
    (request: ApiRequest) =>
    ({ carry, fields }: Carrying) =>
      sendTo(provider, target, fields, request, carry, options).pipe(
        reportingEndpoints(connection),
        Effect.catchTag(
          "EndpointNotAllowed",
          () => new Misconfigured({ provider: provider.id, reason: "endpoint_not_allowed" })
        )
      )
  const call = Effect.gen(function* () {
    const request = yield* apiRequest(input, init)
    const send = sendAs(request)
    if (beginsByConsent(provider)) return yield* callWithToken(provider, connection, request, send)
    return yield* callWithKey(provider, connection, request, send)
  })
  const { signal } = requestInit(input, init)
  if (signal === undefined || signal === null) return yield* call
  return yield* Effect.raceFirst(call, interruptionBy(signal))
})

/** The fields of a connection, and what its requests carry. */
interface Carrying {
  readonly fields: FieldValues
  readonly carry: ApiCall["carry"]
}

type Send = (
  carrying: Carrying
) => Effect.Effect<
  ApiAnswer,
  ConfigurationError | Misconfigured | UrlNotAllowed | ProviderUnavailable,
  Egress | SecurityLog
>

const callWithToken = Effect.fnUntraced(function* (
  provider: GrantProvider,
  connection: IntegrationKey,
  request: ApiRequest,
  send: Send
) {
  const { use } = authKindOf(provider)
  const sendWith = (token: AccessToken) =>
    send({
      fields: token.fields,
      carry: (to) => use(provider, { fields: token.fields, token }, to)
    })
  const token = yield* accessToken(connection)
  const { carried, expired, response } = yield* judgeAnswer(
    provider.definition,
    yield* sendWith(token)
  )
  // An answer to a request without the token says nothing of the token.
  if (!carried) return response
  if (!expired) {
    if (response.ok && token.withdrawal !== undefined)
      yield* keepingAnswer(clearWithdrawal(provider, connection, token))
    return response
  }
  const next = yield* replaceRejectedToken(connection, token).pipe(
    Effect.mapError((error) => causedBy(response, error)),
    Effect.onError(() => discard(response))
  )
  if (next === "none")
    yield* keepingAnswer(suspectWithdrawal(provider, connection, token, response.headers))
  if (typeof next === "string" || request.body instanceof ReadableStream) return response
  yield* discard(response)
  return (yield* sendWith(next)).response
})

const callWithKey = Effect.fnUntraced(function* (
  provider: ApiKeyProvider,
  connection: IntegrationKey,
  request: ApiRequest,
  send: Send
) {
  const { fields, key } = yield* keyOfConnection(connection)
  const { definition } = provider
  const { renew, use } = authKindOf(provider)
  const sendWith = (token: OpenedCredential["token"]) =>
    send({ fields, carry: (to) => use(provider, { fields, token }, to) })
  if (renew === undefined) return (yield* sendWith(undefined)).response
  const tokens = yield* ClientTokens
  const token = yield* tokens.get(provider, key, fields)
  const sendToken = ({ accessToken }: ClientAccessToken) =>
    sendWith({ accessToken, dpopKey: undefined })
  const { expired, response } = yield* judgeAnswer(definition, yield* sendToken(token))
  if (!expired) return response
  const refused = yield* RefusedTokens
  if (!(yield* refused.mayRefresh(connection, { ...token, grantId: key.id }))) return response
  yield* tokens.refused(key, token.generation)
  const next = yield* tokens.get(provider, key, fields).pipe(
    Effect.mapError((error) => causedBy(response, error)),
    Effect.onError(() => discard(response))
  )
  yield* refused.remember(connection, { ...next, grantId: key.id })
  if (request.body instanceof ReadableStream) return response
  yield* discard(response)
  return (yield* sendToken(next)).response
})

const isSame = (one: AccessToken, other: AccessToken): boolean =>
  one.grantId === other.grantId && one.generation === other.generation

/** The API's answer is the caller's, whatever becomes of what is noted of it. */
const keepingAnswer = <R>(noting: Effect.Effect<void, StorageUnavailable, R>) =>
  Effect.catchTag(noting, "StorageUnavailable", (error) =>
    Effect.logWarning("Could not store the API's verdict on a token.", Cause.fail(error))
  )

/** An error that says when to try again, with the refusal that it came of: its body may repeat what was sent. */
const causedBy = <E extends AccessTokenError>({ headers, status }: Response, error: E) => {
  const challenge = headers.get("www-authenticate")
  const cause = new Response(null, {
    status,
    headers: challenge === null ? {} : { "www-authenticate": challenge }
  })
  const { _tag } = error
  if (_tag === "ProviderUnavailable") {
    const { provider, retryAfter } = error
    return new ProviderUnavailable({ provider, retryAfter, cause })
  }
  if (_tag === "RateLimited") {
    const { provider, retryAfter } = error
    return new RateLimited({ provider, retryAfter, cause })
  }
  if (_tag === "Misconfigured") {
    const { provider, reason } = error
    return new Misconfigured({ provider, reason, cause })
  }
  return error
}

/**
 * The token to use in place of one that the API refused: what replaced it already, or what a refresh brings.
 * `refreshed` where a refresh has brought this very token, and `none` where it cannot be refreshed.
 */
const replaceRejectedToken = Effect.fnUntraced(function* (
  connection: IntegrationKey,
  rejected: AccessToken
) {
  const cache = yield* TokenCache
  yield* cache.forget(connection)
  const current = yield* accessToken(connection)
  if (!isSame(current, rejected)) return current
  const refused = yield* RefusedTokens
  if (!(yield* refused.mayRefresh(connection, rejected))) return "refreshed"
  const renewed = yield* accessToken(connection, { rejected })
  if (isSame(renewed, rejected)) return "none"
  yield* refused.remember(connection, renewed)
  return renewed
})

const sendTo = Effect.fnUntraced(function* (
  { definition, id }: ConfiguredProvider,
  input: string | URL,
  fields: FieldValues,
  request: ApiRequest,
  carry: ApiCall["carry"],
  { headersTimeoutMs }: AuthorizedFetchOptions
) {
  const { api, apiHeaders } = definition
  if (api === undefined) {
    return yield* new ConfigurationError({
      setting: `providers[${id}]`,
      problem: "The definition has no api, so its API cannot be called."
    })
  }
  const allowed = yield* apiOrigins(definition, api, fields)
  const url = apiTarget(allowed, input)
  if (typeof url === "string") return yield* new UrlNotAllowed({ provider: id, reason: url })
  return yield* apiCall({
    ...request,
    provider: id,
    url,
    allowed,
    carry,
    apiHeaders: staticHeaders(apiHeaders, fields),
    ownHeaders: headersOfConnection(apiHeaders),
    headersTimeoutMs
  })
})

const interruptionBy = (signal: AbortSignal): Effect.Effect<never> =>
  Effect.callback((resume) => {
    const interrupt = () => resume(Effect.interrupt)
    if (signal.aborted) interrupt()
    signal.addEventListener("abort", interrupt, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", interrupt))
  })
