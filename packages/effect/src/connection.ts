import {
  type AccessToken,
  accessToken,
  apiKey,
  authorizedFetch,
  connect,
  type ConnectInput,
  ConnectionStore,
  defaultName,
  disconnect,
  type DurationInput,
  parseDuration,
  IntegrationId,
  type Integration,
  type IntegrationKey,
  listedIntegration,
  IntegrationNotFound,
  kindOfOwner,
  markRevoked,
  ownedBy,
  type OwnerKind,
  providerUsedBy,
  requestInit,
  swapCredential,
  tenantsOwn,
  testConnection,
  type tokensInMemory
} from "@hawser/core"
import type { HttpHandler } from "@hawser/http"
import { Duration, Effect, Option, Schema } from "effect"
import {
  type Acting,
  actorFor,
  checkDuration,
  checkName,
  checkTenantId,
  checkUserId,
  providerById,
  readerFor,
  requireUser
} from "./acting.ts"
import type { HawserServices, JobServices } from "./HawserLive.ts"
import {
  type IntegrationResult,
  integrationResult,
  StoredAccessToken,
  StoredApiKey,
  type TestResult,
  testResult
} from "./results.ts"

/** A flow that has begun: send the browser to `authorizationUrl`. */
export interface StartedFlow {
  readonly authorizationUrl: string
  readonly state: string
  /** For the binding `cookie`: the `Set-Cookie` header that the answer to the browser must carry. */
  readonly setCookie: string | undefined
}

/** What every begin of an OAuth2 flow takes. */
export interface FlowOptions {
  /** The page at which the flow ends. */
  readonly redirectUrl: string
  /** Values for the catalogue's `fields`, such as a subdomain. */
  readonly fields?: Readonly<Record<string, string>>
  /** Some of the configured scopes; default all. When reconnecting, those already granted are asked for besides. */
  readonly scopes?: ReadonlyArray<string>
}

export interface ReconnectOptions extends FlowOptions {
  /** With `scopes`: asks for exactly these, so that others are dropped. Default false. */
  readonly replaceScopes?: boolean
}

export interface TokenOptions {
  /** For how long the token must stay valid, and never more than half of its lifetime. Default `"10 seconds"`. */
  readonly validFor?: DurationInput
}

/**
 * A connection of a tenant, or of a user of it. Making it does no I/O. Every call can reject with `storage_unavailable`,
 * with `validation_error` if an id or a name is malformed, and with `provider_not_found`, or for `{ id }` with
 * `integration_not_found`.
 */
export interface Connection {
  /**
   * A fetch that calls the provider's API for the owner of the connection, bound, so that an SDK can have it. It takes a
   * path below the definition's base URL, an absolute URL of the API, or a `Request`; adds the token or key as the definition
   * says, and sends it to the API's own hosts only. A token that the API refuses is refreshed once and the request repeated,
   * unless its body is a stream.
   *
   * `method`, `headers`, `body`, `redirect` and `signal` are those of fetch, and it resolves with any response, whatever its
   * status. Rejects as `token` does; with `url_not_allowed`; with `provider_unavailable` if no response came; with
   * `configuration_error` if the definition has no `api`; and with the signal's reason.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * export const openIssues = async (hawser: Hawser, tenantId: string): Promise<unknown> => {
   *   const github = hawser.tenant(tenantId).connection("github")
   *   const response = await github.fetch("/issues?state=open")
   *   return response.json()
   * }
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /**
   * A working access token. If it expires soon, it is refreshed first.
   *
   * Rejects with `not_connected`; with `other_credential_kind` if an API key is connected; with `reconnect_required`, whose
   * `reason` says why, if only a person can help; with `provider_unavailable` and `provider_rate_limited`, whose
   * `retryAfter` is in seconds, and with `provider_misconfigured`, if the connection stays and a retry will help; with
   * `decryption_failed`.
   */
  readonly token: (options?: TokenOptions) => Promise<StoredAccessToken>
  /**
   * The fields of the API key that is connected. Rejects with `not_connected`; with `other_credential_kind` if it is
   * connected by OAuth2; with `provider_misconfigured` if its owner may have none any more or is suspended; with
   * `decryption_failed`.
   */
  readonly apiKey: () => Promise<StoredApiKey>
  /** What is stored of the connection, without its secrets. Rejects with `integration_not_found`. */
  readonly get: () => Promise<IntegrationResult>
  /**
   * Ends the connection, with its event, because the provider reported that the access was withdrawn, for example by a
   * webhook. Returns false if it was not connected.
   */
  readonly markRevoked: () => Promise<boolean>
}

