import { Effect, Option } from "effect"
import type { Digest } from "effect/crypto"
import { mayActFor, type Member } from "../connection/index.ts"
import {
  ConnectFailed,
  type ConnectionName,
  FlowNotFound,
  type Integration,
  kindOfOwner,
  type OwnerKind,
  Secret
} from "../model/index.ts"
import { serverInRegion } from "../protocol/index.ts"
import {
  beginsByConsent,
  mayOwn,
  type Provider,
  type ProviderRegistry,
  reportingEndpoints
} from "../provider/index.ts"
import { OAuthStateStore, SecurityLog, program } from "../services/index.ts"
import { hashSecret } from "../vault/index.ts"
import { AccountChoiceRequired } from "./AccountChoiceRequired.ts"
import { abandonChoice } from "./abandonedChoices.ts"
import { accountOptions, chooseAccount } from "./chooseAccount.ts"
import { openParkedResponse } from "./flowSecrets.ts"
import { redeemCode, type RedeemCodeError, type RedeemCodeServices } from "./redeemCode.ts"

export interface CompleteInput {
  /** The value that the callback put into the URL's fragment, or the last one of `AccountChoiceRequired`. */
  readonly flowId: string
  /** Whose connection the flow is about, and which, for a caller who says so. */
  readonly owner?: OwnerKind | undefined
  readonly name?: ConnectionName | undefined
  /** The id of the account that was chosen, if the consent covers several. */
  readonly account?: string | undefined
}

/**
 * Finishes a parked flow for the user who started it. The flow id is burned first: if anyone else presents it, the flow
 * ends for its owner too.
 *
 * Fails with `FlowNotFound` if this tenant, user and provider have no such flow, or it has expired; with
 * `AccountChoiceRequired` if the consent covers several accounts and none was chosen; with `ConnectFailed` if the provider
 * issues no usable tokens, or another account was chosen than was offered; with `AlreadyConnected`; with `Forbidden` if
 * the user was erased or is suspended.
 */
export const complete = program("Hawser.complete")(function* (
  caller: Member,
  provider: Provider,
  input: CompleteInput
): Effect.fn.Return<Integration, CompleteError, CompleteServices> {
  const flows = yield* OAuthStateStore
  const taken = yield* flows.takeParked(yield* hashSecret(Secret(input.flowId)))
  if (Option.isNone(taken)) return yield* new FlowNotFound()

  const flow = taken.value
  const isOwn =
    flow.tenantId === caller.tenantId &&
    flow.userId === caller.userId &&
    flow.provider === provider.id &&
    mayActFor(caller, flow.owner) &&
    (input.owner === undefined || input.owner === kindOfOwner(flow.owner)) &&
    (input.name === undefined || input.name === flow.name)
  if (
    !isOwn ||
    flow.as === "confirming" ||
    // Nothing was offered yet that could be chosen from.
    (flow.as === "parked" && input.account !== undefined) ||
    flow.expired ||
    !beginsByConsent(provider) ||
    provider.client.clientId !== flow.server.clientId
  ) {
    if (flow.as === "choosing") yield* abandonChoice(flow)
    const log = yield* SecurityLog
    yield* log.report({
      type: "complete_mismatch",
      tenantId: caller.tenantId,
      userId: caller.userId,
      provider: provider.id,
      reason: !isOwn ? "not_own" : flow.as === "parked" ? "expired" : flow.as
    })
    // The caller only learns that there is no such flow, so the log says why.
    yield* Effect.logWarning(
      "A flow was not completed: it is another caller's, waits for something else, or has expired.",
      {
        provider: provider.id,
        tenantId: caller.tenantId,
        userId: caller.userId,
        expectedProvider: flow.provider,
        expectedTenantId: flow.tenantId,
        expectedUserId: flow.userId,
        waits: flow.as,
        expired: flow.expired
      }
    )
    return yield* new FlowNotFound()
  }

  if (flow.as === "choosing") return yield* chooseAccount(provider, flow, input.account)
  if (!mayOwn(provider, flow.owner))
    return yield* new ConnectFailed({ provider: provider.id, reason: "provider_error" })
  const { response, secrets } = yield* openParkedResponse(flow)
  const server = yield* serverInRegion(provider, flow, response.fields ?? flow.fields).pipe(
    reportingEndpoints(flow),
    Effect.mapError(() => new ConnectFailed({ provider: provider.id, reason: "provider_error" }))
  )
  const redeemed = yield* redeemCode(provider, server, flow, response, secrets)
  if (redeemed._tag === "Connected") return redeemed.integration
  return yield* new AccountChoiceRequired({
    provider: provider.id,
    flowId: redeemed.flowId,
    choices: accountOptions(redeemed.choices)
  })
}, Effect.uninterruptible)

export type CompleteError = AccountChoiceRequired | FlowNotFound | RedeemCodeError
export type CompleteServices =
  | RedeemCodeServices
  | Digest.Digest
  | OAuthStateStore
  | ProviderRegistry
