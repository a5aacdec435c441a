import { Cause, Effect, Option, Schedule } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import { authKindOf } from "../auth/index.ts"
import { heldAccount } from "../connection/index.ts"
import {
  type Account,
  type AccountAlreadyConnected,
  type AlreadyConnected,
  type BoundFlow,
  ConnectFailed,
  type DecryptionFailed,
  type FlowSecrets,
  type FlowTerms,
  type Forbidden,
  type Integration,
  type IntegrationId,
  isSameAccount,
  newEventId,
  newGrantId,
  newIntegrationId,
  type ParkedFlow,
  type SealedGrant,
  type Secret,
  StorageUnavailable,
  type TenantFields,
  type IntegrationKey
} from "../model/index.ts"
import {
  type AuthorizationResponse,
  type AuthorizationServerClient,
  type IssuedTokens,
  namesGranting,
  type ProviderTraffic
} from "../protocol/index.ts"
import {
  type CheckedServer,
  type EndpointNotAllowed,
  type OAuth2Definition,
  type OAuth2Provider,
  reportingEndpoints
} from "../provider/index.ts"
import {
  type Cipher,
  ConnectionStore,
  type Egress,
  type OAuthStateStore,
  SecurityLog,
  Shutdown,
  program,
  retryFailed
} from "../services/index.ts"
import {
  isRefreshable,
  openToken,
  grantPlace,
  revokeLater,
  sealToken,
  sealTokens,
  type UnkeptTokens
} from "../token/index.ts"
import { type GrantPlace, type KeyedHash, userHash } from "../vault/index.ts"
import { flowRequest } from "./flowRequest.ts"
import { type AccountChoice, identifyAccount } from "./identifyAccount.ts"
import { choiceLifetime, keepForChoice, type WaitingTokens } from "./waitingTokens.ts"

export type RedeemCodeError =
  | AccountAlreadyConnected
  | AlreadyConnected
  | ConnectFailed
  | DecryptionFailed
  | Forbidden
  | StorageUnavailable

export type RedeemCodeServices =
  | AuthorizationServerClient
  | Cipher
  | Digest.Digest
  | ConnectionStore
  | Egress
  | KeyedHash
  | OAuthStateStore
  | ProviderTraffic
  | SecureRandom.SecureRandom
  | SecurityLog

/** How the second half of a flow ends, if it does not fail. */
export type Redeemed =
  | { readonly _tag: "Connected"; readonly integration: Integration }
  /** The tokens wait under a new flow id until a person has chosen one of the accounts. */
  | {
      readonly _tag: "Choosing"
      readonly flowId: Secret
      readonly choices: ReadonlyArray<AccountChoice>
    }

/**
 * The second half of a flow, the same for all bindings: exchange the code, check the scopes, keep the captured values,
 * identify the account, seal the tokens, and write integration, grant and event in one unit. If the consent covers several
 * accounts, the tokens wait.
 */
export const redeemCode = program("Hawser.redeemCode")(function* (
  provider: OAuth2Provider,
  server: CheckedServer,
  flow: BoundFlow | ParkedFlow,
  response: AuthorizationResponse,
  secrets: FlowSecrets
): Effect.fn.Return<Redeemed, RedeemCodeError, RedeemCodeServices> {
  const there = { ...flow, fields: response.fields ?? flow.fields }
  const grant = { id: yield* newGrantId, clientFingerprint: provider.clientFingerprint }
  const { name, fields, owner, tenantId } = there
  const place: GrantPlace = {
    ...grant,
    tenantId,
    owner,
    provider: flow.provider,
    name,
    integrationId: yield* newIntegrationId,
    fields
  }
  const tokens = yield* flowRequest(
    provider,
    { server, tenantId: flow.tenantId },
    server.tokenEndpoint,
    Effect.tapError(
      authKindOf(provider).exchange(provider, server, there, response, secrets),
      ({ unkept: issued }) =>
        issued === undefined
          ? Effect.void
          : revokeLater(provider, { ...place, ...issued, grantSubject: undefined })
    )
  )
  const usable = { ...tokens, ...secrets }
  const identification = yield* Effect.gen(function* () {
    yield* checkScopes(provider, tokens)
    return yield* identifyAccount(provider, there, response, usable, connectedAccount(flow)).pipe(
      reportingEndpoints(flow),
      Effect.mapError((error) =>
        typeof error === "object" && error._tag === "StorageUnavailable"
          ? error
          : connectFailed(provider)(error)
      )
    )
  }).pipe(returningTokens(provider, () => ({ ...place, ...tokens, grantSubject: undefined })))
  const { grantSubject } = identification
  if (identification._tag === "Identified") {
    const { account, captured } = identification
    const integration = yield* connectAs(provider, flow, {
      account,
      fields: { ...fields, ...captured },
      issued: { ...usable, ...grant, grantSubject }
    })
    return { _tag: "Connected", integration }
  }
  const { choices } = identification
  const { idTokenClaims: _claims, response: _response, ...kept } = tokens
  const waiting: WaitingTokens = {
    ...grant,
    integrationId: place.integrationId,
    tokens: kept,
    dpopKey: secrets.dpopKey,
    fields,
    grantSubject,
    choices
  }
  const flowId = yield* keepForChoice(flow, waiting, choiceLifetime).pipe(
    returningTokens(provider, () => ({ ...place, ...tokens, grantSubject }))
  )
  return { _tag: "Choosing", flowId, choices }
})

