import { EventBus, Maintenance, OAuthStateStore, type Stores } from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Clock, Context, Duration, Effect, Layer } from "effect"
import type { TestClock } from "effect/testing"
import { advance } from "../StoreClock.ts"
import { type Command, flows, places, prepare, type PreparedCommand, type Step } from "./Command.ts"
import { Oracle } from "./invariants.ts"
import { bindCommand } from "./bindCommand.ts"
import type { Answer } from "./Answer.ts"
import { type Cast, newCast } from "./Cast.ts"
import { changedBy, everything, look, type Reads } from "./look.ts"
import type { Snapshot } from "./Snapshot.ts"
import { World } from "./World.ts"

/** Commands in one order, and what is read after them. */
interface Turn {
  readonly commands: ReadonlyArray<PreparedCommand>
  readonly reads: Reads
}

/** What was told so far, in an order that explains all answers. */
type History = ReadonlyArray<Duration.Duration | Turn>

/** A clock that the story alone moves on. */
class StoryClock implements Clock.Clock {
  #millis = 0
  currentTimeMillisUnsafe = () => this.#millis
  currentTimeNanosUnsafe = () => BigInt(this.#millis) * 1_000_000n
  monotonicTimeNanosUnsafe = this.currentTimeNanosUnsafe
  readonly currentTimeMillis = Effect.sync(this.currentTimeMillisUnsafe)
  readonly currentTimeNanos = Effect.sync(this.currentTimeNanosUnsafe)
  readonly monotonicTimeNanos = this.currentTimeNanos
  sleep = () => Effect.never
  moveOn(duration: Duration.Duration): void {
    this.#millis += Duration.toMillis(duration)
  }
}

/** The stores in memory, which a history of the same commands has brought where the store under test is. */
interface Reference {
  readonly history: History
  readonly world: World
  readonly clock: StoryClock
  readonly context: Context.Context<Stores>
}

const tick = Duration.millis(1)

/** Runs what was told, in this order, knowing of each other no more than commands at once do. */
const runInOrder = Effect.fnUntraced(
  function* ({ clock, world }: Reference, commands: ReadonlyArray<PreparedCommand>) {
    const bound = yield* Effect.forEach(commands, (one) => bindCommand(world, one))
    return yield* Effect.forEach(bound, (run) => {
      // Two commands have their instants apart in a database.
      clock.moveOn(tick)
      return run
    })
  },
  (effect, { context }) => Effect.provideContext(effect, context)
)

const lookAt = ({ context, world }: Reference, reads: Reads) =>
  Effect.provideContext(look(world, reads), context)

/** Not those that a store under test was made of. */
const ownStores = Layer.fresh(MemoryStores.layer)

const beginning = Effect.fnUntraced(function* (cast: Cast) {
  const clock = new StoryClock()
  const context = Context.add(yield* Layer.build(ownStores), Clock.Clock, clock)
  const reference: Reference = { history: [], world: new World(cast), clock, context }
  yield* Effect.provideContext(begin(cast), context)
  return reference
})

const begin = (cast: Cast) =>
  Effect.flatMap(EventBus, (bus) => Effect.orDie(bus.subscribe(cast.subscriber, "now")))

const replayed = Effect.fnUntraced(function* (cast: Cast, history: History) {
  const reference = yield* beginning(cast)
  for (const one of history) {
    if (Duration.isDuration(one)) reference.clock.moveOn(one)
    else yield* runInOrder(reference, one.commands)
    yield* lookAt(reference, Duration.isDuration(one) ? everything : one.reads)
  }
  return { ...reference, history }
})

/** The same for values that are equal: a database keeps no order of names. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one
  )

const orders = (
  commands: ReadonlyArray<PreparedCommand>
): ReadonlyArray<ReadonlyArray<PreparedCommand>> =>
  commands.length === 1 ? [commands] : [commands, commands.toReversed()]

/** Those of the references that answer the same and show the same. */
const following = Effect.fnUntraced(function* (
  cast: Cast,
  references: ReadonlyArray<Reference>,
  { commands, reads }: Turn,
  answers: ReadonlyArray<Answer>,
  after: Snapshot
) {
  const results = yield* Effect.forEach(references, (reference) =>
    Effect.forEach(orders(commands), (order, index) =>
      Effect.gen(function* () {
        const isLast = index === orders(commands).length - 1
        const current = isLast ? reference : yield* replayed(cast, reference.history)
        const given = yield* runInOrder(current, order)
        const shown = yield* lookAt(current, reads)
        const inTurn = commands.map((one) => given[order.indexOf(one)])
        return {
          reference: { ...current, history: [...current.history, { commands: order, reads }] },
          shows: { answers: inTurn, after: shown }
        }
      })
    )
  )
  const wanted = textOf({ answers, after })
  const matching = results.flat().filter(({ shows }) => textOf(shows) === wanted)
  if (matching.length === 0)
    throw new AnotherAnswer(
      commands.map(({ command }) => command),
      { answers, after },
      results.flat().map(({ shows }) => shows)
    )
  // Two orders that show the same may differ in what is not shown yet.
  return matching.map(({ reference }) => reference)
})

/** Told by a clock that stands still, no two commands would have their instants apart as they have in a database. */
const tickClock = Effect.flatMap(Clock.Clock, (clock) =>
  "adjust" in clock ? (clock as TestClock.TestClock).adjust(tick) : Effect.void
)

export class AnotherAnswer extends Error {
  override readonly name = "AnotherAnswer"

