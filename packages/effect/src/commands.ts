import {
  connect,
  ConnectionName,
  ConnectionStore,
  defaultName,
  deleteCredential,
  disconnect,
  type Integration,
  type IntegrationError,
  IntegrationId,
  IntegrationNotFound,
  type IntegrationStatus,
  listCredentials,
  listedIntegration,
  listOwned,
  ownedBy,
  OwnerKind,
  Principal,
  ProviderRegistry,
  providerUsedBy,
  requireActor,
  requireReader,
  storeCredentials,
  swapCredential,
  TenantId,
  tenantsOwn,
  UserId,
  ValidationError
} from "@hawser/core"
import type { HttpHandler } from "@hawser/http"
import { Effect, Schema } from "effect"
import type { HawserServices, JobServices } from "./HawserLive.ts"
import {
  type CredentialResult,
  credentialResult,
  type IntegrationResult,
  integrationResult
} from "./results.ts"

/** A tenant, named by the host's code. */
export interface TenantOptions {
  readonly tenantId: string
}

/** A tenant and a provider. */
export interface TenantProviderOptions extends TenantOptions {
  readonly provider: string
}

/**
 * Whose connections are meant: the tenant's own, or with `owner: "user"` those of the user `userId`. Neither stands in for the
 * other. The data of an event has `owner`, and `userId` if a user owns the connection, so it can be passed as it is.
 */
export interface OwnerOptions extends TenantOptions {
  /** Default `tenant`. */
  readonly owner?: "tenant" | "user"
  readonly userId?: string
}

/** A connection, by its provider and name or by its id. The id of a user's own needs that user's `userId` beside it. */
export type ConnectionOptions =
  | (OwnerOptions & {
      readonly provider: string
      /** Default `default`. */
      readonly name?: string
      readonly integrationId?: undefined
    })
  | (OwnerOptions & { readonly integrationId: string })

/** The user who acts. The host vouches that the user is an admin of the tenant, or, for the user's own, that it is this user. */
export interface ActorOptions extends TenantProviderOptions {
  readonly userId: string
  /** Whose: the tenant's, which is the default, or the user's own. */
  readonly owner?: "tenant" | "user"
}

/** And which of the owner's connections to the provider. */
export interface ActorOnOptions extends ActorOptions {
  /** Default `default`. */
  readonly name?: string
}

/** The result of `connect`: a URL to send the browser to, or the integration that an API key connected. */
export type ConnectAnswer =
  | {
      readonly authorizationUrl: string
      readonly state: string
      /** For the binding `cookie`: the `Set-Cookie` header that the answer to the browser must carry. */
      readonly setCookie: string | undefined
    }
  | IntegrationResult

/** The input of `connect`. */
export interface ConnectOptions {
  /** OAuth2: the page at which the flow ends. */
  readonly redirectUrl?: string
  /** API keys: the stored key to connect with. */
  readonly credentialId?: string
  /** OAuth2: values for the catalogue's `fields`, such as a subdomain. */
  readonly fields?: Readonly<Record<string, string>>
  /** OAuth2: some of the configured scopes; default all. With `reauthorize`, those already granted are asked for besides. */
  readonly scopes?: ReadonlyArray<string>
  /** OAuth2: begins although connected. The old tokens work until the new ones arrive. */
  readonly reauthorize?: boolean
  /** OAuth2, with `reauthorize` and `scopes`: asks for exactly these scopes, so that others are dropped. */
  readonly replaceScopes?: boolean
}

/** The commands that need only the store, and no tokens. */
export interface HawserCommands {
  /** Begins an OAuth2 flow, or connects with a stored API key. */
  readonly connect: (options: ActorOnOptions & ConnectOptions) => Promise<ConnectAnswer>
  /** Checks an API key with its provider and stores it. */
  readonly storeCredentials: (
    options: ActorOptions & {
      readonly credentials: Readonly<Record<string, string>>
      readonly label?: string
    }
  ) => Promise<CredentialResult>
  /** The tenant's stored API keys of a provider, without their secrets. */
  readonly listCredentials: (options: ActorOptions) => Promise<ReadonlyArray<CredentialResult>>
  /** Deletes a stored API key that is not in use. */
  readonly deleteCredential: (
    options: ActorOptions & { readonly credentialId: string }
  ) => Promise<void>
  /** Replaces the API key of a connected integration by another stored one, which is checked first. Nothing is interrupted. */
  readonly swapCredential: (
    options: ActorOnOptions & { readonly credentialId: string }
  ) => Promise<IntegrationResult>
  readonly get: (options: ConnectionOptions) => Promise<IntegrationResult>
  /** The connections of the tenant, or of one of its users. */
  readonly list: (
    options: OwnerOptions & {
      readonly status?: IntegrationStatus
      readonly provider?: string
      readonly name?: string
      readonly error?: IntegrationError
    }
  ) => Promise<ReadonlyArray<IntegrationResult>>
  /** Deletes the stored tokens or key and emits `integration.disconnected`. */
  readonly disconnect: (options: ActorOnOptions) => Promise<IntegrationResult>
}

const decodeTenant = Schema.decodeUnknownEffect(TenantId)
const decodeUser = Schema.decodeUnknownEffect(UserId)

const invalid = (path: string) => new ValidationError({ details: [{ path, code: "invalid" }] })

