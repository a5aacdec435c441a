import { Clock, Duration, Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { Secret, TenantFields } from "../model/index.ts"
import type { CheckedServer, OAuth2Provider } from "../provider/index.ts"
import type { Egress } from "../services/index.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { egressFetch } from "./egressFetch.ts"
import { clientMetadata } from "./serverMetadata.ts"
import { parseLifetime } from "./tokenLifetime.ts"
import { allowsPlainHttp } from "./tokenRequest.ts"
import { vendorRequest, tokenRequestFormat } from "./vendorRequest.ts"

/** New tokens wait for this request, and the lease on the refresh ends in a few seconds. */
const patience = Duration.seconds(2)

/**
 * Seconds until an access token expires, from the server's introspection endpoint (RFC 7662 §2.2); undefined if it has
 * none, or does not answer in time. A failure never costs the tokens.
 */
export const introspectedLifetime = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  server: CheckedServer,
  accessToken: Secret,
  fields: TenantFields
): Effect.fn.Return<number | undefined, never, Egress> {
  const endpoint = server.introspectionEndpoint
  if (endpoint === undefined) return undefined
  const metadata = { issuer: server.issuer, introspection_endpoint: endpoint }
  const client = clientMetadata(server)
  const { fetch } = yield* egressFetch(endpoint)
  const answer = yield* Effect.tryPromise(async (signal) =>
    oauth.processIntrospectionResponse(
      metadata,
      client,
      await oauth.introspectionRequest(
        metadata,
        client,
        clientAuthentication(provider, server),
        Redacted.value(accessToken),
        {
          additionalParameters: { token_type_hint: "access_token" },
          [oauth.customFetch]: (url, request) =>
            fetch(
              url,
              vendorRequest(tokenRequestFormat(provider.definition, undefined, fields), request),
              signal
            ),
          [oauth.allowInsecureRequests]: allowsPlainHttp(endpoint)
        }
      )
    )
  ).pipe(Effect.interruptible, Effect.timeout(patience), Effect.option)
  if (answer._tag === "None" || !answer.value.active) return undefined
  return parseLifetime(answer.value.exp, "epoch_seconds", yield* Clock.currentTimeMillis)
})
