/** A definition in which one thing is otherwise. */
export interface Flip {
  /** Where, and what was done there: `token.encoding left out`. */
  readonly name: string
  readonly definition: unknown
}

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Another value of the same kind; URLs and templates stay what they are, so that the schema takes them. */
const otherText = (text: string): string => {
  const url = /^https:\/\/(?<authority>[^/]+)(?<rest>.*)$/.exec(text)?.groups
  return url === undefined ? `${text}x` : `https://${url["authority"]}${url["rest"]}x`
}

const otherScalar = (value: unknown): unknown => {
  if (typeof value === "string") return otherText(value)
  return typeof value === "number" ? value + 1 : value !== true
}

/** Every way to change one leaf of a value, or to leave one member or element out. */
const changes = (value: unknown, path: string): ReadonlyArray<readonly [string, unknown]> => {
  if (Array.isArray(value)) {
    const elements: ReadonlyArray<unknown> = value
    return elements.flatMap((element, index) => [
      [`${path}.${index} left out`, elements.toSpliced(index, 1)] as const,
      ...changes(element, `${path}.${index}`).map(
        ([name, changed]) => [name, elements.with(index, changed)] as const
      )
    ])
  }
  if (isMembers(value)) {
    return Object.entries(value).flatMap(([member, inner]) => {
      const { [member]: _, ...others } = value
      const at = path === "" ? member : `${path}.${member}`
      return [
        [`${at} left out`, others] as const,
        ...changes(inner, at).map(
          ([name, changed]) => [name, { ...value, [member]: changed }] as const
        )
      ]
    })
  }
  return [[`${path} changed`, otherScalar(value)]]
}

/** Other hosts: for URLs the path is changed above, and the host here. */
const otherHosts = (value: unknown, path: string): ReadonlyArray<readonly [string, unknown]> => {
  if (typeof value === "string")
    return value.startsWith("https://")
      ? [[`${path} at another host`, value.replace("https://", "https://other-")]]
      : []
  if (!isMembers(value)) return []
  return Object.entries(value).flatMap(([member, inner]) =>
    otherHosts(inner, path === "" ? member : `${path}.${member}`).map(
      ([name, changed]) => [name, { ...value, [member]: changed }] as const
    )
  )
}

/** Every definition that differs from this one in one field. */
export const flipsOf = (definition: object): ReadonlyArray<Flip> =>
  [...changes(definition, ""), ...otherHosts(definition, "")].map(([name, changed]) => ({
    name,
    definition: changed
  }))
