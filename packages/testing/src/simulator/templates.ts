/** What stands for the names in braces; null leaves out the member whose whole value the name is. */
export type Values = Readonly<Record<string, string | number | null>>

const placeholder = /\{([a-z][a-z0-9_]*)\}/g
const wholePlaceholder = /^\{([a-z][a-z0-9_]*)\}$/

const valueOf = (values: Values, name: string): string | number | null | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined

/** Fills in what is known; other names stay in their braces. */
export const render = (template: string, values: Values): string =>
  template.replace(placeholder, (whole, name: string) => String(valueOf(values, name) ?? whole))

/** A sample answer, filled in. A number stays one where the name is the whole value. */
export const fill = (sample: unknown, values: Values): unknown => {
  if (typeof sample === "string") {
    const name = wholePlaceholder.exec(sample)?.[1]
    return (name === undefined ? undefined : valueOf(values, name)) ?? render(sample, values)
  }
  if (Array.isArray(sample)) return sample.map((element) => fill(element, values))
  if (typeof sample !== "object" || sample === null) return sample
  return Object.fromEntries(
    Object.entries(sample)
      .filter(([, member]) => !isLeftOut(member, values))
      .map(([member, inner]) => [member, fill(inner, values)])
  )
}

const isLeftOut = (member: unknown, values: Values): boolean => {
  const name = typeof member === "string" ? wholePlaceholder.exec(member)?.[1] : undefined
  return name !== undefined && valueOf(values, name) === null
}

/** Whether a sample has a place for this name. */
export const mentions = (sample: object, name: string): boolean =>
  JSON.stringify(sample).includes(`{${name}}`)

/** Reads the values of the names out of a text; undefined if it has another form. */
export type Matcher = (text: string) => Readonly<Record<string, string>> | undefined

/** What is known must stand there as it is; `anything` says what a name in braces may stand for. */
export const matcherOf = (template: string, known: Values, anything = ".+"): Matcher => {
  const seen = new Set<string>()
  const pattern = render(template, known)
    .split(placeholder)
    // Texts and names in turn.
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")
      if (seen.has(part)) return `\\k<${part}>`
      seen.add(part)
      return `(?<${part}>${anything})`
    })
    .join("")
  const expression = new RegExp(`^${pattern}$`)
  return (text) => {
    const found = expression.exec(text)
    return found === null ? undefined : { ...found.groups }
  }
}
