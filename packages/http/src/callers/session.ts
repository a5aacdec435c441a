import type { Caller } from "./Caller.ts"

/** A host's own session, for an app on the same origin. Both functions get the request without its body. */
export interface SessionOptions {
  /**
   * Whether this request comes from the host's own pages; asked first, on every call. Only `true` lets it pass: a cookie
   * alone proves nothing about who sent it. Default: the browser says that a page of this origin sends it, with
   * `Sec-Fetch-Site: same-origin` (Fetch Metadata Request Headers §2.4), which no page can set.
   */
  readonly csrf?: (request: Request, native: unknown) => boolean | Promise<boolean>
  /** Who is signed in, or null. `native` is the framework's own request. */
  readonly resolve: (request: Request, native: unknown) => Caller | null | Promise<Caller | null>
}

/** A description of how callers are authenticated; `session` makes one. */
export interface SessionAuthentication extends SessionOptions {
  readonly _tag: "Session"
}

/**
 * Callers are authenticated by the host's own session, such as its cookie, without a bearer token.
 *
 * A request that comes from no page of the host's, or that nobody is signed in on, is refused with 401; what throws is 503.
 *
 * @example
 * import { session } from "@hawser/http"
 *
 * declare const readSession: (cookie: string | null) => Promise<{ org: string; user: string } | null>
 *
 * const authentication = session({
 *   resolve: async (request) => {
 *     const signedIn = await readSession(request.headers.get("cookie"))
 *     return signedIn && { tenantId: signedIn.org, userId: signedIn.user, roles: ["admin"] }
 *   }
 * })
 */
export const session = (options: SessionOptions): SessionAuthentication => ({
  ...options,
  _tag: "Session"
})
