import { Context, Effect, Latch } from "effect"

/** A secret that a provider has issued and that stands nowhere but in this process. Whose it is, never what it is. */
export interface Unstored {
  readonly what: "refreshed_tokens" | "tokens_to_revoke"
  readonly provider: string
  readonly tenantId: string
}

/** The end of this process's Hawser, as its work sees it. */
export interface ShutdownState {
  /** Completes once the end has begun: what runs is finished, and nothing more is begun. */
  readonly begun: Effect.Effect<void>
  readonly hasBegun: () => boolean
  readonly begin: Effect.Effect<void>
  /** Completes once nothing may be waited for any longer: what still tries to store something says that it is lost. */
  readonly lastCall: Effect.Effect<void>
  readonly callLast: Effect.Effect<void>
  /** Runs what must not be forgotten: the end waits for it, and names what is not stored by then. */
  readonly keeping: <A, E, R>(
    unstored: Unstored,
    work: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
  readonly unstored: () => ReadonlyArray<Unstored>
  /** Completes once nothing is unstored. */
  readonly allStored: Effect.Effect<void>
}

export const makeShutdown = (): ShutdownState => {
  const begun = Latch.makeUnsafe()
  const lastCall = Latch.makeUnsafe()
  const allStored = Latch.makeUnsafe(true)
  const unstored = new Set<Unstored>()
  return {
    begun: begun.await,
    hasBegun: () => begun.isOpen(),
    begin: Effect.asVoid(begun.open),
    lastCall: lastCall.await,
    callLast: Effect.asVoid(lastCall.open),
    keeping: (one, work) =>
      Effect.suspend(() => {
        // One of its own: two of one tenant and provider are two.
        const entry = { ...one }
        unstored.add(entry)
        allStored.closeUnsafe()
        return Effect.ensuring(
          work,
          Effect.sync(() => {
            unstored.delete(entry)
            if (unstored.size === 0) allStored.openUnsafe()
          })
        )
      }),
    unstored: () => [...unstored],
    allStored: allStored.await
  }
}

/** What several share must not end with one of them: without one of its own, Hawser's work waits for no end. */
const endless: ShutdownState = { ...makeShutdown(), begin: Effect.void, callLast: Effect.void }

export const Shutdown = Context.Reference<ShutdownState>("@hawser/core/Shutdown", {
  defaultValue: () => endless
})

/** The shutdown of whoever can end: the one that is given, else one of its own. */
export const ownShutdown: Effect.Effect<ShutdownState> = Effect.map(Shutdown, (given) =>
  given === endless ? makeShutdown() : given
)

const lost: Readonly<Record<Unstored["what"], string>> = {
  refreshed_tokens:
    "New tokens were not stored before the end, and are lost. The refresh is tried once more; if the provider refuses it, the tenant's admin has to connect again.",
  tokens_to_revoke:
    "Unused tokens were not queued for revocation before the shutdown. They may still be valid."
}

export const reportLost = ({ what, ...whose }: Unstored): Effect.Effect<void> =>
  Effect.ignoreCause(Effect.logError(lost[what], whose))
