import type { Binding, ProviderConfig, SecurityEvent, Store } from "@hawser/core"
import type { AdmitsOrigin, Authentication, Caller } from "@hawser/http"
import type { EgressProxyOptions } from "@hawser/node"
import type { EndpointLockOptions } from "./endpointLock.ts"
import type { KeyOptions } from "./keyManagement.ts"

/** A URL where flows may end, and how a flow that ends there is bound to who started it. */
export interface AllowedRedirect {
  /** Compared with `redirectUrl` as a whole, character by character. */
  readonly url: string
  readonly binding: Binding
}

/**
 * Every URL that is this one or stands below it may end a flow: unsafe, because whoever can place a page or a redirect
 * anywhere below receives what a flow brings back (RFC 9700 §4.11). Never with the binding `complete`.
 */
export interface UnsafeRedirectPrefix {
  readonly unsafePrefix: string
  readonly binding: Exclude<Binding, "complete">
}

/**
 * What `allowRedirect` answers to a binding by which whoever runs the page, or its neighbours, can finish a flow that
 * somebody else took part in: unsafe, unless every page at the URL is yours. `complete` hands the flow id to the page: a
 * tenant that runs it begins a flow, has a stranger consent, and finishes with the stranger's account (cross-user session
 * fixation). `cookie` binds to a browser, and a page of the tenant's can make any visitor's browser the one.
 */
export interface UnsafeRedirectBinding {
  readonly unsafeBinding: Exclude<Binding, "session">
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
 * Where Hawser writes what it has to say. `console`, winston, pino and Fastify's `app.log` are known. Of any other logger say
 * what it takes first, by `{ messageFirst: yours }` or `{ detailsFirst: yours }`; if nobody says it, it gets the text first,
 * and the details in it as well as behind it, so that they are never lost.
 */
export type HawserLogger =
  | MessageFirstLogger
  | { readonly messageFirst: MessageFirstLogger }
  | { readonly detailsFirst: DetailsFirstLogger }

/** How a flow that ends at a URL of a tenant's own is bound, or null for not at all. */
export type AllowRedirectAnswer = "session" | UnsafeRedirectBinding | null

/** All that a host settles, once, at start. */
export interface HawserOptions extends KeyOptions {
  /**
   * The URL under which the world reaches the mount, prefix included: `https://app.example.com/api` serves
   * `https://app.example.com/api/v1/integrations`. Nothing is ever taken from a `Host` header.
   */
  readonly publicUrl: string | undefined
  /** The prefix that the process sees, if a proxy changes it. Default: the path of `publicUrl`. */
  readonly basePath?: string
  /**
   * Where a browser may end up after a flow. A bare string is bound by `cookie` where its origin is the public URL's,
   * else by `complete`.
   */
  readonly allowedRedirectUrls: ReadonlyArray<string | AllowedRedirect | UnsafeRedirectPrefix>
  /**
   * Asked about a `redirectUrl` that the list does not have, for tenants' own domains: answers `session`, which needs
   * `resolveSession`, or null to refuse. The URL is https, or http on this machine, written as browsers write it, and its
   * path can be read in one way only. What throws refuses, and so does any other answer, which is logged.
   */
  readonly allowRedirect?: (redirect: {
    readonly url: string
    readonly tenantId: string
  }) => AllowRedirectAnswer | Promise<AllowRedirectAnswer>
  /**
   * Who is signed in at the host, by its own session: asked at the callback for the binding `session`, and, once it is set,
   * for `cookie` as well. Null for nobody; what throws is nobody. `native` is the framework's own request.
   */
  readonly resolveSession?: (request: Request, native: unknown) => Promise<Caller | null>
  /**
   * Origins of the pages that may begin a flow. Default: those of the redirect URLs and of the public URL, and for a flow that
   * `allowRedirect` lets end at a page, that page's own.
   *
   * A function is asked about any other origin and the caller's tenant; only `true` admits it. What it admits, an origin with a
   * scheme of its own such as `capacitor://localhost`, and a page that `allowRedirect` allows begin flows bound by `session`
   * alone, and get no cookie.
   */
  readonly appOrigins?: ReadonlyArray<string> | AdmitsOrigin
  /** Where the page that a browser with no valid flow sees leads back to. Default: the first redirect URL. */
  readonly appUrl?: string
  /**
   * The page of yours where a flow begins for who installed your app at the provider itself. It gets `provider`, and what
   * the provider told of the tenant's fields, as query parameters. Default: `appUrl`.
   */
  readonly installUrl?: string
  /** Who the callers are: `jwt({…})`, `session({…})`, or a function of the host's own. */
  readonly authenticate: Authentication
  readonly providers: ReadonlyArray<ProviderConfig>
  /**
   * A file that holds the endpoints that you have approved, to be committed beside your code: `hawser.lock.json`. With it, a
   * definition that has changed cannot be sent a secret before you have looked at it. The first start writes it.
   */
  readonly endpointLock?: string | EndpointLockOptions
  /** `postgres({ url })`, `pglite({ dataDir })` or, for tests, `memory()`. */
  readonly store: Store
  /**
   * Calls per tenant and minute, and of each client address, if the mount knows one, callbacks, reads of the catalogue
   * and refused tokens; `false` for no limit. Default 2,000.
   */
  readonly rateLimit?: number | false
  /** Minutes from connect to callback, at most 60. Default 10. */
  readonly flowLifetimeMinutes?: number
  /** Who does the background work: Hawser's own fibres, or the host by calling `tick()`. Default `in-process`. */
  readonly workers?: "in-process" | "off"
  /**
   * Serves the contract to everyone: as an OpenAPI document at `/v1/integrations/openapi.json`, and as a page to read at
   * `/v1/integrations/reference`. Default false.
   */
  readonly reference?: boolean
  /** Days that a delivered event is kept. Default 7. */
  readonly eventRetentionDays?: number
  /** Days that an unused API key is kept; 0 keeps it without limit. Default 30. */
  readonly unusedCredentialRetentionDays?: number
  /** Default: the console, from warnings on. */
  readonly logger?: HawserLogger
  /** Called for what a security team wants to see; never with a secret. Nothing waits for it, and what it throws is logged. */
  readonly onSecurityEvent?: (event: SecurityEvent) => unknown
  /**
   * Milliseconds that one of the functions here may take, 100 to 60,000: then Hawser goes on without its answer, as if it had
   * thrown. Event handlers have a minute. Default 5,000.
   */
  readonly hookTimeoutMs?: number
  /**
   * The way out to providers and key sets, if it is not direct. Key sets at private addresses, and what is on this
   * machine, are reached without the proxy.
   */
  readonly egress?: EgressProxyOptions
  /** For development only: lets providers be on this machine, over plain http. */
  readonly unsafelyAllowLoopback?: boolean
}

/** What only a process that serves browsers and callers has to say. */
type HttpOption =
  | "publicUrl"
  | "basePath"
  | "allowedRedirectUrls"
  | "allowRedirect"
  | "resolveSession"
  | "appOrigins"
  | "appUrl"
  | "installUrl"
  | "authenticate"
  | "rateLimit"
  | "flowLifetimeMinutes"
  | "reference"

/** What a process settles that only runs jobs: it has no handler and begins no flow, so it needs neither URLs nor an authenticator. */
export type JobOptions = Omit<HawserOptions, HttpOption>