const connectFailed =
  ({ id: provider }: OAuth2Provider) =>
  (reason: ConnectFailed["reason"] | EndpointNotAllowed) =>
    new ConnectFailed({
      provider,
      reason: typeof reason === "string" ? reason : "provider_error"
    })

const checkScopes = (provider: OAuth2Provider, { scopes }: Pick<IssuedTokens, "scopes">) =>
  provider.requiredScopes.every(isGranted(provider.definition, scopes))
    ? Effect.void
    : Effect.fail(connectFailed(provider)("insufficient_scope"))

/** The account of the connection, as it is remembered until its own admin disconnects it. */
const connectedAccount = (key: IntegrationKey) =>
  Effect.flatMap(ConnectionStore, (connections) =>
    connections.find(key).pipe(
      Effect.map(({ account }) => account),
      Effect.catchTag("IntegrationNotFound", () => Effect.succeed(undefined))
    )
  )

/** Tokens that belong to one account, with what is known of it. */
interface ToConnect {
  readonly account: Account | undefined
  /** The flow's fields and the captured values. */
  readonly fields: TenantFields
  /** All accounts that the consent covers, if they are more than one. */
  readonly accounts?: ReadonlyArray<Account>
  readonly issued: Omit<IssuedTokens, "idTokenClaims" | "response"> &
    Pick<FlowSecrets, "dpopKey"> &
    Pick<SealedGrant, "clientFingerprint" | "grantSubject" | "id">
}

