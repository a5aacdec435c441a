import { CryptoLive } from "@hawser/core"
import { Duration, Effect, Layer } from "effect"
import { StoreClock } from "../../packages/testing/src/StoreClock.ts"
import type { StoreHarness } from "../../packages/testing/src/StoreHarness.ts"
import type { Command, Step } from "../../packages/testing/src/story/Command.ts"
import { tellStory } from "../../packages/testing/src/story/tellStory.ts"

export type Story = ReadonlyArray<Step>

export const one = (...commands: ReadonlyArray<Command>): Story =>
  commands.map((command) => ({ atOnce: [command] }))

export const wait = (minutes: number): Story => [{ wait: Duration.minutes(minutes) }]

/** An authorization of the tenant whose connection has this number. */
export const connect = (
  place: number,
  more: Partial<Extract<Command, { readonly _tag: "Connect" }>> = {}
): Command => ({
  _tag: "Connect",
  place,
  account: undefined,
  client: 0,
  reauthorizes: false,
  refreshable: true,
  isHeld: false,
  keeps: false,
  scopes: ["read"],
  ...more
})

export const acquire = (place: number): Command => ({ _tag: "Acquire", place, stale: false })

export const renew = (place: number): Command => ({
  _tag: "Renew",
  place,
  moves: false,
  scopes: ["read", "write"]
})

export const begin = (flow: number): Command => ({ _tag: "Start", flow, place: 0, user: 0 })

/** A consent that covers several accounts, of which one is to be chosen. */
export const choosing: ReadonlyArray<Command> = [
  begin(0),
  { _tag: "Burn", flow: 0 },
  { _tag: "Park", flow: 0, as: "choosing" }
]

/** What a story comes to with these stores: undefined, or why it fails. Everything is read after each command, or what it may change. */
export const failureOf = <R, E>(
  story: Story,
  harness: StoreHarness<R, E>,
  isCompared: boolean,
  isReadWhole = true
): Effect.Effect<unknown, E> =>
  Effect.scoped(
    Effect.gen(function* () {
      const services = StoreClock.layer(harness).pipe(
        Layer.provideMerge(harness.layer),
        Layer.merge(CryptoLive)
      )
      const context = yield* Layer.build(services)
      return yield* tellStory(story, {
        isCompared,
        isReadWhole,
        longest: Duration.infinity
      }).pipe(
        Effect.as(undefined),
        Effect.catchDefect(Effect.succeed),
        Effect.provideContext(context)
      )
    })
  )
