import type { Stores } from "@hawser/core"
import type { Duration, Effect, Layer } from "effect"

/** What the conformance suite needs of the implementation under test. */
export interface StoreHarness<R = never, E = never> {
  /**
   * The stores, built once for all tests of the suite, with whatever `advance` needs.
   *
   * The tests run without Effect's test services: a database needs real time for its own timeouts. A store that reads
   * Effect's `Clock` brings a `TestClock` with this layer.
   */
  readonly layer: Layer.Layer<Stores | R, E>
  /**
   * Moves the store's own clock forward. If it cannot be moved (a database server), shift the stored instants back
   * by as much instead: the ends of flows, parked responses, leases, pauses and quarantines, every instant of
   * grants and retries, and the instants of events.
   * No test compares an instant from before with one from after.
   */
  readonly advance: (duration: Duration.Duration) => Effect.Effect<void, unknown, R>
  /** Milliseconds for each test, and for building the layer. Default: those of the vitest configuration. */
  readonly timeout?: number
}
