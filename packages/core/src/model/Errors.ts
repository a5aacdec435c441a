import { type Cause, Data, Schema } from "effect"
import type { EndReason } from "./GrantProblem.ts"
import { type ConnectionName, type IntegrationId, type ProviderId, type TenantId } from "./Ids.ts"

/** Marks an error as Hawser's, whichever copy of the package made it. */
export const hawserError = Symbol.for("hawser.error")

/** What every error has beside its code and its sentence. */
export interface ErrorMembers {
  /** Whether the same call may succeed later although nobody has changed anything. */
  readonly retryable: boolean
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number
  /** The status of the answer on the wire; undefined for an error that never gets there. */
  readonly httpStatus?: number
}

type TaggedErrors = <Tag extends string>(
  tag: Tag
) => new <Members extends object = object>(
  members: object extends Members
    ? void
    : { readonly [Name in keyof Members as Name extends "_tag" ? never : Name]: Members[Name] }
) => Cause.YieldableError & ErrorMembers & { readonly _tag: Tag } & Readonly<Members>

/**
 * Effect's tagged errors, printed by Node like any other error. As Effect prints them, `console.error(error)` shows neither
 * the message nor the stack.
 */
export const TaggedError = ((tag: string) => {
  class Printed extends Data.TaggedError(tag) {}
  Object.defineProperty(Printed.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value: undefined
  })
  Object.defineProperty(Printed.prototype, hawserError, { value: true })
  Object.defineProperty(Printed.prototype, "retryable", { value: false, writable: true })
  return Printed
}) as unknown as TaggedErrors

/** One problem of an input: its path and a stable code, never the value that was sent. */
export interface ValidationDetail {
  readonly path: string
  readonly code: "missing" | "unknown" | "invalid" | "not_allowed"
}

/**
 * The input breaks the contract.
 *
 * @fix Correct what `details` names, and send it again.
 */
export class ValidationError extends TaggedError("ValidationError")<{
  readonly details: ReadonlyArray<ValidationDetail>
  /** A sentence on what to do instead, if the details do not say it. */
  readonly advice?: string
}> {
  readonly code = "validation_error"
  override readonly httpStatus = 400
  override get message(): string {
    const details = this.details.map(({ code, path }) => `${path} (${code})`).join(", ")
    const refused = `The request is not valid${details === "" ? "" : `: ${details}`}.`
    return this.advice === undefined ? refused : `${refused} ${this.advice}`
  }
}

/**
 * The caller is authenticated, but is not allowed to do this.
 *
 * @fix Act by `reason`: have an admin of the tenant do it (`role`), or the connection's owner (`owner`); give the
 * caller a tenant and a role in `authenticate` (`no_tenant`); add the page's origin to `appOrigins` (`origin`).
 */
export class Forbidden extends TaggedError("Forbidden")<{
  /**
   * `erased`, `suspended`: the host has erased or suspended the user in whose name this would be written. The callback, whose
   * list of words is closed, says `access_denied` for both.
   */
  readonly reason:
    | "role"
    | "no_tenant"
    | "origin"
    | "owner"
    | "impersonated"
    | "erased"
    | "suspended"
}> {
  readonly code = "forbidden"
  override readonly httpStatus = 403
  override get message(): string {
    switch (this.reason) {
      case "role":
        return "Only an admin of the tenant may do this."
      case "owner":
        return "Only the user who owns this connection may do this."
      case "impersonated":
        return "A caller who acts as another user may not touch that user's own connections."
      case "no_tenant":
        return "The token names no tenant or no role that Hawser knows."
      case "origin":
        return "This page's origin is not among the allowed app origins."
      case "erased":
        return "This user was erased a short time ago, so nothing is stored in that name. Begin again later."
      case "suspended":
        return "This user is suspended, so nothing is connected or stored in that name. Resume the user first."
    }
  }
}

/**
 * The host has not configured this provider.
 *
 * @fix Add it to `providers` of `createHawser`, or correct the id: the catalogue at `/v1/integrations/catalog` lists
 * those that are configured.
 */
export class ProviderNotFound extends TaggedError("ProviderNotFound") {
  readonly code = "provider_not_found"
  override readonly httpStatus = 404
  override readonly message = "No such provider is configured."
}

