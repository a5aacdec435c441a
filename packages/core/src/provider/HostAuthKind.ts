import type { ApiKeyDefinition } from "./ProviderDefinition.ts"

/** A tenant's credential, opened. */
export interface HostCredential {
  /** The values of the definition's fields. */
  readonly fields: Readonly<Record<string, string>>
  /** What `renew` answered; undefined for a kind without it. */
  readonly token: string | undefined
}

/** A request as it will be sent, before it carries the credential. */
export interface UncarriedRequest {
  readonly method: string
  /** With its query. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Undefined for a request without a body; `"stream"` for a body that is sent as it comes, so nobody can read it first. */
  readonly body: Uint8Array | "stream" | undefined
}

/** What a request carries. */
export interface CarriedCredential {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

/**
 * Sends one request below the definition's `api.baseUrl`, without the credential, by Hawser's egress: https, public
 * addresses, no redirect, at most 64 KiB of answer.
 */
export type SendToProvider = (
  path: string,
  init?: {
    readonly method?: "GET" | "POST" | "DELETE"
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }
) => Promise<Response>

/**
 * An auth kind of the host's, for a vendor whose requests no definition can describe, such as one that wants each request
 * signed. A definition names it in `authKind`. Its connections begin with a stored credential, as those of an API key.
 * Each function may take `hookTimeout`; one that throws or takes longer counts as no answer.
 */
export interface HostAuthKind {
  /** Not one of Hawser's: `oauth2`, `api_key`, `client_credentials`, `github_app`. */
  readonly id: string
  /** Called at the start for each definition that names the kind: undefined, or a sentence that stops the start. */
  readonly configure: (definition: ApiKeyDefinition) => string | undefined
  /** A connection begins when a tenant's admin names a stored credential. */
  readonly begin: "credential"
  /** Called for each request to the API, also after a redirect: what it carries. */
  readonly use: (
    credential: HostCredential,
    request: UncarriedRequest
  ) => CarriedCredential | Promise<CarriedCredential>
  /**
   * Exchanges the fields for a token, which Hawser keeps in the process until it ends. Null if the vendor refuses the
   * fields. `expiresIn` is in seconds; without it the token is used for ten minutes.
   */
  readonly renew?: (
    credential: HostCredential,
    send: SendToProvider
  ) => Promise<{ readonly token: string; readonly expiresIn?: number } | null>
  /** Asks the vendor whether it accepts the credential. `unknown` if its answer does not say. */
  readonly check: (
    credential: HostCredential,
    send: SendToProvider
  ) => Promise<"accepted" | "rejected" | "unknown">
}
