import type { OAuth2Definition, VendorError } from "@hawser/core"
import type { OAuth2Facts } from "../facts/index.ts"
import { canonical } from "./canonical.ts"

/** What a vendor answers. */
export interface VendorAnswer {
  readonly status: number
  readonly body?: unknown
}

/** The answers to a refresh that say that its token is dead, and those that say nothing of it. */
export const refreshAnswers = ({
  refresh
}: OAuth2Facts): {
  readonly dead: ReadonlyArray<VendorAnswer>
  readonly busy: ReadonlyArray<VendorAnswer>
} => ({
  dead: refresh === null ? [] : [refresh.refused, ...(refresh.refusedToo ?? [])],
  busy: refresh?.busy ?? []
})

/** Errors that a definition names and that no answer of the vendor's shows. */
export const unseenErrors = (
  { temporaryErrors, terminalErrors }: OAuth2Definition,
  facts: OAuth2Facts
): ReadonlyArray<string> => {
  const { busy, dead } = refreshAnswers(facts)
  const unseen = (
    member: string,
    named: ReadonlyArray<VendorError> | undefined,
    answers: typeof dead
  ) =>
    (named ?? [])
      .filter((one) => !answers.some(({ body }) => shows(textsIn(body), one)))
      .map((one) => `${member}: no answer of the facts shows ${canonical(one)}`)
  return [
    ...unseen("terminalErrors", terminalErrors, dead),
    ...unseen("temporaryErrors", temporaryErrors, busy)
  ]
}

const shows = (texts: ReadonlyArray<string>, named: VendorError): boolean =>
  typeof named === "string"
    ? texts.includes(named)
    : texts.includes(named.error) &&
      texts.some((text) => text.toLowerCase().includes(named.description.toLowerCase()))

/** Every leaf of a body, as text. */
export const textsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsIn)
  if (typeof value === "string") return [value]
  return typeof value === "number" || typeof value === "boolean" ? [`${value}`] : []
}
