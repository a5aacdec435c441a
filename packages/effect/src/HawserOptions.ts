import type {
  Binding,
  DurationInput,
  HostAuthKind,
  ProviderConfig,
  SecurityEvent,
  Store
} from "@hawser/core"
import type { AdmitsOrigin, Authentication, Caller } from "@hawser/http"
import type { EgressProxyOptions } from "@hawser/egress"
import type { EndpointLockOptions } from "./endpointLock.ts"
import type { KeyOptions } from "./keyManagement.ts"

/** A URL at which flows may end, and the binding of such flows. */
export interface AllowedRedirect {
  /** Compared with `redirectUrl` as a whole, character by character. */
  readonly url: string
  readonly binding: Binding
}

/**
 * A flow may end at this URL and at every URL below it. Unsafe: anyone who can place a page or a redirect below it receives
 * the result of the flow (RFC 9700 §4.11). Not allowed with the binding `complete`.
 */
export interface UnsafeRedirectPrefix {
  readonly unsafePrefix: string
  readonly binding: Exclude<Binding, "complete">
}

/**
 * An answer of `allowRedirect` that allows the binding `complete` or `cookie`. Unsafe unless you run every page at the URL.
 * With `complete` the page gets the flow id: a tenant that runs it can begin a flow, let a stranger consent, and finish
 * with the stranger's account (cross-user session fixation). With `cookie`, the tenant's page can begin a flow in any
 * visitor's browser.
 */
export interface UnsafeRedirectBinding {
  readonly unsafeBinding: Exclude<Binding, "session" | "confirm">
}

/** A logger that takes the text first. */
export interface MessageFirstLogger {
  readonly info: (message: string, details: object) => unknown
  readonly warn: (message: string, details: object) => unknown
  readonly error: (message: string, details: object) => unknown
}

/** A logger that takes the text second, as pino does. */
export interface DetailsFirstLogger {
  readonly info: (details: object, message: string) => unknown
  readonly warn: (details: object, message: string) => unknown
  readonly error: (details: object, message: string) => unknown
}

/**
 * The logger that Hawser writes to. It knows `console`, winston, pino and Fastify's `app.log`. For any other logger, say
 * which argument comes first: `{ messageFirst: yours }` or `{ detailsFirst: yours }`. Otherwise the logger gets the text
 * first, with the details both inside the text and as the second argument, so that they are never lost.
 */
export type HawserLogger =
  | MessageFirstLogger
  | { readonly messageFirst: MessageFirstLogger }
  | { readonly detailsFirst: DetailsFirstLogger }

/** The binding of a flow that ends at a tenant's URL, or null to refuse the URL. */
export type AllowRedirectAnswer = "session" | "confirm" | UnsafeRedirectBinding | null

