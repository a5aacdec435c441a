import { Predicate } from "effect"

/** The member of a JSON value that a definition's path leads to; undefined where there is none. */
export const memberAt = (body: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      Predicate.isObject(value) && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    body
  )