/** A connection, and the user who acts on it. The host vouches that the user is an admin of the tenant, or owns the connection. */
export interface ActingConnection extends Connection {
  /**
   * Begins a flow although it is connected, for new scopes or a new consent of the same account. The old tokens work until the
   * new ones arrive. Rejects as `connect` of the tenant does, and with `validation_error` for a connection by an API key.
   */
  readonly reconnect: (options: ReconnectOptions) => Promise<StartedFlow>
  /**
   * Deletes the stored tokens or key and emits `integration.disconnected`. Rejects with `integration_not_found`, and with
   * `forbidden` if the user who acts was erased.
   */
  readonly disconnect: () => Promise<IntegrationResult>
  /**
   * Asks the provider whether the connection works: one harmless request. Rejects with `integration_not_found` if it is not
   * connected, with `forbidden` if its owner is suspended, and with `decryption_failed`.
   */
  readonly test: () => Promise<TestResult>
  /**
   * Replaces the API key of the connection by another stored one, which is checked first. Nothing is interrupted. Rejects
   * with `credential_not_found`; with `credential_validation_failed` if the provider rejects the key; with `account_mismatch` if
   * it is of another account, and with `account_already_connected` if that is connected under another name; with
   * `integration_not_found` if no API key is connected; with `validation_error` if the provider takes none; with `forbidden`
   * if the user who acts was erased or is suspended; with `decryption_failed`.
   */
  readonly swapCredential: (credentialId: string) => Promise<IntegrationResult>
}

/** A connection in a process that begins no flow. */
export interface JobConnection extends Omit<ActingConnection, "reconnect"> {}

/** A connection inside a transaction of the host's: what needs only the store. */
export interface TransactionConnection extends Pick<
  ActingConnection,
  "disconnect" | "get" | "reconnect" | "swapCredential"
> {}

/** The same in a process that begins no flow. */
export interface JobTransactionConnection extends Omit<TransactionConnection, "reconnect"> {}

export type Run<Services> = <A, E>(effect: Effect.Effect<A, E, Services>) => Promise<A>

/** What begins flows: it needs a public URL. */
export interface Begin {
  readonly run: Run<HawserServices>
  readonly flowCookie: HttpHandler["Service"]["flowCookie"]
}

/** The connection that a call means, by its owner, provider and name or by its id, as the host's code says. */
export interface ConnectionTarget {
  readonly acting: Acting
  readonly provider: string | { readonly id: string }
  readonly owner: OwnerKind | undefined
  readonly name: string | undefined
  readonly headersTimeout: DurationInput | undefined
}

const decodeId = Schema.decodeUnknownEffect(IntegrationId)

/** An id of another owner's is `IntegrationNotFound`, as one that never existed. */
const findKey = Effect.fnUntraced(function* ({ acting, name, owner, provider }: ConnectionTarget) {
  if (typeof provider === "string") {
    const reader = yield* readerFor(acting, owner)
    const { id } = yield* providerById(provider)
    const key: IntegrationKey = {
      tenantId: reader.tenantId,
      owner: reader.owner,
      provider: id,
      name: yield* checkName(name)
    }
    return key
  }
  const tenantId = yield* checkTenantId(acting.tenantId)
  const id = yield* Effect.mapError(decodeId(provider?.id), () => new IntegrationNotFound())
  const connections = yield* ConnectionStore
  const found = yield* connections.findById({ tenantId, id })
  const own = acting.user === undefined ? undefined : ownedBy(yield* checkUserId(acting.user))
  if (found.owner !== tenantsOwn && found.owner !== own) return yield* new IntegrationNotFound()
  const key: IntegrationKey = {
    tenantId,
    owner: found.owner,
    provider: found.provider,
    name: found.name
  }
  return key
})

/** The connection for a call of the user who acts. */
const actOn = Effect.fnUntraced(function* (target: ConnectionTarget, call: string) {
  const { acting, owner, provider: named } = target
  yield* requireUser(acting, call)
  if (typeof named === "string") {
    const provider = yield* providerById(named)
    const actor = yield* actorFor(acting, call, owner)
    return { actor, provider, name: yield* checkName(target.name) }
  }
  const key = yield* findKey(target)
  const actor = yield* actorFor(acting, call, kindOfOwner(key.owner))
  return { actor, provider: yield* providerById(key.provider), name: key.name }
})

const toResult = (integration: Integration) =>
  Effect.map(listedIntegration(integration), integrationResult)

