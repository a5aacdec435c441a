export interface Phrase {
  /** A space stands for white space of any length, and for a line's end and the sign of a comment after it. */
  readonly pattern: RegExp
  /** The better words. */
  readonly advice: string
}

export interface Found {
  readonly line: number
  readonly text: string
  readonly advice: string
}

const gap = String.raw`(?:[ \t]+|[ \t]*\r?\n[ \t]*(?:(?:\*|//|>|-)[ \t]+)?)`

export const findPhrases = (text: string, phrases: ReadonlyArray<Phrase>): ReadonlyArray<Found> =>
  phrases
    .flatMap(({ advice, pattern }) =>
      [...text.matchAll(new RegExp(pattern.source.replaceAll(" ", gap), "g"))].map((match) => ({
        line: text.slice(0, match.index).split("\n").length,
        text: match[0].replaceAll(/\s+(?:(?:\*|\/\/|>|-)\s+)?/g, " "),
        advice
      }))
    )
    .toSorted((a, b) => a.line - b.line)
