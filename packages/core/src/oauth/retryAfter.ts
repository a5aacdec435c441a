/** The longest time that a provider may make us wait (S-37). */
const longest = 900

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Seconds of a `Retry-After` header (RFC 9110 §10.2.3), from 0 to 900; undefined where there is none or it is neither form. */
export const retryAfterOf = (header: string | null, nowMs: number): number | undefined => {
  const text = header?.trim() ?? ""
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : httpDate.test(text)
      ? Math.ceil((Date.parse(text) - nowMs) / 1_000)
      : Number.NaN
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), longest)
}
