import {
  callHandler,
  ConfigurationError,
  type DeliveredEvent,
  EventBus,
  type EventName,
  functionOption,
  hostOptions,
  IntegrationEvent,
  nearest,
  opaqueOption,
  StorableText,
  type Workers
} from "@hawser/core"
import { Effect, Schema } from "effect"
import type { JobAdmin } from "./admin.ts"
import type { Run } from "./connection.ts"
import type { JobServices } from "./HawserLive.ts"

/** The name of a subscriber and where it begins. */
export interface OnOptions {
  /**
   * The name of the subscriber. It continues under this name after a restart, and processes with the same name share its
   * events. Give each subscriber of each service its own name.
   */
  readonly as: string
  /** Where a new subscriber begins. Default `now`. */
  readonly from?: "now" | "beginning"
}

/** What an event handler gets. */
export interface HandledEvent<Name extends EventName> {
  readonly event: EventOf<Name>
  /** 1 for the first time; more after failures of the handler. */
  readonly attempt: number
  /** Aborts after a minute, or when Hawser closes and its time is nearly over. The handler should then stop. */
  readonly signal: AbortSignal
}

/** A registered handler. */
export interface EventSubscription {
  /**
   * Stops calling the handler, and waits for running calls. The subscriber keeps its place: it receives later events when
   * `on` is called with its name again, in any process. Does nothing if another handler has replaced this one.
   */
  readonly stop: () => Promise<void>
}

type EventOf<Name extends EventName> = Extract<IntegrationEvent, { readonly event: Name }>

/** What a running Hawser tells of. */
export interface Subscribes {
  /**
   * Calls the handler for each such event, at least once, in order per integration, through restarts. A handler that
   * throws is retried with exponential backoff (1 s to 1 h, without limit). After a minute its `signal` aborts; until it
   * ends, its integration waits and the others go on (`health().stuck`).
   *
   * If it is called again with the same name and event, as by a reloaded module, the new handler replaces the old one.
   * Rejects with `storage_unavailable`, and you can call it again; with `configuration_error` if this process uses the name
   * for another event.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * declare const hawser: Hawser
   * declare const mail: (tenantId: string, signal: AbortSignal) => Promise<void>
   *
   * const subscription = await hawser.on(
   *   "integration.disconnected",
   *   { as: "mailer" },
   *   ({ event, signal }) => mail(event.tenantId, signal)
   * )
   */
  readonly on: <Name extends EventName>(
    event: Name,
    options: OnOptions,
    handler: (handled: HandledEvent<Name>) => Promise<void> | void
  ) => Promise<EventSubscription>
}

/** The subscribers of this process. */
export const subscriptions = (
  run: Run<JobServices>,
  workers: Workers["Service"]
): Subscribes & Pick<JobAdmin, "unsubscribe"> => {
  /** The event of each. */
  const names = new Map<string, EventName>()
  return {
    on: (event, options, handler) =>
      run(
        Effect.gen(function* () {
          const setting = `on("${event}")`
          const refuse = (problem: string) => new ConfigurationError({ setting, problem })
          if (!eventNames.includes(event)) {
            const near = nearest(event, eventNames)
            return yield* refuse(
              `There is no such event.${near === undefined ? "" : ` Did you mean ${near}?`}`
            )
          }
          const wrong = checkSubscription(setting, { ...options, handler })
          if (wrong !== undefined) return yield* wrong
          const { as: name, from = "now" } = options
          const known = names.get(name)
          if (known !== undefined && known !== event)
            return yield* refuse(
              `"${name}" has a handler of ${known} already. Give each subscriber a name of its own.`
            )
          const { stop } = yield* workers.register({
            name,
            events: new Set([event]),
            from,
            handle: (handled) => handledBy(handler, event, handled),
            endsBySignal: true
          })
          names.set(name, event)
          return {
            stop: () =>
              run(
                Effect.map(stop, (isLast) => {
                  if (isLast) names.delete(name)
                })
              )
          }
        })
      ),

    unsubscribe: (name) =>
      run(
        Effect.gen(function* () {
          if (names.has(name)) {
            return yield* new ConfigurationError({
              setting: `admin.unsubscribe("${name}")`,
              problem:
                "This process has a handler of that name. Start it without, then unsubscribe."
            })
          }
          // Nobody can have subscribed by any other.
          if (!isSubscriberName(name)) return
          const bus = yield* EventBus
          yield* bus.unsubscribe(name)
        })
      )
  }
}

const isSubscriberName = Schema.is(StorableText({ maxLength: 255 }).check(Schema.isMinLength(1)))

/** The arguments of `on` after the event. */
const checkSubscription = hostOptions<{ readonly handler: unknown } & OnOptions>(
  {
    handler: functionOption,
    as: opaqueOption('a name of its own, such as "mailer"', (value) => isSubscriberName(value)),
    from: Schema.Literals(["now", "beginning"])
  },
  { required: ["handler", "as"] }
)

const eventNames = IntegrationEvent.members.map(({ fields }) => fields.event.literal)

/** A handler's promise cannot be interrupted. Only the signal can end it, so it is waited for. */
const handledBy = <Name extends EventName>(
  handler: (handled: HandledEvent<Name>) => unknown,
  name: Name,
  { event, ...handled }: DeliveredEvent
): Effect.Effect<void, unknown> =>
  isEvent(event, name) ? callHandler(() => handler({ ...handled, event })) : Effect.void

const isEvent = <Name extends EventName>(
  event: IntegrationEvent,
  name: Name
): event is EventOf<Name> => event.event === name