export const checkTenantId = (tenantId: string) =>
  Effect.mapError(decodeTenant(tenantId), () => invalid("tenantId"))

export const checkUserId = (userId: string) =>
  Effect.mapError(decodeUser(userId), () => invalid("userId"))

const decodeName = Schema.decodeUnknownEffect(ConnectionName)
const decodeId = Schema.decodeUnknownEffect(IntegrationId)
const isOwnerKind = Schema.is(OwnerKind)

/** Default `default`. */
export const checkName = ({ name }: { readonly name?: string | undefined }) =>
  name === undefined
    ? Effect.succeed(defaultName)
    : Effect.mapError(decodeName(name), () => invalid("name"))

/** In process the host vouches for the user, so the caller is not verified. */
const vouchedPrincipal = Effect.fnUntraced(function* (
  tenantId: string,
  userId: string,
  role: "admin" | "member"
) {
  return new Principal({
    tenantId: yield* checkTenantId(tenantId),
    userId: yield* checkUserId(userId),
    roles: [role]
  })
})

export const checkActor = Effect.fnUntraced(function* (options: ActorOptions) {
  const { owner = "tenant", tenantId, userId } = options
  if (!isOwnerKind(owner)) return yield* invalid("owner")
  return yield* requireActor(yield* vouchedPrincipal(tenantId, userId, "admin"), owner)
})

/** Reading what the tenant owns needs no user; this name marks the host as the reader. */
const checkReader = Effect.fnUntraced(function* (options: OwnerOptions) {
  const { owner = "tenant", tenantId, userId } = options
  if (!isOwnerKind(owner)) return yield* invalid("owner")
  const reader = owner === "tenant" ? "host" : (userId ?? "")
  return yield* requireReader(yield* vouchedPrincipal(tenantId, reader, "member"), owner)
})

/** The connection that is meant. An id of another owner's is `IntegrationNotFound`, as one that never existed. */
export const findConnection = Effect.fnUntraced(function* (options: ConnectionOptions) {
  if (options.integrationId === undefined) {
    const { owner, tenantId } = yield* checkReader(options)
    const provider = yield* providerById(options.provider)
    return { tenantId, owner, provider: provider.id, name: yield* checkName(options) }
  }
  const tenantId = yield* checkTenantId(options.tenantId)
  const id = yield* Effect.mapError(
    decodeId(options.integrationId),
    () => new IntegrationNotFound()
  )
  const connections = yield* ConnectionStore
  const { name, owner, provider } = yield* connections.findById({ tenantId, id })
  const user =
    options.userId === undefined ? undefined : ownedBy(yield* checkUserId(options.userId))
  if (owner !== tenantsOwn && owner !== user) return yield* new IntegrationNotFound()
  return { tenantId, owner, provider, name }
})

export const providerById = Effect.fnUntraced(function* (id: string) {
  const registry = yield* ProviderRegistry
  return yield* registry.get(id)
})

const toResult = (integration: Integration) =>
  Effect.map(listedIntegration(integration), integrationResult)

type Run<Services> = <A, E>(effect: Effect.Effect<A, E, Services>) => Promise<A>

interface ConnectCommandOptions {
  readonly run: Run<HawserServices>
  readonly flowCookie: HttpHandler["Service"]["flowCookie"]
}

/** The only command that begins flows. It needs a public URL. */
export const connectCommand = ({
  flowCookie,
  run
}: ConnectCommandOptions): Pick<HawserCommands, "connect"> => ({
  connect: (options) =>
    run(
      Effect.gen(function* () {
        const actor = yield* checkActor(options)
        const name = yield* checkName(options)
        const configured = yield* providerById(options.provider)
        const provider = yield* providerUsedBy(actor.tenantId, configured)
        const result = yield* connect(actor, provider, { ...options, name })
        if (result._tag === "Connected") {
          return yield* toResult(result.integration)
        }
        const { authorizationUrl, browserBinding, state } = result
        const setCookie = browserBinding === undefined ? undefined : flowCookie(browserBinding)
        return { authorizationUrl, state, setCookie }
      })
    )
})

/** The commands of a process that begins no flow. */
export type JobCommands = Omit<HawserCommands, "connect">

export const commands = (run: Run<JobServices>): JobCommands => ({
  storeCredentials: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        return credentialResult(
          yield* storeCredentials(yield* checkActor(options), provider, options)
        )
      })
    ),

  listCredentials: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        const { items } = yield* listCredentials(yield* checkActor(options), provider)
        return items.map(credentialResult)
      })
    ),

  deleteCredential: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        yield* deleteCredential(yield* checkActor(options), provider, options.credentialId)
      })
    ),

  swapCredential: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        const actor = yield* checkActor(options)
        const name = yield* checkName(options)
        return yield* toResult(yield* swapCredential(actor, provider, options.credentialId, name))
      })
    ),

  get: (options) =>
    run(
      Effect.gen(function* () {
        const connections = yield* ConnectionStore
        return yield* toResult(yield* connections.find(yield* findConnection(options)))
      })
    ),

  list: (options) =>
    run(
      Effect.gen(function* () {
        const { items } = yield* listOwned(yield* checkReader(options), options)
        return items.map(integrationResult)
      })
    ),

  disconnect: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        return yield* toResult(
          yield* disconnect(yield* checkActor(options), provider, yield* checkName(options))
        )
      })
    )
})
