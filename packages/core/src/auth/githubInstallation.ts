import { Cause, Clock, Effect, Option, Redacted, Schema } from "effect"
import { Base64 } from "effect/encoding"
import { type FlowTerms, isTokenText, Secret, TaggedError } from "../model/index.ts"
import {
  AuthorizationFailed,
  type IssuedTokens,
  parseLifetime,
  RefreshFailed,
  staticHeaders,
  unknownLifetime
} from "../protocol/index.ts"
import {
  askMayBind,
  type GithubAppProvider,
  scopesToPermissions,
  permissionsToScopes,
  secretUrl,
  within
} from "../provider/index.ts"
import { Egress, type EgressError } from "../services/index.ts"
import { appAssertion } from "./appAssertion.ts"

/** The API gave no usable response. */
class GithubFailed extends TaggedError("GithubFailed")<{
  /** Undefined if no answer came at all. */
  readonly status: number | undefined
  readonly cause?: EgressError
}> {}

/** Ten installations fit into 64 KiB, the most that the egress reads. No user sees a hundred installations of one app. */
const perPage = 10
const mostPages = 10

/** Digits of a positive number, compared as text. A number would be rounded past 2^53, and "1e3" is 1000 to `Number`. */
const Id = Schema.String.check(Schema.isPattern(/^[1-9]\d{0,19}$/))
const Login = Schema.NonEmptyString

const Installations = Schema.Struct({
  installations: Schema.Array(
    Schema.Struct({ id: Id, account: Schema.optionalKey(Schema.Unknown) })
  )
})
/** Only users and organizations decode: an enterprise has neither login nor type. */
const Owner = Schema.Struct({ id: Id, login: Login, type: Schema.String })
const Person = Schema.Struct({ id: Id, login: Login })
const Membership = Schema.Struct({
  state: Schema.String,
  role: Schema.String,
  organization: Schema.Struct({ id: Id })
})
const Permissions = Schema.Record(Schema.String, Schema.String)
const Installation = Schema.Struct({ id: Id, permissions: Permissions })
const InstallationToken = Schema.Struct({
  token: Schema.String.check(Schema.makeFilter(isTokenText)),
  expires_at: Schema.String,
  permissions: Permissions
})

/** Parses JSON and keeps ids as the digits that were sent. */
const parseWithIds = (text: string): unknown =>
  JSON.parse(text, (name, value: unknown, context?: { readonly source?: string }) => {
    if (name !== "id" || typeof value !== "number") return value
    return context?.source ?? (Number.isSafeInteger(value) ? String(value) : value)
  })

const call = Effect.fnUntraced(function* <A>(
  { definition }: GithubAppProvider,
  request: {
    readonly method: "GET" | "POST"
    readonly path: string
    readonly bearer: string
    readonly body?: object | undefined
    readonly sendBefore?: number
  },
  shape: Schema.Codec<A, unknown>
): Effect.fn.Return<A, GithubFailed, Egress> {
  const egress = yield* Egress
  // The app's API is the same for all tenants.
  const api = yield* Effect.mapError(
    secretUrl(definition, "api.baseUrl", {}),
    () => new GithubFailed({ status: 403 })
  )
  const url = new URL(`${api}${request.path}`)
  const answer = yield* Effect.mapError(
    egress.request({
      method: request.method,
      url,
      headers: {
        ...staticHeaders(definition.apiHeaders),
        ...(request.body !== undefined && { "content-type": "application/json" }),
        authorization: `Bearer ${request.bearer}`
      },
      hosts: [url.host],
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      ...(request.sendBefore !== undefined && { sendBefore: request.sendBefore })
    }),
    (cause) => new GithubFailed({ status: undefined, cause })
  )
  const failed = () => new GithubFailed({ status: answer.ok ? 502 : answer.status })
  if (!answer.ok) return yield* failed()
  const body = yield* Effect.tryPromise({
    try: async () => parseWithIds(await answer.text()),
    catch: failed
  })
  return yield* Effect.mapError(Schema.decodeUnknownEffect(shape)(body), failed)
})

/**
 * The installation that the callback names, if the person who consented may see it: anyone can put another id into the URL
 * (docs.github.com, "List app installations accessible to the user access token").
 */
