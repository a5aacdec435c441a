import { Egress, shownUrl, TaggedError } from "@hawser/core"
import { Cause, Effect, Predicate } from "effect"
import type { Authentication } from "../Authenticator.ts"
import type { JwtOptions } from "../jwt.ts"

/**
 * Asks for each key set once and tells the log of those that cannot be used, so that whoever starts the process sees it:
 * later it is a 503 for a caller. What comes of it is kept nowhere, because the issuer may be starting as well.
 */
export const reportKeySets = (authentication: Authentication): Effect.Effect<void, never, Egress> =>
  typeof authentication === "function" || authentication._tag !== "Jwt"
    ? Effect.void
    : Effect.forEach(authentication.issuers, reportKeySet, {
        concurrency: "unbounded",
        discard: true
      })

const reportKeySet = (options: JwtOptions) =>
  askKeySet(options).pipe(
    Effect.catch((cause) =>
      Effect.logError(
        `The key set ${shownUrl(options.jwksUrl ?? "")} cannot be loaded. Until it can, callers get 503.`,
        Cause.fail(cause)
      )
    )
  )

/**
 * Asks once for the key set of an issuer, if it is one that is loaded. Fails with the error of the
 * request, or with one whose message has nothing of what was answered.
 */
export const askKeySet = Effect.fnUntraced(function* ({
  jwks,
  jwksUrl,
  unsafelyLoadKeysOverHttp
}: JwtOptions): Effect.fn.Return<void, Error, Egress> {
  const url = URL.parse(jwksUrl ?? "")
  if (jwks !== undefined || url === null) return
  const egress = yield* Egress
  yield* egress
    .request({
      method: "GET",
      url,
      headers: { accept: "application/json, application/jwk-set+json" },
      hosts: [url.host],
      privateNetwork: unsafelyLoadKeysOverHttp === true ? "unsafe_http" : "https"
    })
    .pipe(
      Effect.flatMap((response) =>
        response.status === 200
          ? Effect.tryPromise({ try: () => response.json() as Promise<unknown>, catch: notKeys })
          : Effect.fail(new NoKeySet({ message: `It answers ${response.status}.` }))
      ),
      Effect.flatMap((body) => (hasKeys(body) ? Effect.void : Effect.fail(notKeys())))
    )
})

/** Nothing of what was answered is in it. */
class NoKeySet extends TaggedError("NoKeySet")<{ readonly message: string }> {}

const notKeys = () => new NoKeySet({ message: "Its answer is not a JSON Web Key Set with keys." })

const hasKeys = (body: unknown): boolean =>
  Predicate.hasProperty(body, "keys") && Array.isArray(body.keys) && body.keys.length > 0
