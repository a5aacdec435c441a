export type Members = Readonly<Record<string, unknown>>

/** The same with one member otherwise; undefined leaves it out. */
const changed = (value: unknown, [name, ...rest]: ReadonlyArray<string>, to: unknown): unknown => {
  if (name === undefined) return to
  if (Array.isArray(value)) {
    const elements: ReadonlyArray<unknown> = value
    const becomes = changed(elements[Number(name)], rest, to)
    return becomes === undefined
      ? elements.toSpliced(Number(name), 1)
      : elements.with(Number(name), becomes)
  }
  const { [name]: member, ...others } = (value ?? {}) as Members
  const becomes = changed(member, rest, to)
  return becomes === undefined ? others : { ...others, [name]: becomes }
}

/** The same with members otherwise, each at its dotted path: `tokenRequest.encoding`, `fields.0.pattern`. */
export const withMembers = (value: unknown, changes: Members): unknown =>
  Object.entries(changes).reduce((now, [path, to]) => changed(now, path.split("."), to), value)

/** What is at a dotted path; undefined where nothing is. */
export const memberOf = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, name) => (inner as Members | undefined)?.[name], value)