/**
 * No stored credential of this tenant and provider has this id.
 *
 * @fix Store the API key again, and connect with the id in the answer. Keys that nothing was connected with are
 * deleted after 30 days.
 */
export class CredentialNotFound extends TaggedError("CredentialNotFound") {
  readonly code = "credential_not_found"
  override readonly httpStatus = 404
  override readonly message = "No such credential."
}

/**
 * There is no such connection, or not for this caller.
 *
 * @fix Take `integrationId` from the list of connections, as a caller of the same tenant.
 */
export class IntegrationNotFound extends TaggedError("IntegrationNotFound") {
  readonly code = "integration_not_found"
  override readonly httpStatus = 404
  override readonly message = "No such integration."
}

/**
 * No parked flow of this caller has this id; a flow id that another user presents is burned.
 *
 * @fix Connect again, and have the user who began the flow complete it, once.
 */
export class FlowNotFound extends TaggedError("FlowNotFound") {
  readonly code = "flow_not_found"
  override readonly httpStatus = 404
  override readonly message = "No such flow. Start connecting again."
}

/**
 * The integration is connected.
 *
 * @fix Do what the message says: connect with `reauthorize`, replace the API key, or disconnect first.
 */
export class AlreadyConnected extends TaggedError("AlreadyConnected")<{
  readonly provider: ProviderId
}> {
  readonly code = "already_connected"
  override readonly httpStatus = 409
  override get message(): string {
    return `${this.provider} is already connected. For new scopes or a new consent of the same account connect with "reauthorize": true; for another API key swap the credential; for another account disconnect it first.`
  }
}

/**
 * The flow, or the new API key, is of a different account than the one that is connected.
 *
 * @fix Sign in at the provider with the account that was connected. To change accounts, disconnect first.
 */
export class AccountMismatch extends TaggedError("AccountMismatch")<{
  readonly provider: ProviderId
}> {
  readonly code = "account_mismatch"
  override readonly httpStatus = 409
  override get message(): string {
    return `This is another account at ${this.provider} than the one connected before.`
  }
}

/**
 * The same owner is connected with this account under another name: `integrationId` is that connection.
 *
 * @fix Use that connection, or disconnect it first.
 */
export class AccountAlreadyConnected extends TaggedError("AccountAlreadyConnected")<{
  readonly provider: ProviderId
  readonly integrationId: IntegrationId
}> {
  readonly code = "account_already_connected"
  override readonly httpStatus = 409
  override get message(): string {
    return `This account at ${this.provider} is connected already, as ${this.integrationId}. Use that connection, or disconnect it first.`
  }
}

/**
 * Another tenant has connected this account, and only one tenant at a time may.
 *
 * @fix Disconnect it in the other tenant. After that the account is free.
 */
export class AccountHeld extends TaggedError("AccountHeld")<{
  readonly provider: ProviderId
}> {
  readonly code = "account_not_permitted"
  override get message(): string {
    return `Another tenant is connected with this account at ${this.provider}. Disconnect it there first.`
  }
}

/** The owner has as many connections to the provider as there may be, each under another name. */
export class TooManyConnections extends TaggedError("TooManyConnections") {
  override readonly message = "This owner has as many connections to the provider as there may be."
}

/** The tokens were sealed for an integration id that has changed. Read the integration again and seal them again. */
export class IntegrationReplaced extends TaggedError("IntegrationReplaced") {
  override readonly message = "The id of the integration has changed."
}

/** The grant whose refresh token was to be kept was replaced, or is being refreshed. Read it again. */
export class GrantNotKept extends TaggedError("GrantNotKept") {
  override readonly message = "The grant of the integration was replaced, or is being refreshed."
}

/**
 * An integration is connected with this credential.
 *
 * @fix Disconnect the integration, or give it another credential, and delete this one then.
 */
export class CredentialInUse extends TaggedError("CredentialInUse") {
  readonly code = "credential_in_use"
  override readonly httpStatus = 409
  override readonly message =
    "An integration is connected with this credential. Disconnect it or swap its credential first."
}

/**
 * The call acts for a user, and the handle is of the tenant itself.
 *
 * @fix Name the user who acts: `hawser.tenant(id, { user })`.
 */
export class UserRequired extends TaggedError("UserRequired")<{
  /** The call, or the option, that needs a user. */
  readonly call: string
}> {
  readonly code = "user_required"
  override get message(): string {
    return `${this.call} needs the user who acts. Name one: hawser.tenant(id, { user }).`
  }
}

