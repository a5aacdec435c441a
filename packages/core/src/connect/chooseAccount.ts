import { Effect } from "effect"
import { ConnectFailed, type Integration, type ParkedFlow } from "../model/index.ts"
import { serverInRegion } from "../protocol/index.ts"
import { mayOwn, type OAuth2Provider, reportingEndpoints } from "../provider/index.ts"
import { SecurityLog } from "../services/index.ts"
import { AccountChoiceRequired } from "./AccountChoiceRequired.ts"
import type { AccountChoice } from "./identifyAccount.ts"
import {
  connectAs,
  type RedeemCodeError,
  type RedeemCodeServices,
  returningTokens
} from "./redeemCode.ts"
import { keepForChoice, openWaiting, unchosen } from "./waitingTokens.ts"

export const accountOptions = (choices: ReadonlyArray<AccountChoice>) =>
  choices.map(({ account: { id, label = id } }) => ({ id, label }))

/**
 * Connects the account that a person chose, or, without one, answers which there are, under a new flow id. An account that
 * was not offered ends the flow, and its tokens are revoked.
 */
export const chooseAccount = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: ParkedFlow,
  account: string | undefined
): Effect.fn.Return<Integration, AccountChoiceRequired | RedeemCodeError, RedeemCodeServices> {
  const waiting = yield* openWaiting(flow)
  if (account === undefined) {
    return yield* new AccountChoiceRequired({
      provider: provider.id,
      flowId: yield* keepForChoice(flow, waiting, flow.remaining).pipe(
        returningTokens(provider, () => unchosen(flow, waiting))
      ),
      choices: accountOptions(waiting.choices)
    })
  }
  const failed = (reason: ConnectFailed["reason"]) =>
    new ConnectFailed({ provider: provider.id, reason })
  const checked = Effect.gen(function* () {
    const chosen = waiting.choices.find((choice) => choice.account.id === account)
    if (chosen === undefined) {
      const log = yield* SecurityLog
      const { provider: id, tenantId, userId } = flow
      yield* log.report({
        type: "complete_mismatch",
        tenantId,
        userId,
        provider: id,
        reason: "account"
      })
      return yield* failed("account_not_permitted")
    }
    if (
      !mayOwn(provider, flow.owner) ||
      !provider.acceptedFingerprints.has(waiting.clientFingerprint)
    )
      return yield* failed("provider_error")
    // The definition and the lock may have changed while the tokens waited.
    yield* serverInRegion(provider, flow, waiting.fields).pipe(
      reportingEndpoints(flow),
      Effect.mapError(() => failed("provider_error"))
    )
    return chosen
  })
  const chosen = yield* checked.pipe(returningTokens(provider, () => unchosen(flow, waiting)))
  const { clientFingerprint, dpopKey, grantSubject, id, tokens } = waiting
  return yield* connectAs(provider, flow, {
    account: chosen.account,
    fields: { ...waiting.fields, ...chosen.captured },
    issued: { ...tokens, dpopKey, id, clientFingerprint, grantSubject },
    accounts: waiting.choices.map((choice) => choice.account)
  })
})
