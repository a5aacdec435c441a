import {
  ConfigurationError,
  ConnectionStore,
  type StorageUnavailable,
  type Store,
  tellingChanges,
  TokenCache,
  type TransactionStores
} from "@hawser/core"
import { Context, Effect } from "effect"

/**
 * The stores on the host's connection, made for each command. The host may commit at any moment, so this process stops
 * caching the token of a changed connection.
 */
export const transactionStores = (
  { inTransaction }: Store,
  client: object
): Effect.Effect<
  Context.Context<TransactionStores>,
  ConfigurationError | StorageUnavailable,
  TokenCache
> =>
  inTransaction === undefined
    ? Effect.fail(
        new ConfigurationError({
          setting: "transaction(client)",
          problem: "only postgres(…) is a store on which a host can hold a transaction"
        })
      )
    : Effect.map(Effect.all([inTransaction(client), TokenCache]), ([context, cache]) =>
        Context.add(
          context,
          ConnectionStore,
          tellingChanges(Context.get(context, ConnectionStore), cache.doubt)
        )
      )
