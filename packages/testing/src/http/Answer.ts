/** An answer that was read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body's members; none if it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>>
}
