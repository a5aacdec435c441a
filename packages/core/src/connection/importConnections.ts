import { Effect, Stream } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  type AccountAlreadyConnected,
  type AccountHeld,
  type DecryptionFailed,
  type Forbidden,
  type Integration,
  keyText,
  type StorageUnavailable,
  TaggedError,
  type TooManyConnections
} from "../model/index.ts"
import type { ProviderRegistry } from "../provider/index.ts"
import {
  type Cipher,
  ConnectionStore,
  type ImportConnection,
  Maintenance,
  tellingProgress,
  program
} from "../services/index.ts"
import type { KeyedHash } from "../vault/index.ts"
import { importItem } from "./importItem.ts"

/** How far an import is. */
export interface ImportProgress {
  readonly imported: number
  /** Connected here already. */
  readonly unchanged: number
  readonly refused: number
}

export interface ImportOptions {
  /** Checks everything and writes nothing. Default false. */
  readonly dryRun?: boolean | undefined
  /** Called after each item and waited for. One that fails is not called again, and the import goes on. */
  readonly onProgress?: ((progress: ImportProgress) => unknown) | undefined
}

/** An item that was not imported. */
export interface RefusedItem {
  /** Its place in the input, from 0. */
  readonly index: number
  /**
   * `already_connected`: the tenant is connected as another account. `disconnected`: it was connected here before, and is
   * not any more. Neither is overwritten. `account_already_connected`: the same owner is connected with the account under another
   * name. `account_not_permitted`: another tenant is connected with the account, which one at a time may be. `forbidden`: a user
   * whom it names was erased or is suspended. A dry run finds none of these three.
   */
  readonly code:
    | "validation_error"
    | "provider_not_found"
    | "already_connected"
    | "account_already_connected"
    | "account_not_permitted"
    | "disconnected"
    | "forbidden"
  /** For a log: never with a value of the item. */
  readonly message: string
}

export interface ImportReport extends Omit<ImportProgress, "refused"> {
  readonly refused: ReadonlyArray<RefusedItem>
}

export type ImportServices =
  | Cipher
  | ConnectionStore
  | Maintenance
  | KeyedHash
  | ProviderRegistry
  | SecureRandom.SecureRandom

/** How many items are worked on at once. */
const concurrency = 8

/** The tenant has this integration, and it is not the same connection. */
class NotOverwritten extends TaggedError("NotOverwritten")<{
  readonly code: "already_connected" | "disconnected"
}> {
  override get message(): string {
    return this.code === "disconnected"
      ? "This tenant was connected before and has disconnected, so the import leaves it disconnected."
      : "This tenant is connected as another account. Disconnect it first."
  }
}

/**
 * Takes over connections that were made elsewhere, as they are: no provider is asked, and no event is recorded. What was
 * imported before is left as it is by now, so an import may be repeated.
 *
 * An item that cannot be taken is refused by its place, and the rest goes on. Fails with `StorageUnavailable`: then repeat
 * it.
 */
export const importConnections = program("Hawser.importConnections")(function* (
  items: AsyncIterable<unknown> | Iterable<unknown>,
  { dryRun = false, onProgress }: ImportOptions = {}
): Effect.fn.Return<ImportReport, DecryptionFailed | StorageUnavailable, ImportServices> {
  const refused: Array<RefusedItem> = []
  const counts = { imported: 0, unchanged: 0 }
  const take: Take = dryRun ? pretending() : writeConnection
  const tell = tellingProgress(onProgress)

  yield* toStream(items).pipe(
    Stream.zipWithIndex,
    Stream.mapEffect(
      ([item, index]) => {
        const refuse = ({ code, message }: Pick<RefusedItem, "code" | "message">) =>
          Effect.succeed<RefusedItem>({ index, code, message })
        return importItem(item).pipe(
          Effect.flatMap((command) => Effect.flatMap(take(command), judge(command))),
          Effect.catchTags({
            ValidationError: refuse,
            AccountAlreadyConnected: refuse,
            AccountHeld: refuse,
            Forbidden: refuse,
            ProviderNotFound: refuse,
            TooManyConnections: ({ message }) => refuse({ code: "validation_error", message }),
            NotOverwritten: refuse
          })
        )
      },
      { concurrency }
    ),
    Stream.runForEach((outcome) =>
      Effect.suspend(() => {
        if (typeof outcome === "string") counts[outcome] += 1
        else refused.push(outcome)
        return tell({ ...counts, refused: refused.length })
      })
    )
  )
  return { ...counts, refused }
})

/** What the host's own iterable throws is the host's to see. */
const toStream = (items: AsyncIterable<unknown> | Iterable<unknown>): Stream.Stream<unknown> =>
  Symbol.asyncIterator in items
    ? Stream.orDie(Stream.fromAsyncIterable(items, (error) => error))
    : Stream.fromIterable(items)

/** Answers the connection that is there already; undefined if this one was taken. */
type Take = (
  command: ImportConnection
) => Effect.Effect<
  Pick<Integration, "status" | "account"> | undefined,
  AccountAlreadyConnected | AccountHeld | Forbidden | StorageUnavailable | TooManyConnections,
  ConnectionStore | Maintenance
>

const writeConnection: Take = (command: ImportConnection) =>
  Effect.flatMap(Maintenance, (maintenance) => maintenance.importConnection(command))

/** Answers what `write` would, and writes nothing; a second item of one connection finds the first. */
const pretending = (): Take => {
  const taken = new Map<string, Pick<Integration, "status" | "account">>()
  return Effect.fnUntraced(function* (command: ImportConnection) {
    const connections = yield* ConnectionStore
    const found = yield* Effect.catchTag(
      connections.find(command),
      "IntegrationNotFound",
      () => Effect.undefined
    )
    if (found !== undefined) return found
    const key = keyText(command)
    const before = taken.get(key)
    taken.set(key, before ?? { status: "connected", account: importedAccount(command) })
    return before
  })
}

const importedAccount = (command: ImportConnection) =>
  command.with._tag === "Grant" ? command.with.account : command.with.credential.account

/** What is connected is the same unless both accounts are known and differ: tokens change with each refresh. */
const judge =
  (command: ImportConnection) =>
  (existing: Pick<Integration, "status" | "account"> | undefined) => {
    if (existing === undefined) return Effect.succeed("imported" as const)
    if (existing.status === "disconnected")
      return Effect.fail(new NotOverwritten({ code: "disconnected" }))
    const account = importedAccount(command)
    return existing.account === undefined ||
      account === undefined ||
      existing.account.id === account.id
      ? Effect.succeed("unchanged" as const)
      : Effect.fail(new NotOverwritten({ code: "already_connected" }))
  }
