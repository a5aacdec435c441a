import { Effect, Schema } from "effect"
import type { StorageUnavailable } from "../domain/Errors.ts"
import { StorableText } from "../domain/Ids.ts"
import type { ConfiguredProvider } from "../domain/Provider.ts"
import { type AccountHolder, ConnectionTransfer } from "../ports/ConnectionTransfer.ts"

const isAccountId = Schema.is(StorableText({ maxLength: 255 }))

/**
 * Whose connections are of this account at the provider: for a webhook that names the account and no tenant. More than
 * one tenant may be. Verify the webhook first: whoever can send one would choose the tenant.
 */
export const findByAccount = Effect.fn("Hawser.findByAccount")(function* (
  provider: ConfiguredProvider,
  accountId: string
): Effect.fn.Return<ReadonlyArray<AccountHolder>, StorageUnavailable, ConnectionTransfer> {
  // An id that could not be stored belongs to no connection.
  if (!isAccountId(accountId)) return []
  const transfer = yield* ConnectionTransfer
  return yield* transfer.findByAccount({ provider: provider.id, accountId })
})