const findInstallation = Effect.fnUntraced(function* (
  provider: GithubAppProvider,
  bearer: string,
  installationId: string
) {
  for (let page = 1; page <= mostPages; page++) {
    const { installations } = yield* call(
      provider,
      { method: "GET", path: `/user/installations?per_page=${perPage}&page=${page}`, bearer },
      Installations
    )
    const found = installations.find(({ id }) => id === installationId)
    if (found !== undefined) return found
    if (installations.length < perPage) return undefined
  }
  return undefined
})

/**
 * Whether the person is an active owner of the organization (docs.github.com, "Get an
 * organization membership for the authenticated user").
 */
const ownsOrganization = Effect.fnUntraced(function* (
  provider: GithubAppProvider,
  bearer: string,
  owner: typeof Owner.Type
) {
  const { organization, role, state } = yield* call(
    provider,
    { method: "GET", path: `/user/memberships/orgs/${encodeURIComponent(owner.login)}`, bearer },
    Membership
  )
  // The login may belong to another organization by now.
  return organization.id === owner.id && state === "active" && role === "admin"
})

/**
 * Whether the person may give access to the installation. Seeing it proves little: GitHub lists every installation with a
 * repository that the person can read, and its token opens all of its repositories.
 */
const isTheirsToGive = Effect.fnUntraced(function* (
  provider: GithubAppProvider,
  { tenantId, userId }: FlowTerms,
  bearer: string,
  installation: { readonly id: string; readonly account?: unknown }
) {
  const owner = Option.getOrUndefined(Schema.decodeUnknownOption(Owner)(installation.account))
  const person = call(provider, { method: "GET", path: "/user", bearer }, Person)
  if (provider.mayBind !== undefined) {
    return yield* askMayBind(provider.mayBind, {
      tenantId,
      userId,
      provider: provider.id,
      person: yield* person,
      installation: { id: installation.id, owner }
    })
  }
  if (owner?.type === "User") return (yield* person).id === owner.id
  if (owner?.type !== "Organization") return false
  return yield* Effect.catchIf(
    ownsOrganization(provider, bearer, owner),
    ({ status }) => status === 403 || status === 404,
    () =>
      Effect.as(
        Effect.logWarning(
          "GitHub does not say that this person owns the organization of the installation. If the person does, the app lacks the organization permission Members (read).",
          { provider: provider.id, tenantId }
        ),
        false
      )
  )
})

/** Longer than GitHub takes, and shorter than a person waits. */
const endsWithin = "3 seconds"

/**
 * Ends the person's token, which is not used again and can read what the person can (docs.github.com, "Delete an app
 * token"). Never fails: the installation is bound whether GitHub answers or not.
 */
const endPersonsToken = Effect.fnUntraced(function* (
  { client: { authentication, clientId }, definition, id }: GithubAppProvider,
  bearer: string
): Effect.fn.Return<void, never, Egress> {
  if (!("clientSecret" in authentication)) return
  const egress = yield* Egress
  const credentials = `${clientId}:${Redacted.value(authentication.clientSecret)}`
  yield* secretUrl(definition, "api.baseUrl", {}).pipe(
    Effect.map((api) => new URL(`${api}/applications/${encodeURIComponent(clientId)}/token`)),
    Effect.flatMap((url) =>
      egress.request({
        method: "DELETE",
        url,
        headers: {
          ...staticHeaders(definition.apiHeaders),
          "content-type": "application/json",
          authorization: `Basic ${Base64.encode(credentials)}`
        },
        hosts: [url.host],
        body: JSON.stringify({ access_token: bearer })
      })
    ),
    Effect.filterOrFail(
      // GitHub does not find a token that has ended already.
      ({ ok, status }) => ok || status === 404 || status === 422,
      ({ status }) => new GithubFailed({ status })
    ),
    Effect.interruptible,
    Effect.timeout(endsWithin),
    Effect.catch((error) =>
      Effect.logWarning(
        "The token of the person who installed a GitHub App could not be ended. It ends by itself, after 8 hours if the app has expiring tokens.",
        Cause.fail(error),
        { provider: id }
      )
    )
  )
})

