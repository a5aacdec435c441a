import type { ProviderId } from "@hawser/core"
import type { Caller } from "./Authenticator.ts"
import type { ReferenceSettings } from "./referenceDocuments.ts"

/** Whether a page may begin flows of a tenant that are proven by a session. */
export type AdmitsOrigin = (page: {
  readonly origin: string
  readonly tenantId: string
}) => boolean | Promise<boolean>

/** The pages that may begin flows, by their origins. */
export interface AppOrigins {
  /** The host's own, which may begin any flow. */
  readonly listed: ReadonlySet<string>
  /**
   * Those with schemes that no web server has, and of pages that tenants may run. They begin flows that a session proves or a
   * person confirms, and no others.
   */
  readonly limited?: ReadonlySet<string>
  /** Asked about any other, with the same limits. */
  readonly admits?: AdmitsOrigin
  /** Whether a page may begin a flow that ends at a URL of its own origin, which the host's function has allowed. */
  readonly ofRedirects?: boolean
}

/** What the handler needs to know, settled once at start. */
export interface HttpSettings {
  /** The path prefix as the process sees it, without a slash at its end; empty if there is none. Never inferred. */
  readonly basePath: string
  /** Callbacks at paths of the host's choice, whole and as the process sees them, each of one provider. */
  readonly callbackPaths?: ReadonlyMap<string, ProviderId>
  /** Which pages may start a flow. */
  readonly appOrigins: AppOrigins
  /** The origin of the public URL: a form of the confirm page comes from it. */
  readonly publicOrigin: string
  /** Where the page leads back to that a browser sees when it has no valid flow. */
  readonly appUrl?: string
  /** The page where a flow begins for who comes from an installation at a provider. Default `appUrl`. */
  readonly installUrl?: string
  /** False only if the public URL is plain http on loopback: then cookies go without `Secure` and `__Host-`. */
  readonly secureCookies: boolean
  /** Calls per tenant, and public calls and refused tokens per client address, in a minute; false for no limit. */
  readonly rateLimit: number | false
  /**
   * Who is signed in at the host, asked at the callback: for the binding `session`, and, if it is there, for `cookie` as
   * well. It gets the request without its body, and what the mount passed on as its own.
   */
  readonly resolveSession?: (request: Request, native: unknown) => Promise<Caller | null>
  /** Where it is there, `/openapi.json` and `/reference` are served under the base path, to everyone. */
  readonly reference?: ReferenceSettings
}
