/** The longest token in characters: more is read of no answer, and some tokens are signed documents. */
const longestToken = 65_536
const longestScope = 255
const mostScopes = 1000

/**
 * Whether text may be sent as a token: printable ASCII (RFC 6749, appendix A.12 and A.17), without the white space at its
 * ends that a header would lose (RFC 9110 §5.5).
 */
export const isTokenText = (value: unknown): value is string =>
  typeof value === "string" && value.length <= longestToken && /^[!-~](?:[ -~]*[!-~])?$/.test(value)

/** Whether text is one scope (RFC 6749 §3.3). */
export const isScope = (value: unknown): value is string =>
  typeof value === "string" && value.length <= longestScope && /^[!#-[\]-~]+$/.test(value)

/** The scopes of a space-separated list; what is none of RFC 6749 §3.3 cannot be asked for, so nobody misses it. */
export const parseScopes = (text: string): ReadonlyArray<string> =>
  [...new Set(text.split(" ").filter(isScope))].slice(0, mostScopes)

/**
 * Text as PostgreSQL and JSON can carry it, or a whole number as text; undefined for all else. One that JavaScript has
 * rounded is none, because its neighbours look the same.
 */
export const storableText = (value: unknown, maxLength: number): string | undefined => {
  const text = Number.isSafeInteger(value) ? String(value) : value
  return typeof text === "string" &&
    text !== "" &&
    text.length <= maxLength &&
    text.isWellFormed() &&
    !text.includes("\0")
    ? text
    : undefined
}

/** Of text that people are shown, what neither moves the text around it nor breaks it into lines. */
export const shownText = (value: unknown, maxLength: number): string | undefined => {
  const text = storableText(value, 255)?.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "")
  // A pair of surrogates is cut in two by no length.
  const cut = text?.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")
  return cut === "" ? undefined : cut
}
