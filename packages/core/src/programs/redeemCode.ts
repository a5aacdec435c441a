import { Effect } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import { clientFingerprint } from "../crypto/clientFingerprint.ts"
import { type AlreadyConnected, ConnectFailed, type StorageUnavailable } from "../domain/Errors.ts"
import type { BoundFlow, FlowSecrets, FlowTerms, ParkedFlow } from "../domain/Flow.ts"
import { newEventId, newGrantId, newIntegrationId } from "../domain/Ids.ts"
import type { Integration, SealedGrant } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { Secret } from "../domain/Sealed.ts"
import {
  type AuthorizationResponse,
  AuthorizationServerClient,
  type IssuedTokens
} from "../ports/AuthorizationServerClient.ts"
import { Cipher } from "../ports/Cipher.ts"
import { IntegrationStore } from "../ports/IntegrationStore.ts"
import { SecurityLog } from "../ports/SecurityLog.ts"
import { renderTemplate } from "./fields.ts"
import { identifyAccount } from "./identifyAccount.ts"

/** The names under which a grant's tokens are sealed. */
export const accessTokenField = "access_token"
const refreshTokenField = "refresh_token"
export const dpopKeyField = "dpop_key"

export type RedeemCodeServices =
  | AuthorizationServerClient
  | Cipher
  | Digest.Digest
  | IntegrationStore
  | SecureRandom.SecureRandom
  | SecurityLog

/**
 * The second half of a flow, the same for both bindings: exchange the code, check the scopes, learn the account, seal the tokens, and write
 * integration, grant and event in one unit.
 */
export const redeemCode = Effect.fn("Hawser.redeemCode")(function* (
  provider: OAuth2Provider,
  flow: (BoundFlow | ParkedFlow) & FlowTerms,
  response: AuthorizationResponse,
  secrets: FlowSecrets
): Effect.fn.Return<
  Integration,
  ConnectFailed | AlreadyConnected | StorageUnavailable,
  RedeemCodeServices
> {
  const failed = (reason: ConnectFailed["reason"]) =>
    new ConnectFailed({ provider: provider.id, reason })

  const authorizationServer = yield* AuthorizationServerClient
  const tokens = yield* authorizationServer.exchange(provider, flow, response, secrets).pipe(
    Effect.tapError((error) => Effect.logWarning(error.message, { provider: provider.id })),
    Effect.mapError((error) => failed(error.reason))
  )
  const granted = new Set(tokens.scopes)
  if (!provider.requiredScopes.every((scope) => granted.has(scope)))
    return yield* failed("insufficient_scope")

  const account = yield* Effect.mapError(
    identifyAccount(provider, flow, { ...tokens, dpopKey: secrets.dpopKey }),
    failed
  )

  const integrations = yield* IntegrationStore
  const integration = yield* integrations
    .connect({
      tenantId: flow.tenantId,
      provider: flow.provider,
      connection: flow.connection,
      newId: yield* newIntegrationId,
      connectedBy: flow.userId,
      with: {
        _tag: "Grant",
        grant: yield* sealGrant(provider, flow, tokens, secrets),
        scopes: tokens.scopes,
        fields: flow.fields,
        account,
        reauthorizes: flow.reauthorizes
      },
      publish: { id: yield* newEventId, event: "integration.connected", connectedBy: flow.userId }
    })
    .pipe(
      Effect.catchTags({
        // Only a command that names a credential can miss one.
        CredentialNotFound: Effect.die,
        AccountMismatch: () => failed("account_mismatch")
      })
    )
  const log = yield* SecurityLog
  yield* log.report({
    type: "flow_completed",
    tenantId: flow.tenantId,
    userId: flow.userId,
    provider: flow.provider,
    reason: flow.binding
  })
  return integration
})

const sealGrant = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  tokens: IssuedTokens,
  { dpopKey }: FlowSecrets
) {
  const cipher = yield* Cipher
  const id = yield* newGrantId
  const seal = (secret: Secret, field: string) =>
    cipher.seal(secret, { tenantId: flow.tenantId, provider: flow.provider, recordId: id, field })
  return {
    id,
    accessToken: yield* seal(tokens.accessToken, accessTokenField),
    refreshToken:
      tokens.refreshToken === undefined
        ? undefined
        : yield* seal(tokens.refreshToken, refreshTokenField),
    // Refreshing needs it as well as using: it stays as long as the grant.
    dpopKey: dpopKey === undefined ? undefined : yield* seal(dpopKey, dpopKeyField),
    tokenType: tokens.tokenType,
    expiresIn: tokens.expiresIn,
    clientFingerprint: yield* fingerprintOf(provider, flow)
  } satisfies SealedGrant
})

/**
 * The tokens are those of the server that the flow began with. Where the definition has moved meanwhile, the grant does not
 * pass for one of the new server's, which would be sent its refresh token (S-38).
 */
const fingerprintOf = (provider: OAuth2Provider, { fields, server }: FlowTerms) =>
  renderTemplate(provider.definition.tokenEndpoint, fields) === server.tokenEndpoint
    ? Effect.succeed(provider.clientFingerprint)
    : clientFingerprint(server.tokenEndpoint, server.clientId)
