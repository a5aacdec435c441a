import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import { Secret, TaggedError } from "../model/index.ts"
import {
  type ClientCredentials,
  type FieldValues,
  renderTemplate,
  type SecretUrl
} from "../provider/index.ts"
import { Egress } from "../services/index.ts"
import { staticHeaders } from "./apiCredential.ts"
import { secretAuthentication } from "./clientAuthentication.ts"
import { allowsPlainHttp, type Exchanged, fetchOnce, tokenReader } from "./tokenRequest.ts"

/** The token that a key was exchanged for. */
export interface ClientToken {
  readonly accessToken: Secret
  /** Seconds; undefined if unknown. */
  readonly expiresIn: number | undefined
}

/** The vendor issued no token for a key. The error never quotes the vendor. */
export class ClientTokenFailed extends TaggedError("ClientTokenFailed")<{
  /** True if the vendor refused the key; false if it gave no verdict. */
  readonly isRejected: boolean
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number
}> {
  override get message(): string {
    return this.isRejected
      ? "The provider does not accept the client credentials."
      : "The provider gives no token for now."
  }
}

/** Exchanges a tenant's client credentials for a token (RFC 6749 §4.4): one request. */
export const requestClientToken = Effect.fnUntraced(function* (
  endpoint: SecretUrl,
  definition: ClientCredentials,
  values: FieldValues,
  userAgent: Readonly<Record<string, string>>
): Effect.fn.Return<ClientToken, ClientTokenFailed, Egress> {
  const egress = yield* Egress
  const server = { issuer: new URL(endpoint).origin, token_endpoint: endpoint }
  const client = { client_id: renderTemplate(definition.clientId, values) }
  const secret = renderTemplate(definition.clientSecret, values)
  const { encoding, headers, omits, parameterNames, tokenResponse } = definition
  const { exchanged, fetch } = yield* fetchOnce(
    egress,
    endpoint,
    tokenReader({ tokenResponse }).read,
    {
      encoding,
      omits,
      names: parameterNames,
      headers: { ...userAgent, ...staticHeaders(headers) }
    }
  )
  const tokens = yield* Effect.tryPromise({
    try: async (signal) => {
      const answer = await oauth.genericTokenEndpointRequest(
        server,
        client,
        secretAuthentication(definition.clientAuthentication, client.client_id, secret),
        definition.grantType ?? "client_credentials",
        credentialsParameters(definition, values),
        {
          signal,
          [oauth.customFetch]: fetch,
          [oauth.allowInsecureRequests]: allowsPlainHttp(endpoint)
        }
      )
      return oauth.processGenericTokenEndpointResponse(server, client, answer)
    },
    catch: (cause) => clientTokenFailure(exchanged(), cause)
  })
  return {
    accessToken: Secret(tokens.access_token),
    expiresIn: tokens.expires_in ?? definition.defaultTokenLifetime
  }
})

const credentialsParameters = (
  { parameters = {}, scope }: ClientCredentials,
  values: FieldValues
): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...(scope !== undefined && { scope }), ...parameters }).map(
      ([name, template]) => [name, renderTemplate(template, values)]
    )
  )

/** RFC 6749 §4.1.2.1 has them for the authorization endpoint; vendors' token endpoints send them too, with 400. */
const aboutTheServer = ["server_error", "temporarily_unavailable"]

/**
 * A vendor refuses a client by 401, by 403 with its own error, or by 400 with an error of the protocol (RFC 6749 §5.2). Any
 * other response is not a verdict on the key.
 */
const clientTokenFailure = ({ retryAfter, status }: Exchanged, cause: unknown): ClientTokenFailed =>
  new ClientTokenFailed({
    isRejected:
      status === 401 ||
      status === 403 ||
      (status === 400 &&
        cause instanceof oauth.ResponseBodyError &&
        !aboutTheServer.includes(cause.error)),
    retryAfter: retryAfter ?? 1
  })