/** Connects with tokens whose account is known, and reports it. Tokens that are not kept are revoked. */
export const connectAs = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  { account, accounts, fields, issued }: ToConnect
): Effect.fn.Return<Integration, RedeemCodeError, RedeemCodeServices> {
  const connections = yield* ConnectionStore
  let integrationId = yield* newIntegrationId
  // Most flows make a connection that was not there before. Where one was, the write refuses the new id, and the next try looks
  // it up.
  let isLookedUp = flow.reauthorizes
  const connecting = Effect.fnUntraced(function* (mayKeep: boolean) {
    if (isLookedUp) integrationId = yield* findOrMakeIntegrationId(flow, integrationId)
    isLookedUp = true
    const kept = mayKeep ? yield* earlierRefreshToken(provider, flow, account, issued) : undefined
    const tokens = kept === undefined ? issued : { ...issued, ...kept.tokens }
    return yield* connections.connect({
      tenantId: flow.tenantId,
      owner: flow.owner,
      provider: flow.provider,
      name: flow.name,
      newId: integrationId,
      connectedBy: flow.userId,
      userHash: yield* userHash(flow.tenantId, flow.userId),
      with: {
        _tag: "Grant",
        grant: yield* sealGrant(provider, { ...flow, fields, integrationId }, tokens),
        scopes: issued.scopes,
        keeps: kept?.grant,
        fields,
        account,
        reauthorizes: flow.reauthorizes,
        heldAccount: yield* heldAccount(provider, fields)
      },
      publish: { id: yield* newEventId, event: "integration.connected", connectedBy: flow.userId }
    })
  })
  const again = { times: 5, while: isReplaced }
  const integration = yield* checkScopes(provider, issued).pipe(
    Effect.andThen(connecting(true)),
    // The integration was created, or deleted and created again, since its id was read.
    retryFailed(again),
    // The other refresh ends within seconds, and the token may then be replaced.
    retryFailed({ schedule: untilRefreshed, while: isNotKept }),
    Effect.catchTag("GrantNotKept", () => Effect.retry(connecting(false), again)),
    Effect.catchTag("GrantNotKept", Effect.die),
    // Only a command that names a credential can fail with this.
    Effect.catchTag("CredentialNotFound", Effect.die),
    returningTokens(provider, () => {
      const { name, owner, provider: id, tenantId } = flow
      return {
        tenantId,
        owner,
        provider: id,
        name,
        integrationId,
        fields,
        accounts,
        ...issued
      }
    }),
    Effect.catchTags({
      IntegrationReplaced: (cause) => new StorageUnavailable({ cause }),
      // The same word as for a user without permission, so that nobody learns that another tenant is connected. The log says it.
      AccountHeld: (error) =>
        Effect.andThen(
          Effect.logWarning(error.message, { provider: provider.id, tenantId: flow.tenantId }),
          connectFailed(provider)("account_not_permitted")
        ),
      AccountMismatch: () => connectFailed(provider)("account_mismatch"),
      // There was room when the flow began.
      TooManyConnections: () => connectFailed(provider)("provider_error")
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

const isNotKept = ({ _tag }: { readonly _tag: string }) => _tag === "GrantNotKept"
const isReplaced = ({ _tag }: { readonly _tag: string }) => _tag === "IntegrationReplaced"

/** As long as a lease may last, and no longer than a browser waits. */
const untilRefreshed = Schedule.exponential("100 millis", 1.5).pipe(
  Schedule.upTo({ duration: "25 seconds" })
)

/**
 * The refresh token of the existing connection, for new tokens that came without one: many vendors issue it only with the
 * first consent. It is kept only for the same account, identified then and now, for no fewer scopes, and through the same
 * client.
 */
const earlierRefreshToken = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  account: Account | undefined,
  issued: ToConnect["issued"]
) {
  if (issued.refreshToken !== undefined || account === undefined) return undefined
  const connections = yield* ConnectionStore
  const stored = yield* Effect.catchTags(connections.grant(flow), {
    // Its owner is suspended, and the write refuses the new tokens.
    Misconfigured: () => Effect.succeed(undefined),
    NotConnected: () => Effect.succeed(undefined),
    ReconnectRequired: () => Effect.succeed(undefined)
  })
  if (
    stored === undefined ||
    !isRefreshable(stored) ||
    stored.account === undefined ||
    !isSameAccount(stored.account, account) ||
    stored.clientFingerprint !== provider.clientFingerprint ||
    // If it is bound to another key, the provider may refuse it.
    stored.dpopKey !== undefined ||
    issued.dpopKey !== undefined ||
    !isNoFewer(provider.definition, issued.scopes, stored.scopes)
  )
    return undefined
  const refreshToken = yield* openToken(
    grantPlace(flow, stored),
    "refresh_token",
    stored.refreshToken
  )
  return {
    grant: { id: stored.id, generation: stored.generation },
    tokens: { refreshToken, refreshExpiresIn: stored.refreshRemaining }
  }
})

/** The vendor may have named a scope otherwise when it was stored, and some it names in no answer. */
const isNoFewer = (
  definition: OAuth2Definition,
  granted: ReadonlyArray<string>,
  before: ReadonlyArray<string>
): boolean => {
  const isStillGranted = isGranted(definition, granted)
  return before.every(
    (scope) => isStillGranted(scope) || definition.unnamedScopes?.includes(scope) === true
  )
}

const isGranted =
  (definition: OAuth2Definition, granted: ReadonlyArray<string>) => (scope: string) =>
    namesGranting(definition, scope).some((name) => granted.includes(name))

/** Longer than a statement can go on in the server after its client has lost it. */
const untilSettled = "10 seconds"

/** The tokens of a failed step belong to no connection. */
export const returningTokens =
  (provider: OAuth2Provider, unkept: () => UnkeptTokens) =>
  <A, E extends { readonly _tag: string }, R>(step: Effect.Effect<A, E, R>) =>
    Effect.onError(step, (cause) => giveBack(provider, unkept(), cause))

const giveBack = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  unkept: UnkeptTokens,
  cause: Cause.Cause<{ readonly _tag: string }>
) {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))?._tag
  if (error === "AlreadyConnected" && provider.definition.revocation?.ends === "grant") {
    // The flow that won the race has the same grant at the provider.
    const log = yield* SecurityLog
    const { provider: id, tenantId } = unkept
    return yield* log.report({
      type: "revocation_left_out",
      tenantId,
      provider: id,
      reason: "account_in_use"
    })
  }
  const back = revokeLater(provider, unkept)
  // The write may still have happened: the queue takes no tokens that are stored by then.
  if (error === "StorageUnavailable") {
    const { provider: id, tenantId } = unkept
    const shutdown = yield* Shutdown
    const later = Effect.andThen(
      Effect.raceFirst(Effect.sleep(untilSettled), shutdown.lastCall),
      back
    )
    return yield* shutdown
      .keeping({ what: "tokens_to_revoke", provider: id, tenantId }, Effect.interruptible(later))
      .pipe(Effect.forkDetach)
  }
  yield* back
})

/** The tokens are sealed for their integration, which keeps its id if the tenant has had it before. */
const findOrMakeIntegrationId = Effect.fnUntraced(function* (
  key: IntegrationKey,
  made: IntegrationId
) {
  const connections = yield* ConnectionStore
  return yield* connections.find(key).pipe(
    Effect.map(({ id }) => id),
    Effect.catchTag("IntegrationNotFound", () => Effect.succeed(made))
  )
})

const sealGrant = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: Omit<GrantPlace, "id" | "clientFingerprint">,
  issued: ToConnect["issued"]
) {
  const { clientFingerprint, dpopKey, grantSubject, id } = issued
  const place: GrantPlace = { ...flow, id, clientFingerprint }
  return {
    id,
    ...(yield* sealTokens(place, issued, { margin: provider.definition.refreshMargin })),
    // Both using and refreshing the tokens need it, so it stays as long as the grant.
    dpopKey: dpopKey === undefined ? undefined : yield* sealToken(place, "dpop_key", dpopKey),
    clientFingerprint,
    grantSubject
  } satisfies SealedGrant
})
