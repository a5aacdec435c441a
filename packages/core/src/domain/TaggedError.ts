import { Data } from "effect"

/**
 * Effect's tagged errors, printed by Node as any other error. Effect's own form of them is their members, so that
 * `console.error(error)` shows neither what happened nor where.
 */
export const TaggedError = ((tag: string) => {
  class Printed extends Data.TaggedError(tag) {}
  Object.defineProperty(Printed.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value: undefined
  })
  return Printed
}) as unknown as typeof Data.TaggedError
