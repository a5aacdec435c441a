import {
  ConfigurationError,
  type StorageUnavailable,
  type Store,
  type TransactionStores
} from "@hawser/core"
import { type Context, Effect } from "effect"

/** The stores on a connection of the host's, for each command anew. */
export const transactionStores = (
  { inTransaction }: Store,
  client: object
): Effect.Effect<Context.Context<TransactionStores>, ConfigurationError | StorageUnavailable> =>
  inTransaction === undefined
    ? Effect.fail(
        new ConfigurationError({
          setting: "in(client)",
          problem: "only postgres(…) is a store on which a host can hold a transaction"
        })
      )
    : inTransaction(client)
