import { type Context, Effect, Fiber, FiberMap, Option, type Scope } from "effect"

/** Work that is under way, by a name: who asks for the same meanwhile waits for it. */
export interface SharedWork<A, E> {
  readonly run: <R>(name: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The work belongs to the scope and not to who asked first: a caller who goes away takes nothing with it. */
export const makeSharedWork = Effect.fnUntraced(function* <A, E>(): Effect.fn.Return<
  SharedWork<A, E>,
  never,
  Scope.Scope
> {
  const fibers = yield* FiberMap.make<string, A, E>()
  const fork = yield* FiberMap.runtime(fibers)()
  return {
    run: <R>(name: string, work: Effect.Effect<A, E, R>) =>
      // Looked up and begun in one step: two fibers of a name would end each other.
      Effect.contextWith((context: Context.Context<R>) =>
        Fiber.join(
          Option.getOrElse(FiberMap.getUnsafe(fibers, name), () =>
            fork(name, Effect.provide(work, context))
          )
        )
      )
  }
})
