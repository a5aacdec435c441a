import {
  deleteCredential,
  type DurationInput,
  IntegrationError,
  IntegrationStatus,
  listCredentials,
  listOwned,
  type Page,
  type PageQuery,
  storeCredentials
} from "@hawser/core"
import { Effect, Schema } from "effect"
import { type Acting, actorFor, invalid, providerById, readerFor } from "./acting.ts"
import {
  type ActingConnection,
  type Begin,
  connectOrBegin,
  type Connection,
  type FlowOptions,
  type JobConnection,
  type JobTransactionConnection,
  type ConnectionTarget,
  type Run,
  type StartedFlow,
  type TransactionConnection
} from "./connection.ts"
import type { JobServices } from "./HawserLive.ts"
import {
  type CredentialResult,
  credentialResult,
  type IntegrationResult,
  integrationResult
} from "./results.ts"

/** Whose: the tenant's own, which is the default, or those of the user who acts. Neither stands in for the other. */
export interface OwnerOptions<Owner extends "tenant" | "user" = "tenant" | "user"> {
  /** `"tenant"` or `"user"`. Default: the tenant's. */
  readonly owner?: Owner
}

export interface FetchOptions {
  /** How long `fetch` waits for the headers of a response. Default `"30 seconds"`. */
  readonly headersTimeout?: DurationInput
}

/** Which connection to a provider is meant. */
export interface ConnectionOptions<Owner extends "tenant" | "user" = "tenant" | "user">
  extends OwnerOptions<Owner>, FetchOptions {
  /** Tells the owner's connections to the provider apart. Default `default`. */
  readonly name?: string
}

