import { Result } from "effect"
import type { IntegrationEvent } from "../model/index.ts"
import type { Write } from "./rows.ts"

/** What comes of a command. The store makes the writes and records the events in one unit, then answers. */
export interface Decision<Success, Failure = never> {
  readonly writes: ReadonlyArray<Write>
  /** In the order of recording. */
  readonly events: ReadonlyArray<IntegrationEvent>
  readonly answer: Result.Result<Success, Failure>
}

export const decided = <Success>(
  success: Success,
  writes: ReadonlyArray<Write> = [],
  events: ReadonlyArray<IntegrationEvent> = []
): Decision<Success> => ({ writes, events, answer: Result.succeed(success) })

export const refused = <Failure>(
  failure: Failure,
  writes: ReadonlyArray<Write> = []
): Decision<never, Failure> => ({ writes, events: [], answer: Result.fail(failure) })