/**
 * The provider rejected the credential. Nothing was stored.
 *
 * @fix Compare the fields with what the provider's own page shows, its site or region included, and send them again.
 */
export class CredentialRejected extends TaggedError("CredentialRejected")<{
  readonly provider: ProviderId
}> {
  readonly code = "credential_validation_failed"
  override readonly httpStatus = 422
  override get message(): string {
    return `${this.provider} rejected the credentials. Check them and try again; nothing was stored.`
  }
}

/**
 * Too many flows of this user or tenant wait for their callback or for `complete`.
 *
 * @fix Finish one of them, or wait `retryAfter` seconds.
 */
export class TooManyPendingFlows extends TaggedError("TooManyPendingFlows")<{
  /** Seconds after which a flow will have expired. */
  readonly retryAfter: number
}> {
  readonly code = "too_many_pending_flows"
  override readonly retryable = true
  override readonly httpStatus = 429
  override readonly message =
    "Too many connection attempts are open. Finish one, or wait until they expire."
}

/**
 * The tenant has reached the limit of stored API keys for the provider.
 *
 * @fix Delete keys that nothing is connected with. Waiting does not help.
 */
export class TooManyCredentials extends TaggedError("TooManyCredentials") {
  readonly code = "too_many_credentials"
  override readonly httpStatus = 429
  override readonly message =
    "Too many API keys of this provider are stored. Delete those that nothing is connected with."
}

/**
 * The database or the key management is not available, or the process is closing.
 *
 * @fix Repeat the call. If it stays, look at `cause` and at the log: the database's URL, its load, its permissions.
 */
export class StorageUnavailable extends TaggedError("StorageUnavailable")<{
  readonly cause: unknown
}> {
  readonly code = "storage_unavailable"
  override readonly httpStatus = 503
  override readonly retryable = true
  override readonly message = "The store cannot be reached. Try again."
}

/** The key management does not answer. Callers get a `StorageUnavailable` with this error as its cause. */
export class KeysUnavailable extends TaggedError("KeysUnavailable")<{
  readonly cause: unknown
}> {
  override readonly message = "The key management cannot be reached."
}

/**
 * The host's `clientOf` returned no usable client for a tenant. Callers get a `StorageUnavailable`, or for tokens a
 * `ProviderUnavailable`, with this error as its cause.
 */
export class ClientUnavailable extends TaggedError("ClientUnavailable")<{
  readonly provider: ProviderId
  readonly tenantId: TenantId
  /** The problem, in Hawser's words. */
  readonly problem: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `Could not load the tenant's OAuth client for ${this.provider}: ${this.problem}`
  }
}

/**
 * A sealed value does not decrypt: the key is missing, the value belongs to another row, or its bytes were changed.
 * Reported as a security event.
 *
 * @fix Add the key that it was sealed with to the keyring again (`unknown_key`). Otherwise find out who changed the
 * row, and have the tenant connect again.
 */
export class DecryptionFailed extends TaggedError("DecryptionFailed")<{
  readonly reason: "unknown_key" | "not_authentic" | "malformed"
}> {
  readonly code = "decryption_failed"
  override readonly httpStatus = 500
  override get message(): string {
    return this.reason === "unknown_key"
      ? "A stored secret was sealed with a key that is not configured. Add that key to the keyring again."
      : "A stored secret could not be opened: it was changed or belongs to another record."
  }
}

/**
 * There is no such connection, or it is disconnected.
 *
 * @fix Offer to connect. If the message lists names, the tenant has several connections: name one of them.
 */
export class NotConnected extends TaggedError("NotConnected")<{
  readonly provider: ProviderId
  /** The name that was asked for; undefined for `default`. */
  readonly connection?: ConnectionName | undefined
  /** The names that the same owner has, if none was asked for. */
  readonly names?: ReadonlyArray<ConnectionName> | undefined
}> {
  readonly code = "not_connected"
  override get message(): string {
    const { connection, names = [], provider } = this
    const which = connection === undefined ? "" : ` by the name ${connection}`
    return names.length === 0
      ? `There is no connection to ${provider}${which}. Connect it first.`
      : `There is no connection to ${provider}${which}. Name one of these: ${names.join(", ")}.`
  }
}

