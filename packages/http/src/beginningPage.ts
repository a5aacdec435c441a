import { askHost, type BeginningPage, isLoopback, type TenantId } from "@hawser/core"
import { Effect } from "effect"
import type { JsonObject } from "./body.ts"
import type { AppOrigins } from "./HttpSettings.ts"

/**
 * The page that a call comes from, by its origin; undefined if no page of that origin may begin anything. A call without
 * `Origin` comes from no page: it is a program's, or a browser's that says nothing.
 */
export const beginningPage = Effect.fnUntraced(function* (
  { admits, listed, limited, ofRedirects }: AppOrigins,
  origin: string | null,
  tenantId: TenantId,
  body: Effect.Effect<JsonObject, unknown>
): Effect.fn.Return<BeginningPage | undefined> {
  if (origin === null || listed.has(origin)) return "listed"
  if (limited?.has(origin) === true) return "admitted"
  // `null`, several in one header, and what only looks like an origin.
  if (!isOrigin(origin)) return undefined
  if (admits !== undefined && (yield* isAdmitted(admits, origin, tenantId))) return "admitted"
  if (ofRedirects !== true) return undefined
  const { redirectUrl } = yield* Effect.orElseSucceed(body, (): JsonObject => ({}))
  return typeof redirectUrl === "string" && URL.parse(redirectUrl)?.origin === origin
    ? "of_redirect"
    : undefined
})

/** As a browser writes one (RFC 6454 §6.2): of a page that came over https, or from this machine, or with a scheme of its own. */
const isOrigin = (text: string): boolean => {
  const url = URL.parse(text)
  if (url === null) return false
  if (url.protocol === "https:") return url.origin === text
  if (url.protocol === "http:") return url.origin === text && isLoopback(url.hostname)
  return hasOwnScheme(text)
}

/** Whether this is the origin of an app in a shell, or of a browser's extension: no web server has it. */
export const hasOwnScheme = (text: string): boolean => ownScheme.test(text)

const ownScheme =
  /^(?!(?:https?|wss?|ftp|file|data|blob|about|javascript):)[a-z][a-z0-9+.-]*:\/\/[\w.-]+(?::\d+)?$/

/** Only `true` admits; a function that gives no answer does not. */
const isAdmitted = (
  admits: NonNullable<AppOrigins["admits"]>,
  origin: string,
  tenantId: TenantId
): Effect.Effect<boolean> =>
  askHost({
    hook: "appOrigins",
    call: () => admits({ origin, tenantId }),
    read: (answer) => answer === true,
    details: { tenantId }
  }).pipe(Effect.orElseSucceed(() => false))
