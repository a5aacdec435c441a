import { Effect } from "effect"
import type { WaitingFlow, StorageUnavailable } from "../model/index.ts"
import { beginsByConsent, ProviderRegistry } from "../provider/index.ts"
import { OAuthStateStore, SecurityLog } from "../services/index.ts"
import { enqueueRevocation, revokeLater, type RevokeLaterServices } from "../token/index.ts"
import { openWaiting, unchosen } from "./waitingTokens.ts"

export type AbandonedChoicesServices = OAuthStateStore | ProviderRegistry | RevokeLaterServices

/** How many are taken at once. */
const batchSize = 50

/**
 * Puts the tokens of choices that nobody made in time into the queue of those that are revoked. A row goes only once its
 * tokens are in the queue, which takes the same tokens once.
 */
export const revokeAbandonedChoices: Effect.Effect<
  void,
  StorageUnavailable,
  AbandonedChoicesServices
> = Effect.gen(function* () {
  const flows = yield* OAuthStateStore
  let more = true
  while (more) {
    const abandoned = yield* flows.abandonedChoices(batchSize)
    more = abandoned.length === batchSize
    for (const flow of abandoned) {
      yield* openWaiting(flow).pipe(
        Effect.flatMap((waiting) => enqueueRevocation(unchosen(flow, waiting))),
        Effect.catchTag("DecryptionFailed", () => reportLost(flow))
      )
      yield* flows.removeChoice(flow.flowIdHash)
    }
  }
}).pipe(Effect.withSpan("Hawser.revokeAbandonedChoices"))

/** The tokens that waited in a flow that was taken are not going to be used. */
export const abandonChoice = Effect.fnUntraced(function* (flow: WaitingFlow) {
  const registry = yield* ProviderRegistry
  const configured = yield* Effect.option(registry.get(flow.provider))
  const provider =
    configured._tag === "Some" && beginsByConsent(configured.value) ? configured.value : undefined
  yield* openWaiting(flow).pipe(
    Effect.flatMap((waiting) => revokeLater(provider, unchosen(flow, waiting))),
    Effect.catch(() => reportLost(flow))
  )
})

/** The row was changed, or its key is gone: nobody can send these tokens anywhere. */
const reportLost = Effect.fnUntraced(function* ({ provider, tenantId }: WaitingFlow) {
  const log = yield* SecurityLog
  yield* log.report({ type: "revocation_given_up", tenantId, provider, reason: "not_opened" })
  yield* Effect.logError(
    "The tokens of a choice that nobody made could not be opened to revoke them. They may still be valid.",
    { tenantId, provider }
  )
})