/**
 * The tenant is connected by another kind of credential than this call returns.
 *
 * @fix Call `token()` or `apiKey()`, as the message says, or `fetch`, which takes both.
 */
export class OtherCredentialKind extends TaggedError("OtherCredentialKind")<{
  readonly provider: ProviderId
  /** What the connection has. */
  readonly connectedBy: "access_token" | "api_key"
}> {
  readonly code = "other_credential_kind"
  override get message(): string {
    const [kind, call] =
      this.connectedBy === "api_key" ? ["an API key", "apiKey()"] : ["OAuth2", "token()"]
    return `The tenant is connected to ${this.provider} by ${kind}. Call ${call}, or fetch, which takes both.`
  }
}

/**
 * The stored tokens no longer work and only a person can get new ones.
 *
 * @fix Ask the tenant's admin to connect again. Trying again is of no use.
 */
export class ReconnectRequired extends TaggedError("ReconnectRequired")<{
  readonly provider: ProviderId
  /** `credential_rejected`: the vendor no longer takes the stored client credentials. */
  readonly reason: EndReason | "credential_rejected"
}> {
  readonly code = "reconnect_required"
  override get message(): string {
    return `The access to ${this.provider} has ended (${this.reason}). Ask the tenant's admin to connect it again.`
  }
}

/**
 * The provider issues no new token, or its API does not answer, for now. The connection stays.
 *
 * @fix Try again after `retryAfter` seconds. Tell nobody to reconnect.
 */
export class ProviderUnavailable extends TaggedError("ProviderUnavailable")<{
  readonly provider: ProviderId
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number
  /**
   * Why the request to its API failed, without the request itself; or, without its body, the API's 401 to a token that the
   * provider does not replace for now.
   */
  readonly cause?: unknown
}> {
  readonly code = "provider_unavailable"
  override readonly retryable = true
  override get message(): string {
    return `${this.provider} cannot be reached. Try again in ${this.retryAfter} s.`
  }
}

/**
 * The provider asked for fewer requests. The connection stays.
 *
 * @fix Try again after `retryAfter` seconds, and send fewer requests.
 */
export class RateLimited extends TaggedError("RateLimited")<{
  readonly provider: ProviderId
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number
  /** Without its body, the API's 401 to a token that the provider does not replace for now. */
  readonly cause?: unknown
}> {
  readonly code = "provider_rate_limited"
  override readonly retryable = true
  override get message(): string {
    return `${this.provider} asks to wait. Try again in ${this.retryAfter} s.`
  }
}

/**
 * The host's OAuth client does not match the stored tokens. Nothing is lost.
 *
 * @fix Correct the host's configuration, by `reason`. The tenant can do nothing.
 */
export class Misconfigured extends TaggedError("Misconfigured")<{
  readonly provider: ProviderId
  /**
   * `client_changed`: the tokens were issued to another client id or by another token endpoint than the configured ones, so
   * nothing was sent. `client_refused`: the provider did not accept the client id and secret, or the request itself.
   * `paused`: the provider refused the refreshes of too many tenants at once, so all refreshes of this client wait.
   * `endpoint_not_allowed`: the definition, or the host's endpoint lock, no longer allows the endpoint of this connection,
   * so nothing was sent. `auth_kind_failed`: the auth kind of the host's gave a request nothing to carry.
   * `owner_not_allowed`: the host's `ownedBy` no longer has this kind of owner.
   * `owner_suspended`: the host has suspended the user who owns the connection.
   */
  readonly reason:
    | "client_changed"
    | "client_refused"
    | "paused"
    | "endpoint_not_allowed"
    | "auth_kind_failed"
    | "owner_not_allowed"
    | "owner_suspended"
  /** Without its body, the API's 401 to a token that cannot be refreshed for this reason. */
  readonly cause?: unknown
}> {
  readonly code = "provider_misconfigured"
  override get message(): string {
    switch (this.reason) {
      case "auth_kind_failed":
        return `The auth kind of ${this.provider} answered nothing that a request can carry. The log says why.`
      case "client_changed":
        return `The tokens of ${this.provider} belong to another client id or token endpoint than the configured ones. Configure those they were issued with.`
      case "client_refused":
        return `${this.provider} does not accept the configured client. Check its client id and secret.`
      case "endpoint_not_allowed":
        return `The tenant's connection to ${this.provider} leads to an endpoint that the definition or the endpoint lock no longer has. Approve it again, or ask the tenant's admin to connect again.`
      case "owner_not_allowed":
        return `ownedBy of ${this.provider} does not have the owner of this connection any more, so it is not used. Add it again, or have the connection disconnected.`
      case "owner_suspended":
        return `The user who owns this connection to ${this.provider} is suspended, so it is not used. Resume the user, or have it disconnected.`
      case "paused":
        return `Too many refreshes of ${this.provider} were refused at once, so all of them wait. Check its client id and secret.`
    }
  }
}