/** A part of a list. */
export interface PageOptions {
  /** From 1 to 100: the most that one page holds. Without it, all come at once. */
  readonly limit?: number
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** Which connections are listed. */
export interface ConnectionsOptions<Owner extends "tenant" | "user" = "tenant" | "user">
  extends OwnerOptions<Owner>, PageOptions {
  /** Only those with this status. */
  readonly status?: IntegrationStatus
  /** Only those to this provider, by its id. */
  readonly provider?: string
  /** Only those with this name. */
  readonly name?: string
  /** Only those that suffer from this. */
  readonly error?: IntegrationError
}

/** An API key to store. */
export interface StoreCredentialOptions {
  /** The values of the catalogue's fields. */
  readonly credentials: Readonly<Record<string, string>>
  /** What people call the key. */
  readonly label?: string
}

/** An owner's stored API keys of a provider. Every call can reject with `provider_not_found` and `storage_unavailable`. */
export interface Credentials {
  /**
   * Checks an API key with its provider and stores it. Rejects with `validation_error` if a field is missing or malformed, or the label;
   * with `credential_validation_failed` if the provider rejects the key; with `too_many_credentials`; with `forbidden` if the
   * user was erased or is suspended; with `decryption_failed`.
   */
  readonly store: (options: StoreCredentialOptions) => Promise<CredentialResult>
  /** The keys without their secrets, the oldest first. Rejects with `validation_error` if limit or cursor is invalid. */
  readonly list: (options?: PageOptions) => Promise<Page<CredentialResult>>
  /** Deletes a key. Rejects with `credential_not_found`, and with `credential_in_use` while it is connected. */
  readonly delete: (credentialId: string) => Promise<void>
}

/** OAuth2: begins a flow that connects. */
export interface ConnectFlowOptions extends OwnerOptions, FlowOptions {
  /** Default `default`. */
  readonly name?: string
  readonly credentialId?: undefined
}

/** API keys: connects with a stored one. */
export interface ConnectCredentialOptions extends OwnerOptions {
  /** The stored API key to connect with, by the `credentialId` that storing it answered. */
  readonly credentialId: string
  /** Default `default`. */
  readonly name?: string
  readonly redirectUrl?: undefined
}

/** For a provider of either kind: what its kind does not need is ignored. */
export interface ConnectOptions extends OwnerOptions, Partial<FlowOptions> {
  /** Default `default`. */
  readonly name?: string
  /** For an API key: the `credentialId` that storing it answered. */
  readonly credentialId?: string
}

/** The result of `connect`: a flow that has begun, or what an API key connected. */
export type ConnectAnswer = StartedFlow | IntegrationResult

/** The host's reach for a tenant's connections. `One` is what a connection can do there. */
interface Connections<Provider extends string, Owner extends "tenant" | "user", One> {
  /**
   * A connection, by its provider and name or by its id. It does no I/O. With `owner: "user"`, or the id of a user's own, it
   * is one of the user who acts; without a user the calls reject with `user_required`, or for an id with
   * `integration_not_found`.
   */
  connection(this: void, provider: Provider, options?: ConnectionOptions<Owner>): One
  connection(this: void, connection: { readonly id: string }, options?: FetchOptions): One
  /**
   * The connections of the tenant, or with `owner: "user"` those of the user who acts, by provider, the oldest first.
   * Rejects with `validation_error` if an option is invalid, and with `storage_unavailable`.
   */
  connections(this: void, options?: ConnectionsOptions<Owner>): Promise<Page<IntegrationResult>>
}

/** What a user who acts can do beside that. */
interface Acts<Provider extends string> {
  /**
   * The stored API keys of a provider, the tenant's or with `owner: "user"` those of the user who acts. It does no I/O.
   */
  credentials(this: void, provider: Provider, options?: OwnerOptions): Credentials
}

interface Connects<Provider extends string> {
  /**
   * Begins an OAuth2 flow, or connects with a stored API key.
   *
   * Rejects with `validation_error` if what the provider's kind needs is missing or invalid, or the redirect URL is not one
   * of the host's; with `already_connected`; with `too_many_pending_flows`; with `credential_not_found`; with
   * `account_already_connected`; with `account_mismatch` if the provider ended the connection and the key is of another account;
   * with `connect_failed` if the provider refuses a pushed authorization request; with
   * `forbidden` if the user was erased or is suspended; with `provider_not_found`, `decryption_failed` and `storage_unavailable`.
   */
  connect(this: void, provider: Provider, options: ConnectFlowOptions): Promise<StartedFlow>
  connect(
    this: void,
    provider: Provider,
    options: ConnectCredentialOptions
  ): Promise<IntegrationResult>
  connect(this: void, provider: Provider, options: ConnectOptions): Promise<ConnectAnswer>
}

/** A tenant itself: what needs no user who acts. */
export interface Tenant<Provider extends string = string> extends Connections<
  Provider,
  "tenant",
  Connection
> {}

/** A tenant, and the user of it who acts. The host vouches that the user is an admin of the tenant, or owns what is meant. */
export interface ActingTenant<Provider extends string = string>
  extends
    Connections<Provider, "tenant" | "user", ActingConnection>,
    Acts<Provider>,
    Connects<Provider> {}

/** The same in a process that begins no flow. */
export interface ActingJobTenant<Provider extends string = string>
  extends Connections<Provider, "tenant" | "user", JobConnection>, Acts<Provider> {}

/** A tenant itself, inside a transaction of the host's. */
export interface TransactionTenant<Provider extends string = string> extends Connections<
  Provider,
  "tenant",
  Pick<TransactionConnection, "get">
> {}

/** A tenant and the user who acts, inside a transaction of the host's. */
export interface ActingTransactionTenant<Provider extends string = string>
  extends
    Connections<Provider, "tenant" | "user", TransactionConnection>,
    Acts<Provider>,
    Connects<Provider> {}

/** The same in a process that begins no flow. */
export interface ActingJobTransactionTenant<Provider extends string = string>
  extends Connections<Provider, "tenant" | "user", JobTransactionConnection>, Acts<Provider> {}

/** The user who acts. */
export interface ActingUser {
  readonly user: string
}

/** Makes the handle of a tenant, with a user who acts or without one. */
export interface TenantHandles<Acting, Itself> {
  /**
   * A tenant, by your id of it, and the user of it who acts. It does no I/O. Without a user it is the tenant itself, whose
   * connections can be used and read; what needs a user then rejects with `user_required`.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * declare const hawser: Hawser
   *
   * const acme = hawser.tenant("acme", { user: "user_42" })
   * const { authorizationUrl } = await acme.connect("github", {
   *   redirectUrl: "https://app.example.com/integrations"
   * })
   * const mine = acme.connection("gmail", { owner: "user", name: "sales" })
   * const { token, expiresAt } = await mine.token({ validFor: "10 minutes" })
   */
  (id: string, options: ActingUser): Acting
  (id: string, options?: { readonly user?: string | undefined }): Itself
}

const isLimit = Schema.is(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))

