import { Context, type Duration, Effect, Layer } from "effect"
import type { StoreHarness } from "./StoreHarness.ts"

/** The harness's `advance` as a service, so that the suites need not know what it requires. */
export class StoreClock extends Context.Service<
  StoreClock,
  {
    readonly advance: (duration: Duration.Duration) => Effect.Effect<void>
  }
>()("@hawser/testing/StoreClock") {
  static layer<R, E>(harness: StoreHarness<R, E>): Layer.Layer<StoreClock, never, R> {
    return Layer.effect(
      StoreClock,
      Effect.map(Effect.context<R>(), (context) => ({
        advance: (duration) => harness.advance(duration).pipe(Effect.provide(context), Effect.orDie)
      }))
    )
  }
}

/** Moves the store's clock forward. */
export const advance = (duration: Duration.Duration): Effect.Effect<void, never, StoreClock> =>
  Effect.flatMap(StoreClock, (clock) => clock.advance(duration))