/**
 * The credential may not be sent to this URL, or the API redirects to a forbidden one. The error does not hold the
 * URL.
 *
 * @fix Call a path, or a URL at one of the hosts that the provider's definition has in `api`; by `reason`, correct
 * the URL.
 */
export class UrlNotAllowed extends TaggedError("UrlNotAllowed")<{
  readonly provider: ProviderId
  /**
   * `malformed`: neither a path that begins with one slash nor an absolute URL, or ambiguous. `host`: not a host of the
   * API, or not the tenant's. `address`: the name resolves to an address that is not public. `redirect`: the redirect may
   * not be followed. `account`: the path names another account than the one that the connection is to.
   */
  readonly reason: "malformed" | "host" | "address" | "redirect" | "account"
}> {
  readonly code = "url_not_allowed"
  override get message(): string {
    return `This URL may not be called for ${this.provider} (${this.reason}).`
  }
}

/**
 * Why a flow did not connect: the closed list of words that a page may get. The callback puts the word into the redirect
 * URL as `error`; `complete` returns it as `reason` beside `error`.
 */
export const FlowFailure = Schema.Literals([
  "access_denied",
  "provider_error",
  "provider_unavailable",
  "invalid_response",
  "insufficient_scope",
  "account_mismatch",
  "account_not_permitted",
  "account_already_connected",
  "already_connected",
  "session_expired"
])
export type FlowFailure = typeof FlowFailure.Type

/**
 * The provider did not issue usable tokens. The flow has ended.
 *
 * @fix Start connecting again. `reason` is one of the words of the callback, and the log says more.
 */
export class ConnectFailed extends TaggedError("ConnectFailed")<{
  readonly provider: ProviderId
  readonly reason: Exclude<FlowFailure, "already_connected" | "session_expired">
}> {
  readonly code = "connect_failed"
  override readonly httpStatus = 400
  override get message(): string {
    return `Connecting ${this.provider} failed (${this.reason}). Start connecting again.`
  }
}

/**
 * The host's configuration is not usable. The start stops.
 *
 * @fix Set what the message names as it says.
 */
export class ConfigurationError extends TaggedError("ConfigurationError")<{
  /** The setting, as the host writes it. */
  readonly setting: string
  readonly problem: string
}> {
  readonly code = "configuration_error"
  override get message(): string {
    return `${this.setting}: ${this.problem}`
  }
}

/**
 * The metadata of an authorization server is not usable (RFC 8414 §3.3; OpenID Connect Discovery §4.3).
 *
 * @fix Compare the issuer with the provider's documentation, character by character; try again if it was
 * `unreachable`, or write the endpoints into the definition.
 */
export class DiscoveryFailed extends TaggedError("DiscoveryFailed")<{
  /** As the host configured it. */
  readonly issuer: string
  readonly reason: "unreachable" | "not_found" | "issuer_mismatch" | "invalid_metadata"
  /** The member that is not usable, in Hawser's words; nothing that the server wrote. */
  readonly problem?: string
  readonly cause?: unknown
}> {
  readonly code = "discovery_failed"
  override readonly retryable = this.reason === "unreachable"
  override get message(): string {
    switch (this.reason) {
      case "unreachable":
        return `The metadata of ${this.issuer} could not be fetched. Try again.`
      case "not_found":
        return `${this.issuer} has no metadata where it was looked for. Write the endpoints into the definition.`
      case "issuer_mismatch":
        return `The metadata of ${this.issuer} names another issuer and cannot be trusted. Compare the setting with the provider's documentation, character by character.`
      case "invalid_metadata":
        return `The metadata of ${this.issuer} cannot be used: ${this.problem ?? "it is not the JSON that it must be"}.`
    }
  }
}
