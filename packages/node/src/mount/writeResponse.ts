import type { Answer } from "./answerRequest.ts"
import type { NodeResponse } from "./NodeExchange.ts"

/** Writes a whole answer, whose body is in memory already. Headers that the host has set stay, unless named again. */
export const writeResponse = (
  response: NodeResponse,
  { body, response: { headers, status } }: Answer
): void => {
  response.statusCode = status
  for (const [name, value] of headers) {
    if (name !== "set-cookie") response.setHeader(name, value)
  }
  // Joined by commas they would be one broken cookie; set without the host's own, those would be lost.
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) response.setHeader("set-cookie", [...cookiesOf(response), ...cookies])
  // Where no body may be, to HEAD and with 204 or 304, Node leaves it out.
  response.end(body)
}

/** The cookies that the host has set so far. */
export const cookiesOf = (response: NodeResponse): ReadonlyArray<string> => {
  const existing = response.getHeader("set-cookie")
  return existing === undefined ? [] : [existing].flat().map(String)
}
