import { Deferred, Effect, type Scope } from "effect"

/** Work that is under way, by a name: who asks for the same meanwhile waits for it. */
export interface SharedWork<A, E> {
  readonly run: <R>(name: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The work belongs to the scope and not to who asked first: a caller who goes away takes nothing with it. */
export const makeSharedWork = <A, E>(scope: Scope.Scope): SharedWork<A, E> => {
  const underWay = new Map<string, Deferred.Deferred<A, E>>()
  return {
    run: (name, work) =>
      Effect.suspend(() => {
        const running = underWay.get(name)
        if (running !== undefined) return Deferred.await(running)
        const begun = Deferred.makeUnsafe<A, E>()
        underWay.set(name, begun)
        return work.pipe(
          Effect.onExit((exit) =>
            Effect.suspend(() => {
              underWay.delete(name)
              return Deferred.done(begun, exit)
            })
          ),
          Effect.forkIn(scope),
          Effect.andThen(Deferred.await(begun))
        )
      })
  }
}
