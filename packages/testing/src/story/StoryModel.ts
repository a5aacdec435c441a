/**
 * What the stores promise of one tenant's connection to one provider, as a pure machine: small enough to be believed, and
 * what every store is held against, command by command.
 */

/** Flows are numbered in the order in which the story begins them. Accounts are numbers too. */
export type Command =
  | { readonly _tag: "Start"; readonly flow: number; readonly reauthorizes: boolean }
  | { readonly _tag: "Burn"; readonly flow: number }
  | { readonly _tag: "Park"; readonly flow: number }
  | { readonly _tag: "TakeParked"; readonly flow: number }
  | { readonly _tag: "Connect"; readonly account: number; readonly reauthorizes: boolean }
  | { readonly _tag: "Disconnect" }
  | { readonly _tag: "Sweep" }

/** What a command answered, in one word. */
export type Answer =
  | "done"
  | "live"
  | "expired"
  | "none"
  | "AlreadyConnected"
  | "AccountMismatch"
  | "IntegrationNotFound"

/** All instants in seconds of the story's clock. */
interface FlowState {
  readonly status: "pending" | "burned" | "parked" | "taken"
  readonly endsAt: number
  readonly parkedUntil?: number
}

export interface StoryState {
  readonly now: number
  readonly flows: ReadonlyMap<number, FlowState>
  readonly status: "never" | "connected" | "disconnected"
  readonly account: number | undefined
  /** One letter for each event: connected or disconnected. */
  readonly events: string
}

export const flowSeconds = 600
export const parkedSeconds = 120

export const beginning: StoryState = {
  now: 0,
  flows: new Map(),
  status: "never",
  account: undefined,
  events: ""
}

export const later = (state: StoryState, seconds: number): StoryState => ({
  ...state,
  now: state.now + seconds
})

const withFlow = (state: StoryState, flow: number, changed: FlowState): StoryState => ({
  ...state,
  flows: new Map(state.flows).set(flow, changed)
})

const answerOf = (state: StoryState, endsAt: number): Answer =>
  endsAt <= state.now ? "expired" : "live"

/** What one command answers in a state, and the state that it leaves. */
const apply = (state: StoryState, command: Command): readonly [Answer, StoryState] => {
  switch (command._tag) {
    case "Start":
      return state.status === "connected" && !command.reauthorizes
        ? ["AlreadyConnected", state]
        : [
            "done",
            withFlow(state, command.flow, { status: "pending", endsAt: state.now + flowSeconds })
          ]
    case "Burn": {
      const flow = state.flows.get(command.flow)
      if (flow?.status !== "pending") return ["none", state]
      return [
        answerOf(state, flow.endsAt),
        withFlow(state, command.flow, { ...flow, status: "burned" })
      ]
    }
    case "Park": {
      const parkedUntil = state.now + parkedSeconds
      // Swept since it was burned, it comes back with no life but the response's.
      const endsAt = state.flows.get(command.flow)?.endsAt ?? parkedUntil
      return ["done", withFlow(state, command.flow, { status: "parked", endsAt, parkedUntil })]
    }
    case "TakeParked": {
      const flow = state.flows.get(command.flow)
      if (flow?.parkedUntil === undefined) return ["none", state]
      const { endsAt, parkedUntil } = flow
      return [
        answerOf(state, parkedUntil),
        withFlow(state, command.flow, { status: "taken", endsAt })
      ]
    }
    case "Connect": {
      if (state.status === "connected" && !command.reauthorizes) return ["AlreadyConnected", state]
      if (state.account !== undefined && state.account !== command.account)
        return ["AccountMismatch", state]
      return [
        "done",
        {
          ...state,
          status: "connected",
          account: command.account,
          events: `${state.events}c`
        }
      ]
    }
    case "Disconnect":
      return state.status === "connected"
        ? [
            "done",
            { ...state, status: "disconnected", account: undefined, events: `${state.events}d` }
          ]
        : ["IntegrationNotFound", state]
    case "Sweep":
      return [
        "done",
        {
          ...state,
          flows: new Map(
            [...state.flows].filter(
              ([, { endsAt, parkedUntil = endsAt }]) => Math.max(endsAt, parkedUntil) > state.now
            )
          )
        }
      ]
  }
}

/** Every order in which commands that ran at once may have taken effect. */
const orders = <A>(items: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  items.length <= 1
    ? [items]
    : items.flatMap((item, index) =>
        orders(items.toSpliced(index, 1)).map((rest) => [item, ...rest])
      )

/** The states that can lie behind these answers of commands that ran at once; none if a store broke its word. */
export const explain = (
  states: ReadonlyArray<StoryState>,
  answered: ReadonlyArray<readonly [Command, Answer]>
): ReadonlyArray<StoryState> => {
  // Most orders lead to the same state: kept once each, their number stays small however long the story is.
  const after = new Map<string, StoryState>()
  for (const before of states) {
    for (const order of orders(answered)) {
      const state = inOrder(before, order)
      if (state !== undefined) after.set(identityOf(state), state)
    }
  }
  return [...after.values()]
}

const inOrder = (
  before: StoryState,
  order: ReadonlyArray<readonly [Command, Answer]>
): StoryState | undefined => {
  let state = before
  for (const [command, answer] of order) {
    const [expected, next] = apply(state, command)
    if (expected !== answer) return undefined
    state = next
  }
  return state
}

const identityOf = (state: StoryState): string =>
  JSON.stringify({ ...state, flows: [...state.flows].toSorted(([a], [b]) => a - b) })
