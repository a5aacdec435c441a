import { isHawserError } from "@hawser/core"

/** The file of the bundle that holds the library below, whose frames tell a host nothing. */
const ofRuntime = /^ +at .*[\\/]hawser[\\/]dist[\\/]runtime\.js:/

/**
 * An error of Hawser's says what to do, and where: its stack is that of the host's call. One that nobody expected keeps the
 * frames of Hawser and of the host's own functions. `here` is the last function whose frame is left out.
 */
const withCallersStack = (error: unknown, here: (...given: never) => unknown): void => {
  if (!(error instanceof Error) || typeof error.stack !== "string") return
  const caller: { stack?: string } = {}
  Error.captureStackTrace(caller, here)
  const callers = framesOf(caller.stack ?? "")
  const own = isHawserError(error)
    ? []
    : framesOf(error.stack).filter((line) => !ofRuntime.test(line) && !callers.includes(line))
  Object.defineProperty(error, "stack", {
    value: [`${error.name}: ${error.message}`, ...own, ...callers].join("\n"),
    configurable: true,
    writable: true
  })
  if (!("cause" in error)) return
  Object.defineProperty(error, "cause", {
    value: plainCause(error.cause),
    configurable: true,
    writable: true
  })
  withCallersStack(error.cause, here)
}

/** The cause of the database or of Node, below those that the bundled library puts around it. */
const plainCause = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null && "cause" in cause && isOfRuntime(cause)
    ? plainCause(cause.cause)
    : cause

const isOfRuntime = (value: object): boolean =>
  Object.keys(value).some((name) => name.startsWith("~effect/"))

/** Without those of Node's own machinery, which stand between the others. */
const framesOf = (stack: string): ReadonlyArray<string> =>
  stack.split("\n").filter((line) => /^ +at (?!.*\bnode:internal\/)/.test(line))

const settled = async <Result>(result: Promise<Result>): Promise<Result> => {
  try {
    return await result
  } catch (error) {
    withCallersStack(error, settled)
    throw error
  }
}

const iterated = async function* <Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  try {
    yield* items
  } catch (error) {
    withCallersStack(error, iterated)
    throw error
  }
}

/** The same function, whose errors have the stack of the call. */
export const fromCaller = <Given extends ReadonlyArray<unknown>, Result>(
  call: (...given: Given) => Promise<Result>
): ((...given: Given) => Promise<Result>) => {
  return (...given) => settled(call(...given))
}

type Called = (...given: ReadonlyArray<unknown>) => unknown

/** The same members, whose errors have the stack of the call. */
export const membersFromCaller = <Members extends object>(members: Members): Members =>
  Object.fromEntries(
    Object.entries(members).map(([name, member]: [string, unknown]) => [
      name,
      // The handler never rejects, and has a member of its own.
      name === "handler" ? member : valueFromCaller(member)
    ])
  ) as Members

const valueFromCaller = (member: unknown): unknown => {
  if (typeof member === "function") return memberFromCaller(member as Called)
  return typeof member === "object" && member !== null ? membersFromCaller(member) : member
}

const memberFromCaller =
  (call: Called): Called =>
  (...given) => {
    const result = call(...given)
    if (result instanceof Promise) return settled(result)
    if (typeof result !== "object" || result === null) return result
    return Symbol.asyncIterator in result
      ? iterated(result as AsyncIterable<unknown>)
      : membersFromCaller(result)
  }
