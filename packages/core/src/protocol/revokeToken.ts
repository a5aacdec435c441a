import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { Secret, TenantFields } from "../model/index.ts"
import type { OAuth2Definition, OAuth2Provider, Revocation } from "../provider/index.ts"
import { Egress } from "../services/index.ts"
import { staticHeaders, tokenCredential, userAgentHeader } from "./apiCredential.ts"
import { type GrantAtServer, RevocationFailed } from "./AuthorizationServerClient.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { namedError } from "./failures.ts"
import { normalizeTokenResponse } from "./normalizeTokenResponse.ts"
import { clientMetadata } from "./serverMetadata.ts"
import { allowsPlainHttp, type Exchanged, fetchOnce, type ReadAnswer } from "./tokenRequest.ts"
import { ownParameters, type VendorRequestFormat } from "./vendorRequest.ts"

/** One revocation request (RFC 7009), or the vendor's equivalent. */
export const revokeToken = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  { endpoint, fields, server: at }: GrantAtServer,
  token: Secret,
  hint: "access_token" | "refresh_token"
): Effect.fn.Return<void, RevocationFailed, Egress> {
  const { definition } = provider
  const { revocation } = definition
  if (revocation === undefined || revocation.ends === "none") return
  const egress = yield* Egress
  const { exchanged, fetch } = yield* fetchOnce(
    egress,
    endpoint,
    readRevocationAnswer,
    revocationRequestFormat(definition, revocation, fields)
  )
  yield* Effect.tryPromise({
    try: async (signal) => {
      const answer = await oauth.revocationRequest(
        { issuer: at.issuer, revocation_endpoint: endpoint },
        clientMetadata(at),
        revocation.authentication === "token"
          ? byToken(definition, token)
          : clientAuthentication(provider, at, revocation.clientAuthentication),
        Redacted.value(token),
        {
          additionalParameters: [
            ...hintParameter(revocation, hint),
            ...ownParameters(revocation.parameters, at, fields)
          ],
          signal,
          [oauth.customFetch]: fetch,
          [oauth.allowInsecureRequests]: allowsPlainHttp(endpoint)
        }
      )
      await oauth.processRevocationResponse(answer)
    },
    catch: (cause) =>
      hasNothingToDo(definition, cause) ? undefined : revocationFailure(exchanged())
  }).pipe(Effect.catch((failure) => (failure === undefined ? Effect.void : Effect.fail(failure))))
})

/** The token authenticates the request, as for the API. */
const byToken =
  (definition: OAuth2Definition, accessToken: Secret): oauth.ClientAuth =>
  (_server, _client, _body, headers) => {
    const carried = tokenCredential(definition, { accessToken, dpopKey: undefined })
    for (const [name, value] of Object.entries(carried.headers)) headers.set(name, value)
  }

const hintParameter = (
  { sendsHint, tokenParameter }: Revocation,
  hint: string
): Array<[string, string]> =>
  sendsHint === false || tokenParameter === "none" ? [] : [["token_type_hint", hint]]

const revocationRequestFormat = (
  definition: OAuth2Definition,
  { encoding, headers, method, parameterNames: own, parameters = {}, tokenParameter }: Revocation,
  values: TenantFields
): VendorRequestFormat => ({
  encoding,
  flags: Object.keys(parameters).filter((name) => parameters[name] === true),
  headers: { ...userAgentHeader(definition, values), ...staticHeaders(headers) },
  method,
  omits: tokenParameter === "none" ? ["token"] : [],
  names: {
    ...definition.parameterNames,
    ...own,
    ...(tokenParameter !== undefined && { token: tokenParameter })
  }
})

/** The body of a success is ignored (RFC 7009 §2.2), unless it says that the request failed. */
const readRevocationAnswer: ReadAnswer = async (answer, nowMs) => {
  const { body, response } = await normalizeTokenResponse({}, answer, nowMs)
  return answer.ok && body?.["ok"] !== false && typeof body?.["error"] !== "string"
    ? new Response()
    : response
}

/**
 * Nothing is left to revoke: the server cannot revoke tokens of this type (RFC 7009 §2.2.1), or the token was already
 * invalid. The response to that should be 200; Google sends this error, and others have their own.
 */
const hasNothingToDo = (definition: OAuth2Definition, cause: unknown): boolean =>
  cause instanceof oauth.ResponseBodyError &&
  (cause.error === "unsupported_token_type" ||
    cause.error === "invalid_token" ||
    namedError(definition, cause) === "terminal")

const revocationFailure = ({ egressError, retryAfter, status = 0 }: Exchanged): RevocationFailed =>
  new RevocationFailed({
    retryable: egressError !== undefined || status === 429 || status >= 500,
    retryAfter
  })