/** One request for a token of the installation, by the app's key (docs.github.com, "Create an installation access token for an app"). */
const askForToken = Effect.fnUntraced(function* (
  provider: GithubAppProvider,
  installationId: string,
  scopes: ReadonlyArray<string>,
  options: { readonly sendBefore?: number }
): Effect.fn.Return<IssuedTokens, GithubFailed, Egress> {
  const body = yield* call(
    provider,
    {
      method: "POST",
      path: `/app/installations/${installationId}/access_tokens`,
      bearer: yield* signAppAssertion(provider),
      // Without explicit permissions GitHub grants all that the installation has now, and an owner may have approved more since.
      body: scopes.length === 0 ? undefined : { permissions: scopesToPermissions(scopes) },
      ...options
    },
    InstallationToken
  )
  return {
    accessToken: Secret(body.token),
    // The parameters of the next token request. They are not secret, but stored like a secret.
    refreshToken: Secret(installationId),
    tokenType: "bearer",
    expiresIn:
      parseLifetime(body.expires_at, "iso_date", yield* Clock.currentTimeMillis) ?? unknownLifetime,
    scopes: permissionsToScopes(body.permissions),
    response: Redacted.make(undefined),
    idTokenClaims: Redacted.make(undefined)
  }
})

const signAppAssertion = Effect.fnUntraced(function* ({ appKey, client }: GithubAppProvider) {
  const now = yield* Clock.currentTimeMillis
  return yield* Effect.promise(() => appAssertion(client.clientId, appKey, Math.floor(now / 1000)))
})

/** GitHub's response to permissions that the installation does not have. */
const isNotGranted = ({ status }: GithubFailed): boolean => status === 422

const isId = Schema.is(Id)

/** The installation's token instead of the person's, which is ended, whatever came of it. */
export const installationTokensOf = Effect.fnUntraced(
  function* (
    provider: GithubAppProvider,
    flow: FlowTerms,
    userToken: Secret,
    installationId: string | undefined
  ) {
    const bearer = Redacted.value(userToken)
    if (!isId(installationId)) return yield* new AuthorizationFailed({ reason: "invalid_response" })
    const installation = yield* findInstallation(provider, bearer, installationId)
    if (installation === undefined)
      return yield* new AuthorizationFailed({ reason: "invalid_response" })
    if (!(yield* isTheirsToGive(provider, flow, bearer, installation)))
      return yield* new AuthorizationFailed({ reason: "account_not_permitted" })
    return yield* Effect.catchIf(
      askForToken(provider, installationId, flow.scopes, {}),
      isNotGranted,
      () => Effect.fail(new AuthorizationFailed({ reason: "insufficient_scope" }))
    )
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
  ),
  (made, provider, _flow, userToken) =>
    Effect.ensuring(made, endPersonsToken(provider, Redacted.value(userToken)))
)

/**
 * A new token of the installation with the same permissions. Repeating the request is harmless, so a lost response is never
 * ambiguous.
 */
export const renewedInstallationToken = Effect.fnUntraced(
  function* (
    provider: GithubAppProvider,
    grant: { readonly scopes: ReadonlyArray<string> },
    installationId: Secret,
    options: { readonly sendBefore: number }
  ) {
    const id = Redacted.value(installationId)
    if (!isId(id)) return yield* new GithubFailed({ status: 400 })
    const configured = provider.scopes.length === 0 ? grant.scopes : provider.scopes
    const scopes = within(grant.scopes, configured)
    const ask = (asked: ReadonlyArray<string>) => askForToken(provider, id, asked, options)
    if (scopes.length === 0 && grant.scopes.length > 0)
      return yield* new GithubFailed({ status: 400 })
    return yield* Effect.catchIf(ask(scopes), isNotGranted, () =>
      Effect.gen(function* () {
        // The app lost a permission: the remaining ones stay.
        const { permissions } = yield* call(
          provider,
          {
            method: "GET",
            path: `/app/installations/${id}`,
            bearer: yield* signAppAssertion(provider),
            ...options
          },
          Installation
        )
        const left = within(scopes, permissionsToScopes(permissions))
        const suffices = provider.requiredScopes.every((scope) => left.includes(scope))
        return left.length > 0 && suffices
          ? yield* ask(left)
          : yield* new GithubFailed({ status: 422 })
      })
    )
  },
  Effect.mapError(({ status }) => new RefreshFailed({ reason: refreshFailureReason(status) }))
)

const refreshFailureReason = (status: number | undefined): RefreshFailed["reason"] => {
  // Uninstalled.
  if (status === 404) return "invalid_grant"
  if (status === 429) return "rate_limited"
  return status === 400 || status === 401 || status === 403 || status === 422
    ? "client_refused"
    : "unavailable"
}
