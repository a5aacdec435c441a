import { expect } from "@effect/vitest"
import {
  type BurnedFlow,
  type IntegrationKey,
  IntegrationStore,
  type NewFlow,
  OAuthStateStore,
  type SecretHash
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import * as fc from "fast-check"
import { advance } from "../StoreClock.ts"
import {
  assumeBound,
  connectCommand,
  disconnectCommand,
  freshHash,
  freshTenant,
  github,
  keyOf,
  newFlow,
  newGrant,
  sealedBytes,
  withGrant
} from "../stores/fixtures.ts"
import { wideLimits } from "../stores/flows.ts"
import { freshSubscriber, receiveAll } from "../stores/subscriber.ts"
import type { SuiteIt, SuiteServices } from "../stores/SuiteServices.ts"
import {
  type Answer,
  beginning,
  type Command,
  explain,
  flowSeconds,
  later,
  parkedSeconds
} from "./StoryModel.ts"

/** What a story may do next: commands at once, or nothing but time. */
type Step = { readonly seconds: number } | { readonly atOnce: ReadonlyArray<Command> }

const flow = fc.nat({ max: 2 })
const reauthorizes = fc.boolean()

const ofFlow = (...tags: ReadonlyArray<"Burn" | "Park" | "TakeParked">) =>
  fc.record({ _tag: fc.constantFrom(...tags), flow })

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("Start" as const), flow, reauthorizes }) },
  { weight: 4, arbitrary: ofFlow("Burn", "Park", "TakeParked") },
  {
    weight: 2,
    arbitrary: fc.record({
      _tag: fc.constant("Connect" as const),
      account: fc.nat({ max: 1 }),
      reauthorizes
    })
  },
  { weight: 1, arbitrary: fc.constant({ _tag: "Disconnect" as const }) },
  { weight: 1, arbitrary: fc.constant({ _tag: "Sweep" as const }) }
)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ atOnce: fc.array(command, { minLength: 1, maxLength: 3 }) })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      seconds: fc.constantFrom(parkedSeconds - 30, parkedSeconds, flowSeconds - 30, flowSeconds)
    })
  }
)

/** The real things behind the story's numbers. */
class Cast {
  readonly key: IntegrationKey
  readonly #begun = new Map<number, NewFlow>()
  readonly #burned = new Map<number, BurnedFlow>()
  readonly #parked = new Map<number, SecretHash>()

  constructor(key: IntegrationKey) {
    this.key = key
  }

  /** Whether a story may tell this now: each flow begins, and is parked by who burned it, once. */
  allows = (command: Command): boolean => {
    switch (command._tag) {
      case "Start":
        return !this.#begun.has(command.flow)
      case "Burn":
        return this.#begun.has(command.flow)
      case "Park":
        return this.#burned.has(command.flow) && !this.#parked.has(command.flow)
      case "TakeParked":
        return this.#parked.has(command.flow)
      case "Connect":
      case "Disconnect":
      case "Sweep":
        return true
    }
  }