/** The calls that need only the store. */
export const storedConnection = (
  target: ConnectionTarget,
  run: Run<JobServices>
): JobTransactionConnection => ({
  get: () =>
    run(
      Effect.gen(function* () {
        const connections = yield* ConnectionStore
        return yield* toResult(yield* connections.find(yield* findKey(target)))
      })
    ),

  disconnect: () =>
    run(
      Effect.gen(function* () {
        const { actor, name, provider } = yield* actOn(target, "disconnect")
        return yield* toResult(yield* disconnect(actor, provider, name))
      })
    ),

  swapCredential: (credentialId) =>
    run(
      Effect.gen(function* () {
        const { actor, name, provider } = yield* actOn(target, "swapCredential")
        return yield* toResult(yield* swapCredential(actor, provider, credentialId, name))
      })
    )
})

/**
 * As `findKey`, unchecked and without a statement: enough to look for what was kept under a checked key, because no malformed text
 * equals one. Undefined for an id, and for a user's own if nobody acts: no user's name may stand for the tenant's.
 */
const keyToRemember = ({
  acting: { tenantId, user },
  name = defaultName,
  owner = "tenant",
  provider
}: ConnectionTarget): IntegrationKey | undefined => {
  if (typeof provider !== "string") return undefined
  const owning =
    owner === "tenant" ? tenantsOwn : owner === "user" && user !== "" ? user : undefined
  return owning === undefined
    ? undefined
    : ({ tenantId, owner: owning, provider, name } as IntegrationKey)
}

/** The token that this process remembers, if it is fresh for so many seconds. */
export type Remembered = ReturnType<typeof tokensInMemory>

const rememberedToken = (
  target: ConnectionTarget,
  { validFor }: TokenOptions,
  remembered: Remembered
): AccessToken | undefined => {
  const key = keyToRemember(target)
  if (key === undefined) return undefined
  if (validFor === undefined) return remembered(key, {})
  const duration = Option.getOrUndefined(parseDuration(validFor))
  return duration && remembered(key, { validFor: Duration.toSeconds(duration) })
}

/** All calls but those that begin a flow. */
export const usedConnection = (
  target: ConnectionTarget,
  run: Run<JobServices>,
  remembered: Remembered
): JobConnection => ({
  ...storedConnection(target, run),

  token: (options = {}) => {
    const token = rememberedToken(target, options, remembered)
    return token === undefined
      ? run(
          Effect.gen(function* () {
            const duration = yield* checkDuration("validFor", options.validFor)
            const key = yield* findKey(target)
            return new StoredAccessToken(
              yield* accessToken(key, { validFor: duration && Duration.toSeconds(duration) })
            )
          })
        )
      : Promise.resolve(new StoredAccessToken(token))
  },

  fetch: async (input, init) => {
    try {
      return await run(
        Effect.gen(function* () {
          const timeout = yield* checkDuration("headersTimeout", target.headersTimeout)
          const headersTimeoutMs = timeout && Duration.toMillis(timeout)
          return yield* authorizedFetch(yield* findKey(target), input, init, { headersTimeoutMs })
        })
      )
    } catch (error) {
      // An interruption is not an error that a host could recognise.
      const { signal } = requestInit(input, init ?? {})
      signal?.throwIfAborted()
      throw error
    }
  },

  apiKey: () =>
    run(
      Effect.gen(function* () {
        return new StoredApiKey(yield* apiKey(yield* findKey(target)))
      })
    ),

  markRevoked: () => run(Effect.flatMap(findKey(target), markRevoked)),

  test: () =>
    run(
      Effect.gen(function* () {
        const { actor, name, provider } = yield* actOn(target, "test")
        return testResult(yield* testConnection(actor, provider, name))
      })
    )
})

/** Begins a flow, or connects with a stored API key. */
export const connectOrBegin = Effect.fnUntraced(function* (
  target: ConnectionTarget,
  call: string,
  input: ConnectInput,
  flowCookie: Begin["flowCookie"]
) {
  const { actor, name, provider: configured } = yield* actOn(target, call)
  const provider = yield* providerUsedBy(actor.tenantId, configured)
  const result = yield* connect(actor, provider, { ...input, name })
  if (result._tag === "Connected") return yield* toResult(result.integration)
  const { authorizationUrl, browserBinding, state } = result
  const setCookie = browserBinding === undefined ? undefined : flowCookie(browserBinding)
  return { authorizationUrl, state, setCookie } satisfies StartedFlow
})

export const reconnecting = (
  target: ConnectionTarget,
  { flowCookie, run }: Begin
): Pick<ActingConnection, "reconnect"> => ({
  reconnect: ({ fields, redirectUrl, replaceScopes, scopes }) =>
    run(
      Effect.gen(function* () {
        const input = { redirectUrl, fields, scopes, replaceScopes, reauthorize: true }
        const answer = yield* connectOrBegin(target, "reconnect", input, flowCookie)
        // Without a credential nothing connects by a key: that has failed before.
        return "authorizationUrl" in answer ? answer : yield* Effect.die(answer)
      })
    )
})