const isStatus = Schema.is(IntegrationStatus)
const isError = Schema.is(IntegrationError)

/** Fails with `ValidationError` if the limit is none. */
const checkPage = Effect.fnUntraced(function* ({ cursor, limit }: PageOptions) {
  if (limit !== undefined && !isLimit(limit)) return yield* invalid("limit")
  return { cursor, limit } satisfies PageQuery
})

const actingFor = (tenantId: string, options: { readonly user?: string | undefined } = {}) =>
  ({ tenantId, user: options.user }) satisfies Acting

/** The handles without what begins a flow. `one` makes those of connections. */
export const tenantHandles =
  <One>(run: Run<JobServices>, one: (target: ConnectionTarget) => One) =>
  (
    id: string,
    options?: { readonly user?: string | undefined }
  ): Connections<string, "tenant" | "user", One> & Acts<string> => {
    const acting = actingFor(id, options)
    return {
      connection: (provider, { headersTimeout, name, owner }: ConnectionOptions = {}) =>
        one({ acting, provider, owner, name, headersTimeout }),

      connections: ({ owner, ...query }: ConnectionsOptions = {}) =>
        run(
          Effect.gen(function* () {
            const page = yield* checkPage(query)
            if (query.status !== undefined && !isStatus(query.status))
              return yield* invalid("status")
            if (query.error !== undefined && !isError(query.error)) return yield* invalid("error")
            const listed = yield* listOwned(yield* readerFor(acting, owner), { ...query, ...page })
            return { ...listed, items: listed.items.map(integrationResult) }
          })
        ),

      credentials: (provider, { owner }: OwnerOptions = {}) =>
        makeCredentials(run, { acting, provider, owner })
    }
  }

const makeCredentials = (
  run: Run<JobServices>,
  {
    acting,
    owner,
    provider: id
  }: Pick<ConnectionTarget, "acting" | "owner"> & { readonly provider: string }
): Credentials => {
  const actOn = Effect.fnUntraced(function* (call: string) {
    const provider = yield* providerById(id)
    return { provider, actor: yield* actorFor(acting, call, owner) }
  })
  return {
    store: (options) =>
      run(
        Effect.gen(function* () {
          const { actor, provider } = yield* actOn("credentials.store")
          return credentialResult(yield* storeCredentials(actor, provider, options))
        })
      ),

    list: (options = {}) =>
      run(
        Effect.gen(function* () {
          const { actor, provider } = yield* actOn("credentials.list")
          const listed = yield* listCredentials(actor, provider, yield* checkPage(options))
          return { ...listed, items: listed.items.map(credentialResult) }
        })
      ),

    delete: (credentialId) =>
      run(
        Effect.gen(function* () {
          const { actor, provider } = yield* actOn("credentials.delete")
          yield* deleteCredential(actor, provider, credentialId)
        })
      )
  }
}

/** The handles with what begins a flow. */
export const connectingTenants =
  <Handles extends object>(
    handles: (id: string, options?: { readonly user?: string | undefined }) => Handles,
    { flowCookie, run }: Begin
  ) =>
  (id: string, options?: { readonly user?: string | undefined }): Handles & Connects<string> => {
    const acting = actingFor(id, options)
    const connect = (provider: string, wanted: ConnectOptions | undefined) => {
      // By their members: no other begins a flow although connected.
      const { credentialId, fields, name, owner, redirectUrl, scopes } = wanted ?? {}
      return run(
        connectOrBegin(
          { acting, provider, owner, name, headersTimeout: undefined },
          "connect",
          { credentialId, fields, redirectUrl, scopes },
          flowCookie
        )
      )
    }
    return { ...handles(id, options), connect: connect as Connects<string>["connect"] }
  }
