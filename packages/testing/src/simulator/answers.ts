/** Answers of vendors, as plain responses. */

const noStore = { "cache-control": "no-store" }

export const jsonAnswer = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...noStore }
  })

const hasNoBody = (status: number): boolean => status === 204 || status === 205 || status === 304

/** An answer as the facts have it: a JSON body, the text of one, or nothing. */
export const answerOf = ({
  body,
  status
}: {
  readonly status: number
  readonly body?: unknown
}): Response => {
  if (hasNoBody(status) || body === undefined)
    return new Response(hasNoBody(status) ? null : "", { status, headers: noStore })
  return typeof body === "string"
    ? new Response(body, { status, headers: { "content-type": "text/plain", ...noStore } })
    : jsonAnswer(status, body)
}

/** The leaves of an answer as form fields: GitHub's answer without `Accept: application/json`. */
export const formAnswer = (body: Readonly<Record<string, unknown>>): Response =>
  new Response(
    new URLSearchParams(
      Object.entries(body).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value)
      ])
    ).toString(),
    { headers: { "content-type": "application/x-www-form-urlencoded", ...noStore } }
  )

/** RFC 6749 §5.2. The description is for the person who reads the test's output. */
export const protocolError = (
  status: number,
  error: string,
  problems: ReadonlyArray<string>
): Response => jsonAnswer(status, { error, error_description: problems.join("; ") })
