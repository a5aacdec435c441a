import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { BoundFlow, FlowSecrets, FlowTerms, ParkedFlow } from "../model/index.ts"
import type { CheckedServer, OAuth2Definition, OAuth2Provider } from "../provider/index.ts"
import { Egress } from "../services/index.ts"
import type { AuthorizationResponse, IssuedTokens } from "./AuthorizationServerClient.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { exchangeToken } from "./exchangeToken.ts"
import { failureOfRequest } from "./failures.ts"
import { type AcceptedTokens, acceptedTokens, namedAsAsked, withLifetime } from "./issuedTokens.ts"
import { clientMetadata, serverMetadata } from "./serverMetadata.ts"
import { allowsPlainHttp, fetchOnce, recognizedTokenTypes, tokenReader } from "./tokenRequest.ts"
import { ownParameters, tokenRequestFormat } from "./vendorRequest.ts"

/** Exchanges a code for tokens (RFC 6749 §4.1.3), and those for the final tokens if the definition says so. */
export const exchangeCode = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  checked: CheckedServer,
  flow: (BoundFlow | ParkedFlow) & FlowTerms,
  { code, iss, scopes: named }: AuthorizationResponse,
  { codeVerifier, dpopKey }: FlowSecrets,
  expectedNonce: string | undefined
) {
  const { definition } = provider
  const { tokenRequest } = definition
  const egress = yield* Egress
  const server = serverMetadata(provider, checked, iss)
  const client = clientMetadata(checked)
  const reader = tokenReader(definition)
  const { exchanged, fetch } = yield* fetchOnce(
    egress,
    checked.tokenEndpoint,
    reader.read,
    tokenRequestFormat(definition, tokenRequest, flow.fields)
  )
  const tokens = yield* Effect.tryPromise({
    try: async (signal) => {
      const parameters = new URLSearchParams({ code: Redacted.value(code) })
      if (iss !== undefined) parameters.set("iss", iss)
      const validated = oauth.validateAuthResponse(server, client, parameters, oauth.skipStateCheck)
      const DPoP = await dpopHandle(dpopKey)
      return withNonceRetry(DPoP, async () => {
        const answer = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          clientAuthentication(provider, checked, tokenRequest?.clientAuthentication),
          validated,
          flow.redirectUri,
          codeVerifier === undefined || definition.pkce !== undefined
            ? oauth.nopkce
            : Redacted.value(codeVerifier),
          {
            ...(DPoP !== undefined && { DPoP }),
            additionalParameters: [
              ...ownParameters(tokenRequest?.parameters, checked, flow.fields),
              ...(checked.resource ?? []).map((uri): [string, string] => ["resource", uri])
            ],
            signal,
            [oauth.customFetch]: fetch,
            [oauth.allowInsecureRequests]: allowsPlainHttp(checked.tokenEndpoint)
          }
        )
        return oauth.processAuthorizationCodeResponse(server, client, answer, {
          recognizedTokenTypes: recognizedTokenTypes(DPoP !== undefined),
          ...(expectedNonce !== undefined && { expectedNonce, requireIdToken: true })
        })
      })
    },
    catch: (cause) =>
      failureOfRequest(definition, exchanged().egressError, cause, reader.last().issued)
  })
  const granted =
    named === undefined || tokens.scope !== undefined
      ? flow.scopes
      : askedAndNamed(definition, flow.scopes, named)
  const accepted = acceptedTokens(definition, granted, { tokens, read: reader.last() })
  const used = yield* exchangeToken(provider, checked, accepted, {
    bound: dpopKey !== undefined,
    fields: flow.fields
  })
  return (yield* withLifetime(provider, checked, notOverAtOnce(used), {
    fields: flow.fields
  })) satisfies IssuedTokens
})

/** What the browser brings may leave scopes out, and adds none. */
const askedAndNamed = (
  definition: OAuth2Definition,
  asked: ReadonlyArray<string>,
  named: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const granted = namedAsAsked(definition, asked, named)
  return asked.filter((scope) => granted.includes(scope))
}

/** A lifetime of 0 without a refresh token means no expiry at some vendors (Mailchimp). */
const notOverAtOnce = (issued: AcceptedTokens): AcceptedTokens =>
  issued.expiresIn === 0 && issued.refreshToken === undefined
    ? { ...issued, expiresIn: undefined }
    : issued