  run = Effect.fnUntraced(
    { self: this },
    function* (
      this: Cast,
      command: Command
    ): Effect.fn.Return<Answer, { readonly _tag: string }, SuiteServices> {
      const flows = yield* OAuthStateStore
      const integrations = yield* IntegrationStore
      switch (command._tag) {
        case "Start": {
          const begun = newFlow(this.key.tenantId, { reauthorizes: command.reauthorizes })
          this.#begun.set(command.flow, begun)
          yield* flows.start(begun, { lifetime: Duration.seconds(flowSeconds), limits: wideLimits })
          return "done"
        }
        case "Burn": {
          const burned = yield* flows.burn(this.#begun.get(command.flow)?.stateHash ?? freshHash())
          if (Option.isNone(burned)) return "none"
          this.#burned.set(command.flow, burned.value)
          return burned.value.expired ? "expired" : "live"
        }
        case "Park": {
          const burned = this.#burned.get(command.flow)
          if (burned === undefined) return "none"
          const flowIdHash = freshHash()
          this.#parked.set(command.flow, flowIdHash)
          yield* flows.park(assumeBound(burned), {
            flowIdHash,
            sealedResponse: sealedBytes(),
            lifetime: Duration.seconds(parkedSeconds)
          })
          return "done"
        }
        case "TakeParked": {
          const taken = yield* flows.takeParked(this.#parked.get(command.flow) ?? freshHash())
          return Option.match(taken, {
            onNone: () => "none" as const,
            onSome: ({ expired }) => (expired ? "expired" : "live")
          })
        }
        case "Connect": {
          const account = { id: String(command.account), label: undefined }
          const given = withGrant(yield* newGrant(), ["repo"], {
            account,
            reauthorizes: command.reauthorizes
          })
          yield* connectCommand(this.key, given).pipe(
            Effect.flatMap((connect) => integrations.connect(connect)),
            // Another told at once has connected meanwhile, for the first time.
            Effect.retry({ while: ({ _tag }) => _tag === "IntegrationReplaced" })
          )
          return "done"
        }
        case "Disconnect":
          yield* integrations.disconnect(yield* disconnectCommand(this.key))
          return "done"
        case "Sweep":
          yield* flows.sweep
          return "done"
      }
    }
  )
}

const isAnswer = (tag: string): tag is Answer =>
  ["AlreadyConnected", "AccountMismatch", "IntegrationNotFound"].includes(tag)

/** The same flow must not be told twice at once in ways that only their caller could have told apart. */
const distinct = (commands: ReadonlyArray<Command>): ReadonlyArray<Command> =>
  commands.filter(
    (one, index) =>
      (one._tag !== "Start" && one._tag !== "Park") ||
      commands.findIndex((other) => other._tag === one._tag && other.flow === one.flow) === index
  )

const tell = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
  const integrations = yield* IntegrationStore
  const cast = new Cast(keyOf(yield* freshTenant, github))
  const subscriber = yield* freshSubscriber()
  let states = [beginning]
  for (const next of steps) {
    if ("seconds" in next) {
      yield* advance(Duration.seconds(next.seconds))
      states = states.map((state) => later(state, next.seconds))
      continue
    }
    const commands = distinct(next.atOnce.filter(cast.allows))
    const answers = yield* Effect.all(
      commands.map((one) =>
        cast
          .run(one)
          .pipe(
            Effect.catch((error) =>
              isAnswer(error._tag) ? Effect.succeed(error._tag) : Effect.die(error)
            )
          )
      ),
      { concurrency: "unbounded" }
    )
    const answered = commands.map((one, index) => [one, answers[index] ?? "none"] as const)
    const explained = explain(states, answered)
    if (explained.length === 0) {
      expect.fail(`no order explains ${JSON.stringify(answered)} after ${JSON.stringify(states)}`)
    }
    states = [...explained]
  }

  const events = (yield* receiveAll(subscriber)).map(({ event }) =>
    event.event === "integration.connected" ? "c" : "d"
  )
  const found = yield* Effect.option(integrations.find(cast.key))
  const seen = Option.match(found, {
    onNone: () => ({ status: "never", account: undefined }),
    onSome: ({ account, status }) => ({
      status,
      account: account === undefined ? undefined : Number(account.id)
    })
  })
  expect(
    states.map(({ account, events: told, status }) => ({ status, account, events: told }))
  ).toContainEqual({ ...seen, events: events.join("") })
})

/**
 * Stories of flows and connections in any order and at once, told by chance: whatever happened, there is an order of the
 * commands in which a small pure model answers the same, and it ends where the store ended, with the same events.
 */
export const storySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "whatever is told in any order and at once, one model explains it",
    Effect.fnUntraced(function* () {
      const context = yield* Effect.context<SuiteServices>()
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) =>
            Effect.runPromiseWith(context)(Effect.scoped(tell(steps)))
          ),
          // On a slow machine fewer are told: a store promises nothing about how many there are.
          { numRuns: 50, interruptAfterTimeLimit: 20_000 }
        )
      )
    }),
    timeout ?? 60_000
  )
}
