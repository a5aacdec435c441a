import { Clock, Data, Effect, Redacted, Schema } from "effect"
import type { OAuth2Provider } from "../../domain/Provider.ts"
import { Secret } from "../../domain/Sealed.ts"
import {
  AuthorizationFailed,
  type IssuedTokens,
  RefreshFailed
} from "../../ports/AuthorizationServerClient.ts"
import { Egress, type EgressError } from "../../ports/Egress.ts"
import { staticHeaders } from "../../programs/apiCredential.ts"
import { lifetimeOf } from "../tokenLifetime.ts"
import { appAssertion } from "./appAssertion.ts"

/** The API gave no answer that can be used. */
class GithubFailed extends Data.TaggedError("GithubFailed")<{
  /** Undefined where no answer came at all. */
  readonly status: number | undefined
  readonly cause?: EgressError
}> {}

/** A page of ten fits into what the way out reads of an answer, and nobody sees a hundred installations of one app. */
const perPage = 10
const mostPages = 10

const Installations = Schema.Struct({
  installations: Schema.Array(Schema.Struct({ id: Schema.Int }))
})
const InstallationToken = Schema.Struct({ token: Schema.NonEmptyString, expires_at: Schema.String })

const call = Effect.fnUntraced(function* <A>(
  { definition }: OAuth2Provider,
  request: {
    readonly method: "GET" | "POST"
    readonly path: string
    readonly bearer: string
    readonly sendBefore?: number
  },
  shape: Schema.Codec<A, unknown>
): Effect.fn.Return<A, GithubFailed, Egress> {
  const egress = yield* Egress
  const url = new URL(`${definition.api?.baseUrl ?? ""}${request.path}`)
  const answer = yield* Effect.mapError(
    egress.request({
      method: request.method,
      url,
      headers: {
        ...staticHeaders(definition.apiHeaders),
        authorization: `Bearer ${request.bearer}`
      },
      hosts: [url.host],
      ...(request.sendBefore !== undefined && { sendBefore: request.sendBefore })
    }),
    (cause) => new GithubFailed({ status: undefined, cause })
  )
  const failed = () => new GithubFailed({ status: answer.ok ? 502 : answer.status })
  if (!answer.ok) return yield* failed()
  const body = yield* Effect.tryPromise({
    try: (): Promise<unknown> => answer.json(),
    catch: failed
  })
  return yield* Effect.mapError(Schema.decodeUnknownEffect(shape)(body), failed)
})

/**
 * Whether the person who consented may see the installation that the callback names: anybody could have written its number
 * into the address (docs.github.com, "List app installations accessible to the user access token").
 */
const maySee = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  userToken: Secret,
  installationId: string
) {
  for (let page = 1; page <= mostPages; page++) {
    const { installations } = yield* call(
      provider,
      {
        method: "GET",
        path: `/user/installations?per_page=${perPage}&page=${page}`,
        bearer: Redacted.value(userToken)
      },
      Installations
    )
    if (installations.some(({ id }) => String(id) === installationId)) return true
    if (installations.length < perPage) return false
  }
  return false
})

/** A token of the installation, by the app's key (docs.github.com, "Create an installation access token for an app"). */
const installationToken = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  installationId: string,
  options: { readonly sendBefore?: number } = {}
): Effect.fn.Return<IssuedTokens, GithubFailed, Egress> {
  const { appKey, clientId } = provider.client
  if (appKey === undefined) return yield* new GithubFailed({ status: 401 })
  const now = yield* Clock.currentTimeMillis
  const bearer = yield* Effect.promise(() => appAssertion(clientId, appKey, Math.floor(now / 1000)))
  const body = yield* call(
    provider,
    {
      method: "POST",
      path: `/app/installations/${encodeURIComponent(installationId)}/access_tokens`,
      bearer,
      ...options
    },
    InstallationToken
  )
  return {
    accessToken: Secret(body.token),
    // What the next token is asked for with: not a secret, and kept like one.
    refreshToken: Secret(installationId),
    tokenType: "bearer",
    expiresIn: lifetimeOf(body.expires_at, "iso_date", now),
    scopes: [],
    response: Redacted.make(undefined),
    idTokenClaims: Redacted.make(undefined)
  }
})

/** The tokens of the installation in place of the person's, who is asked nothing more of. */
export const installationTokensOf = Effect.fnUntraced(
  function* (provider: OAuth2Provider, userToken: Secret, installationId: string | undefined) {
    if (installationId === undefined || !(yield* maySee(provider, userToken, installationId)))
      return yield* new AuthorizationFailed({ reason: "invalid_response" })
    return yield* installationToken(provider, installationId)
  },
  Effect.catchTag(
    "GithubFailed",
    ({ cause, status }) =>
      new AuthorizationFailed({
        reason:
          status === undefined || status === 429 || status >= 500
            ? "provider_unavailable"
            : "provider_error",
        cause
      })
  )
)

/** Another token of the installation. Asking twice does no harm, so no answer that was lost is one to worry about. */
export const renewedInstallationToken = (
  provider: OAuth2Provider,
  installationId: Secret,
  options: { readonly sendBefore: number }
): Effect.Effect<IssuedTokens, RefreshFailed, Egress> =>
  Effect.mapError(
    installationToken(provider, Redacted.value(installationId), options),
    ({ status }) => new RefreshFailed({ reason: reasonOf(status) })
  )

const reasonOf = (status: number | undefined): RefreshFailed["reason"] => {
  // Uninstalled.
  if (status === 404) return "invalid_grant"
  if (status === 429) return "rate_limited"
  return status === 401 || status === 403 ? "client_refused" : "unavailable"
}
