import { Effect } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import type { KeyedHash } from "../crypto/KeyedHash.ts"
import {
  type AlreadyConnected,
  ConnectFailed,
  type DecryptionFailed,
  StorageUnavailable
} from "../domain/Errors.ts"
import type { BoundFlow, FlowSecrets, FlowTerms, ParkedFlow } from "../domain/Flow.ts"
import { type IntegrationId, newEventId, newGrantId, newIntegrationId } from "../domain/Ids.ts"
import type { SealedGrant } from "../domain/Grant.ts"
import type { Account, Integration } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import {
  type AuthorizationResponse,
  AuthorizationServerClient,
  type IssuedTokens
} from "../ports/AuthorizationServerClient.ts"
import type { Cipher } from "../ports/Cipher.ts"
import { type IntegrationKey, IntegrationStore } from "../ports/IntegrationStore.ts"
import { RevocationQueue } from "../ports/RevocationQueue.ts"
import { SecurityLog } from "../ports/SecurityLog.ts"
import type { CheckedServer } from "../domain/SecretUrl.ts"
import { captureValues } from "./captureValues.ts"
import { sealToken, sealTokens } from "./grantTokens.ts"
import { heldAccount } from "./heldAccount.ts"
import type { GrantPlace } from "./sealContexts.ts"
import { type EndpointNotAllowed, reportingEndpoints } from "./secretUrl.ts"
import { identifyAccount } from "./identifyAccount.ts"
import { flowRequest } from "./flowRequest.ts"
import type { ProviderTraffic } from "./ProviderTraffic.ts"

export type RedeemCodeServices =
  | AuthorizationServerClient
  | Cipher
  | Digest.Digest
  | IntegrationStore
  | KeyedHash
  | ProviderTraffic
  | RevocationQueue
  | SecureRandom.SecureRandom
  | SecurityLog

/**
 * The second half of a flow, the same for both bindings: exchange the code, check the scopes, keep what the vendor
 * told, learn the account, seal the tokens, and write
 * integration, grant and event in one unit.
 */
export const redeemCode = Effect.fn("Hawser.redeemCode")(function* (
  provider: OAuth2Provider,
  server: CheckedServer,
  flow: (BoundFlow | ParkedFlow) & FlowTerms,
  response: AuthorizationResponse,
  secrets: FlowSecrets
): Effect.fn.Return<
  Integration,
  ConnectFailed | AlreadyConnected | DecryptionFailed | StorageUnavailable,
  RedeemCodeServices
> {
  const failed = (reason: ConnectFailed["reason"] | EndpointNotAllowed) =>
    new ConnectFailed({
      provider: provider.id,
      reason: typeof reason === "string" ? reason : "provider_error"
    })

  const authorizationServer = yield* AuthorizationServerClient
  const tokens = yield* flowRequest(
    provider,
    { server, tenantId: flow.tenantId },
    server.tokenEndpoint,
    authorizationServer.exchange(provider, server, flow, response, secrets)
  )
  const granted = new Set(tokens.scopes)
  if (!provider.requiredScopes.every((scope) => granted.has(scope)))
    return yield* failed("insufficient_scope")

  const usable = { ...tokens, dpopKey: secrets.dpopKey }
  const captured = yield* captureValues(provider, flow, response, usable).pipe(
    reportingEndpoints(flow),
    Effect.mapError(failed)
  )
  const account = yield* identifyAccount(provider, flow, captured, usable).pipe(
    reportingEndpoints(flow),
    Effect.mapError(failed)
  )
  const fields = { ...flow.fields, ...captured }

  const integrations = yield* IntegrationStore
  const connecting = Effect.gen(function* () {
    const newId = yield* integrationIdOf(flow)
    const grant = yield* sealGrant(
      provider,
      { ...flow, fields, integrationId: newId },
      tokens,
      secrets
    )
    return yield* integrations
      .connect({
        tenantId: flow.tenantId,
        provider: flow.provider,
        connection: flow.connection,
        newId,
        connectedBy: flow.userId,
        with: {
          _tag: "Grant",
          grant,
          scopes: tokens.scopes,
          fields,
          account,
          reauthorizes: flow.reauthorizes,
          held: yield* heldAccount(provider, fields)
        },
        publish: { id: yield* newEventId, event: "integration.connected", connectedBy: flow.userId }
      })
      .pipe(
        Effect.tapErrorTag(["AlreadyConnected", "AccountHeld", "AccountMismatch"], () =>
          revokeLater(provider, { ...flow, fields, integrationId: newId }, grant, account)
        )
      )
  })
  const integration = yield* connecting.pipe(
    // The tenant's integration was made, or deleted and made anew, since its id was read.
    Effect.retry({ times: 5, while: ({ _tag }) => _tag === "IntegrationReplaced" }),
    Effect.catchTags({
      IntegrationReplaced: (cause) => new StorageUnavailable({ cause }),
      // Only a command that names a credential can miss one.
      CredentialNotFound: Effect.die,
      // The word of one who may not, so that nobody is told that another tenant is connected. The log is.
      AccountHeld: (error) =>
        Effect.andThen(
          Effect.logWarning(error.message, { provider: provider.id, tenantId: flow.tenantId }),
          failed("account_not_permitted")
        ),
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

/**
 * The tokens of a flow that lost its race, or brought another account, belong to no connection. When a revocation ends
 * more than them, it could end the winner's (S-39). The answer is not held up by it.
 */
const revokeLater = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  {
    connection,
    fields,
    integrationId,
    owner,
    tenantId
  }: FlowTerms & {
    readonly integrationId: IntegrationId
  },
  grant: SealedGrant,
  account: Account | undefined
) {
  if (provider.definition.revocation?.ends !== "token") return
  const queue = yield* RevocationQueue
  const place = { tenantId, owner, provider: provider.id, connection, integrationId, fields }
  yield* queue.enqueue({ ...place, grant, account }).pipe(
    Effect.timeout("1 second"),
    Effect.catch(() =>
      Effect.logWarning("Tokens that nobody uses could not be queued for their revocation.", {
        provider: provider.id,
        tenantId
      })
    )
  )
})

/** The tokens are sealed for their integration: it keeps its id, where the tenant has had it before. */
const integrationIdOf = Effect.fnUntraced(function* (key: IntegrationKey) {
  const integrations = yield* IntegrationStore
  return yield* integrations.find(key).pipe(
    Effect.map(({ id }) => id),
    Effect.catchTag("IntegrationNotFound", () => newIntegrationId)
  )
})

const sealGrant = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: Omit<GrantPlace, "id" | "clientFingerprint">,
  tokens: IssuedTokens,
  { dpopKey }: FlowSecrets
) {
  const id = yield* newGrantId
  const { clientFingerprint } = provider
  const place: GrantPlace = { ...flow, id, clientFingerprint }
  return {
    id,
    ...(yield* sealTokens(place, tokens, { margin: provider.definition.refreshMargin })),
    // Refreshing needs it as well as using: it stays as long as the grant.
    dpopKey: dpopKey === undefined ? undefined : yield* sealToken(place, "dpop_key", dpopKey),
    clientFingerprint
  } satisfies SealedGrant
})