/** The options of `createHawser` on one kind of store. */
export interface OptionsWithStore<AnyStore> extends KeyOptions {
  /**
   * The public URL of the mount, with its prefix: `https://app.example.com/api` serves
   * `https://app.example.com/api/v1/integrations`. Hawser never uses a `Host` header.
   */
  readonly publicUrl: string | undefined
  /** The prefix that the process sees, if a proxy changes it. Default: the path of `publicUrl`. */
  readonly basePath?: string
  /**
   * The pages at which a flow may end. A plain string has the binding `cookie` if its origin is that of the public URL,
   * otherwise `complete`.
   */
  readonly allowedRedirectUrls: ReadonlyArray<string | AllowedRedirect | UnsafeRedirectPrefix>
  /**
   * Called for a `redirectUrl` that is not on the list, for tenants' own domains. Returns `session`, which needs
   * `resolveSession`, `confirm`, which needs `tenantName`, or null to refuse. The URL is https, or http on this machine, in
   * the form that browsers write, and its path is unambiguous. If the function throws or returns anything else, the URL is
   * refused and the log says so.
   */
  readonly allowRedirect?: (redirect: {
    readonly url: string
    readonly tenantId: string
  }) => AllowRedirectAnswer | Promise<AllowRedirectAnswer>
  /**
   * Returns the user who is signed in at the host, by the host's session. Called at the callback for the binding `session`
   * and, if it is set, for `cookie` and on the page of `confirm` too. Null means nobody, and so does an error. `native` is the framework's request.
   */
  readonly resolveSession?: (request: Request, native: unknown) => Promise<Caller | null>
  /**
   * Returns what people call a tenant, for the page on which somebody agrees to a flow with the binding `confirm`. The page
   * shows at most 100 characters of it, beside the tenant's id; the id alone if the function throws or returns no text.
   */
  readonly tenantName?: (tenantId: string) => string | Promise<string>
  /**
   * Origins of the pages that may begin a flow. Default: those of the redirect URLs and of the public URL, and for a
   * redirect URL that `allowRedirect` admits, its own origin.
   *
   * A function is called with any other origin and the caller's tenant; only `true` admits it. Such origins, pages that
   * `allowRedirect` admits, origins with a scheme such as `capacitor://localhost`, and by default those whose URLs are all
   * bound by `confirm`, may only begin flows with the bindings `session` and `confirm`, and get no cookie.
   */
  readonly appOrigins?: ReadonlyArray<string> | AdmitsOrigin
  /**
   * The link on the page that a browser without a valid flow sees. Default: the first redirect URL that is not bound by
   * `confirm`.
   */
  readonly appUrl?: string
  /**
   * Your page on which a flow begins after a user installed your app at the provider. It gets `provider`, and the values
   * that the provider sent for the tenant's fields, as query parameters. Default: `appUrl`.
   */
  readonly installUrl?: string
  /** Authenticates the callers: `jwt({…})`, `session({…})`, or your own function. */
  readonly authenticate: Authentication
  /** The providers that tenants can connect: `github({…})` and the like, or definitions of your own. */
  readonly providers: ReadonlyArray<ProviderConfig>
  /** Auth kinds of your own, for vendors whose requests no definition can describe. Definitions name them in `authKind`. */
  readonly authKinds?: ReadonlyArray<HostAuthKind>
  /**
   * A file of the endpoints that you have approved, such as `hawser.lock.json`. Commit it beside your code. A changed
   * definition then gets no secret until you approve it. The first start writes the file.
   */
  readonly endpointLock?: string | EndpointLockOptions
  /** `postgres({ url })`, `pglite({ dataDir })` or, for tests, `memory()`. */
  readonly store: AnyStore
  /**
   * Calls for each tenant and minute. If the mount knows the client's address, also callbacks, reads of the catalogue and
   * refused tokens for each address. `false` for no limit. Default 2,000.
   */
  readonly rateLimit?: number | false
  /** From connect to callback, from 1 to 60 minutes. Default `"10 minutes"`. */
  readonly flowLifetime?: DurationInput
  /** Whether Hawser does the background work, or the host calls `tick()`. Default `in-process`. */
  readonly workers?: "in-process" | "off"
  /**
   * Serves the contract to everyone: as an OpenAPI document at `/v1/integrations/openapi.json`, and as a page at
   * `/v1/integrations/reference`. Default false.
   */
  readonly reference?: boolean
  /** How long a delivered event is kept, at least a day. Default `"7 days"`. */
  readonly eventRetention?: DurationInput
  /** How long an unused API key is kept, at least a day; 0 keeps it without limit. Default `"30 days"`. */
  readonly unusedCredentialRetention?: DurationInput
  /** Default: warnings and errors go to the console. */
  readonly logger?: HawserLogger
  /** Called for each security event, never with a secret. Nothing waits for it, and its errors are logged. */
  readonly onSecurityEvent?: (event: SecurityEvent) => unknown
  /**
   * How long each of these functions may take, from 100 milliseconds to a minute. After that Hawser goes on as if it had
   * thrown. Event handlers have a minute. Default `"5 seconds"`.
   */
  readonly hookTimeout?: DurationInput
  /**
   * The proxy for requests to providers and key sets, if there is one. Key sets at private addresses and servers on this
   * machine are reached without it.
   */
  readonly egress?: EgressProxyOptions
  /** For development only: allows providers on this machine, over plain http. */
  readonly unsafelyAllowLoopback?: boolean
}

/** The options that only a process with the HTTP surface needs. */
type HttpOption =
  | "publicUrl"
  | "basePath"
  | "allowedRedirectUrls"
  | "allowRedirect"
  | "resolveSession"
  | "tenantName"
  | "appOrigins"
  | "appUrl"
  | "installUrl"
  | "authenticate"
  | "rateLimit"
  | "flowLifetime"
  | "reference"

/** The options of a process that only runs jobs. It has no handler and begins no flow, so it needs neither URLs nor an authenticator. */
export interface JobOptions extends JobOptionsWithStore<Store> {}

export type JobOptionsWithStore<AnyStore> = Omit<OptionsWithStore<AnyStore>, HttpOption>

/** The options of `createHawser`. */
export interface HawserOptions extends OptionsWithStore<Store> {}
