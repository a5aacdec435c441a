import {
  connect,
  deleteCredential,
  disconnect,
  get,
  type IntegrationStatus,
  list,
  listCredentials,
  Principal,
  ProviderRegistry,
  providerUsedBy,
  requireAdmin,
  requireMember,
  storeCredentials,
  swapCredential,
  TenantId,
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

/** The user who acts. The host vouches that the user is an admin of the tenant. */
export interface AdminOptions extends TenantProviderOptions {
  readonly userId: string
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
  /** OAuth2: some of the configured scopes; default all. */
  readonly scopes?: ReadonlyArray<string>
  /** OAuth2: begins although connected. The old tokens work until the new ones arrive. */
  readonly reauthorize?: boolean
}

/** The commands that need only the store, and no tokens. */
export interface HawserCommands {
  /** Begins an OAuth2 flow, or connects with a stored API key. */
  readonly connect: (options: AdminOptions & ConnectOptions) => Promise<ConnectAnswer>
  /** Checks an API key with its provider and stores it. */
  readonly storeCredentials: (
    options: AdminOptions & {
      readonly credentials: Readonly<Record<string, string>>
      readonly label?: string
    }
  ) => Promise<CredentialResult>
  /** The tenant's stored API keys of a provider, without their secrets. */
  readonly listCredentials: (options: AdminOptions) => Promise<ReadonlyArray<CredentialResult>>
  /** Deletes a stored API key that is not in use. */
  readonly deleteCredential: (
    options: AdminOptions & { readonly credentialId: string }
  ) => Promise<void>
  /** Replaces the API key of a connected integration by another stored one, which is checked first. Nothing is interrupted. */
  readonly swapCredential: (
    options: AdminOptions & { readonly credentialId: string }
  ) => Promise<IntegrationResult>
  readonly get: (options: TenantProviderOptions) => Promise<IntegrationResult>
  readonly list: (
    options: TenantOptions & { readonly status?: IntegrationStatus; readonly provider?: string }
  ) => Promise<ReadonlyArray<IntegrationResult>>
  /** Deletes the stored tokens or key and emits `integration.disconnected`. */
  readonly disconnect: (options: AdminOptions) => Promise<IntegrationResult>
}

const decodeTenant = Schema.decodeUnknownEffect(TenantId)
const decodeUser = Schema.decodeUnknownEffect(UserId)

const invalid = (path: string) => new ValidationError({ details: [{ path, code: "invalid" }] })

export const checkTenantId = (tenantId: string) =>
  Effect.mapError(decodeTenant(tenantId), () => invalid("tenantId"))

export const checkUserId = (userId: string) =>
  Effect.mapError(decodeUser(userId), () => invalid("userId"))

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

export const checkAdmin = (options: AdminOptions) =>
  Effect.flatMap(vouchedPrincipal(options.tenantId, options.userId, "admin"), requireAdmin)

/** Reading needs no user; this name marks the host as the reader. */
export const checkMember = (options: TenantOptions) =>
  Effect.flatMap(vouchedPrincipal(options.tenantId, "host", "member"), requireMember)

export const providerById = Effect.fnUntraced(function* (id: string) {
  const registry = yield* ProviderRegistry
  return yield* registry.get(id)
})

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
        const admin = yield* checkAdmin(options)
        const configured = yield* providerById(options.provider)
        const provider = yield* providerUsedBy(admin.tenantId, configured)
        const result = yield* connect(admin, provider, options)
        if (result._tag === "Connected") {
          return integrationResult(result.integration)
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
          yield* storeCredentials(yield* checkAdmin(options), provider, options)
        )
      })
    ),

  listCredentials: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        const { items } = yield* listCredentials(yield* checkAdmin(options), provider)
        return items.map(credentialResult)
      })
    ),

  deleteCredential: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        yield* deleteCredential(yield* checkAdmin(options), provider, options.credentialId)
      })
    ),

  swapCredential: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        return integrationResult(
          yield* swapCredential(yield* checkAdmin(options), provider, options.credentialId)
        )
      })
    ),

  get: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        return integrationResult(yield* get(yield* checkMember(options), provider))
      })
    ),

  list: (options) =>
    run(
      Effect.gen(function* () {
        return (yield* list(yield* checkMember(options), options)).items.map(integrationResult)
      })
    ),

  disconnect: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        return integrationResult(yield* disconnect(yield* checkAdmin(options), provider))
      })
    )
})