  constructor(commands: ReadonlyArray<Command>, store: unknown, memory: ReadonlyArray<unknown>) {
    super(
      `Memory comes to something else for ${JSON.stringify(commands)}.\nThe store: ${textOf(store)}\n${memory
        .map((one) => `Memory:    ${textOf(one)}`)
        .join("\n")}`
    )
  }
}

const tenantsAreRemoved = [0, 2, 3].map((place) => ({ _tag: "RemoveTenant" as const, place }))

/** The commands that leave nothing of a story, after which all its tokens must be on their way to be revoked. */
const ending: ReadonlyArray<Command> = [
  // With it nobody is barred any more, and may disconnect what is left.
  ...tenantsAreRemoved,
  ...Array.from({ length: places }, (_, place) => ({ _tag: "Disconnect" as const, place })),
  { _tag: "SweepQuarantine" },
  ...Array.from({ length: flows }, (_, flow) => ({ _tag: "LeaveChoice" as const, flow })),
  ...tenantsAreRemoved
]

export interface StoryOptions {
  /** Whether memory is told the same and must come to the same. */
  readonly isCompared: boolean
  /**
   * How long the story may take by the clock of the machine before it ends where it is: a story by chance has instants that
   * decide a minute from each other, and a database's clock does not stand still meanwhile.
   */
  readonly longest: Duration.Duration
  /**
   * Whether everything is read after each command. If not, what the command may change is, and everything after some commands:
   * what it has changed besides is seen later.
   */
  readonly isReadWhole: boolean
}

/** After so many turns everything is read in any case. */
const betweenWholeReads = 8

/**
 * Tells a story to a store, and after each turn looks whether the promises hold and, if it is to be compared, whether the store
 * answers and shows what memory does. Of commands at once, memory tries every order.
 */
export const tellStory = Effect.fnUntraced(function* (
  steps: ReadonlyArray<Step>,
  { isCompared, isReadWhole, longest }: StoryOptions
) {
  const startedAt = performance.now()
  const cast = newCast()
  const world = new World(cast)
  const oracle = new Oracle(cast)
  const bus = yield* EventBus
  yield* Effect.acquireRelease(begin(cast), () => Effect.orDie(bus.unsubscribe(cast.subscriber)))
  let references = isCompared ? [yield* beginning(cast)] : []
  let before = yield* look(world, everything)
  let now = 0
  let turns = 0

  const wait = Effect.fnUntraced(function* (duration: Duration.Duration) {
    yield* advance(duration)
    now += Duration.toMinutes(duration)
    for (const { clock } of references) clock.moveOn(duration)
    references = references.map((one) => ({ ...one, history: [...one.history, duration] }))
    const after = yield* look(world, everything)
    oracle.check({ said: [], before, after, now })
    for (const reference of references) yield* lookAt(reference, everything)
    before = after
  })

  const tell = Effect.fnUntraced(function* (commands: ReadonlyArray<Command>) {
    const all = yield* Effect.forEach(commands, prepare)
    turns += 1
    const [alone] = commands.length === 1 ? commands : []
    const isWhole = isReadWhole || alone === undefined || turns % betweenWholeReads === 0
    const reads = isWhole ? everything : changedBy(alone)
    const bound = yield* Effect.forEach(all, (one) => bindCommand(world, one))
    yield* tickClock
    const answers = yield* Effect.all(bound, { concurrency: "unbounded" })
    const after = yield* look(world, reads)
    const said = all.map((one, index) => ({ prepared: one, answer: answers[index] as Answer }))
    oracle.check({ said, before, after, now })
    if (isCompared)
      references = yield* following(cast, references, { commands: all, reads }, answers, after)
    before = after
    return answers
  })

  for (const step of steps) {
    if (performance.now() - startedAt > Duration.toMillis(longest)) break
    if ("wait" in step) yield* wait(step.wait)
    else yield* tell(step.atOnce)
  }
  for (const command of ending) yield* tell([command])
  // What was claimed or postponed comes due again.
  yield* wait(Duration.minutes(21))
  yield* tell([{ _tag: "RevokeAbandoned" }])
  const [claimed] = yield* tell([{ _tag: "ClaimRevocations" }])
  const rows = (claimed?.value ?? []) as ReadonlyArray<ReadonlyArray<unknown>>
  const ids = rows.map(([id]) => id)
  oracle.checkEnd(before, ids, now)
  yield* leaveNothing(world, ids.length)
}, Effect.scoped)

/** A later story's sweeps, claims and clock are not to go through what this one leaves. */
const leaveNothing = Effect.fnUntraced(function* (world: World, claimed: number) {
  for (let revocation = 0; revocation < claimed; revocation++) {
    const removal = yield* prepare({ _tag: "RemoveRevocation", revocation })
    yield* yield* bindCommand(world, removal)
  }
  const flows = yield* OAuthStateStore
  const maintenance = yield* Maintenance
  const bus = yield* EventBus
  yield* bus.sweep(Duration.zero)
  yield* flows.sweep
  yield* maintenance.sweepQuarantine
}, Effect.orDie)
