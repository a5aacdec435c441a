import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { Secret } from "../domain/Sealed.ts"
import { RevocationFailed } from "../ports/AuthorizationServerClient.ts"
import type { Egress } from "../ports/Egress.ts"
import { renderTemplate } from "../programs/fields.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { normalizeTokenResponse } from "./normalizeTokenResponse.ts"
import { clientMetadata } from "./serverMetadata.ts"
import { serverOf } from "./serverOf.ts"
import { allowsPlainHttp, type Exchanged, fetchOnce } from "./tokenRequest.ts"

/** One revocation request (RFC 7009). */
export const revokeToken = (egress: Egress["Service"]) =>
  Effect.fnUntraced(function* (
    provider: OAuth2Provider,
    grant: { readonly fields: TenantFields },
    token: Secret,
    hint: "access_token" | "refresh_token"
  ) {
    const { definition } = provider
    const { revocation } = definition
    if (revocation === undefined || revocation.ends === "none") return
    const at = serverOf(provider, grant.fields)
    const endpoint = renderTemplate(revocation.endpoint, grant.fields)
    const { exchanged, fetch } = yield* fetchOnce(egress, async (answer) =>
      // The content of a success is to be ignored (RFC 7009 §2.2).
      answer.ok ? new Response() : normalizeTokenResponse(definition, answer)
    )
    yield* Effect.tryPromise({
      try: async () => {
        const answer = await oauth.revocationRequest(
          { issuer: at.issuer, revocation_endpoint: endpoint },
          clientMetadata(at),
          clientAuthentication(provider, at),
          Redacted.value(token),
          {
            additionalParameters: { token_type_hint: hint },
            [oauth.customFetch]: fetch,
            [oauth.allowInsecureRequests]: allowsPlainHttp(endpoint)
          }
        )
        await oauth.processRevocationResponse(answer)
      },
      catch: (cause) => (hasNothingToDo(cause) ? undefined : failureOf(exchanged()))
    }).pipe(Effect.catch((failure) => (failure === undefined ? Effect.void : Effect.fail(failure))))
  })

/**
 * Nothing is left to do: the server cannot revoke tokens of this type (RFC 7009 §2.2.1), or the token was dead before. The
 * answer to that should be 200, and Google's is this error.
 */
const hasNothingToDo = (cause: unknown): boolean =>
  cause instanceof oauth.ResponseBodyError &&
  (cause.error === "unsupported_token_type" || cause.error === "invalid_token")

const failureOf = ({ egressError, retryAfter, status = 0 }: Exchanged): RevocationFailed =>
  new RevocationFailed({
    isRetryable: egressError !== undefined || status === 429 || status >= 500,
    retryAfter
  })
