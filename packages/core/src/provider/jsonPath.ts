import { Predicate } from "effect"
import type { BodyTest } from "./ProviderDefinition.ts"

/** The member of a JSON value that a definition's path leads to, through arrays by position; undefined if there is none. */
export const valueAtPath = (body: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      Predicate.isObjectOrArray(value) && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    body
  )

/** Whether a JSON body passes a definition's test. */
export const passes = (body: unknown, test: BodyTest): boolean => {
  const member = valueAtPath(body, test.path)
  if ("equals" in test) return member === test.equals
  if ("oneOf" in test) return typeof member === "string" && test.oneOf.includes(member)
  return (member !== undefined && member !== null) === test.exists
}
