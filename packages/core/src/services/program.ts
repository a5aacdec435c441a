import { Context, Effect, References } from "effect"

/**
 * `Effect.fnUntraced` with a span of this name where a tracer listens. `Effect.fn` makes an error besides, for the place of each
 * call, and two contexts of the fibre, also where nobody listens: 6 µs and 5 KiB a call.
 */
export const program = (name: string): typeof Effect.fnUntraced =>
  ((...body: Parameters<typeof Effect.fnUntraced>) => {
    const untraced = Effect.fnUntraced(...body) as (
      ...given: ReadonlyArray<unknown>
    ) => Effect.Effect<unknown, unknown, unknown>
    return (...given: ReadonlyArray<unknown>) =>
      Effect.contextWith((context: Context.Context<never>) => {
        const effect = untraced(...given)
        return Context.get(context, References.TracerEnabled)
          ? Effect.withSpan(effect, name, { captureStackTrace: false })
          : effect
      })
  }) as typeof Effect.fnUntraced
