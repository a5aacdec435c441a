import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import type { Secret, TenantFields } from "../model/index.ts"
import {
  type CheckedServer,
  isLoopback,
  type OAuth2Provider,
  type SecretUrl
} from "../provider/index.ts"
import { authorizationUrlWith, authorizationWishes } from "./authorizationRequest.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { egressFetch } from "./egressFetch.ts"
import { failureOfRequest } from "./failures.ts"
import { clientMetadata, serverMetadata } from "./serverMetadata.ts"
import { vendorRequest } from "./vendorRequest.ts"

/**
 * Pushes an authorization request, authenticated like the token request, and returns the URL with the reference to it. The
 * browser cannot change anything in that URL (RFC 9126 §2, §4).
 */
export const pushAuthorizationRequest = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  server: CheckedServer,
  endpoint: SecretUrl,
  parameters: URLSearchParams,
  { dpopKey, fields }: { readonly dpopKey: Secret | undefined; readonly fields: TenantFields }
) {
  const { failure, fetch } = yield* egressFetch(endpoint)
  const metadata = serverMetadata(provider, server)
  const client = clientMetadata(server)
  const { request_uri: requestUri } = yield* Effect.tryPromise({
    try: async (signal) => {
      const DPoP = await dpopHandle(dpopKey)
      return withNonceRetry(DPoP, async () =>
        oauth.processPushedAuthorizationResponse(
          metadata,
          client,
          await oauth.pushedAuthorizationRequest(
            metadata,
            client,
            clientAuthentication(provider, server),
            parameters,
            {
              ...(DPoP !== undefined && { DPoP }),
              [oauth.customFetch]: (url, request) =>
                fetch(url, vendorRequest(authorizationWishes(provider, fields), request), signal),
              // The egress decides whether plain http is allowed.
              [oauth.allowInsecureRequests]: isLoopback(new URL(endpoint).hostname)
            }
          )
        )
      )
    },
    catch: (cause) => failureOfRequest(provider.definition, failure(), cause)
  })
  return authorizationUrlWith(
    provider,
    server,
    new URLSearchParams({ client_id: server.clientId, request_uri: requestUri })
  )
})
