import type { RequestKind, Simulator } from "../../../packages/testing/src/simulator/index.ts"
import type { Members } from "./members.ts"

/** A request to the vendor, with what was answered. */
export interface Exchange {
  /** More than one where a vendor's facts have the same request for several things. */
  readonly kinds: ReadonlyArray<RequestKind>
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The members of a form or of a JSON object. */
  readonly body: Members
  readonly status: number
  readonly answer: unknown
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const membersOf = (body: string, type: string | null): Members =>
  type?.startsWith("application/json") === true
    ? ((parsed(body) ?? {}) as Members)
    : Object.fromEntries(new URLSearchParams(body))

const exchangeOf = async (
  kinds: ReadonlyArray<RequestKind>,
  sent: Request,
  answered: Response
): Promise<Exchange> => {
  const text = await sent.text()
  return {
    kinds,
    url: new URL(sent.url),
    method: sent.method,
    headers: Object.fromEntries(sent.headers),
    text,
    body: membersOf(text, sent.headers.get("content-type")),
    status: answered.status,
    answer: parsed(await answered.text())
  }
}

/** What stands in an `Authorization: Basic` (RFC 7617). */
export const basicIn = ({ headers }: Exchange): string =>
  Buffer.from(/^Basic (.+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "", "base64").toString(
    "utf8"
  )

/** A simulated vendor whose requests and answers are kept, in order. */
export const recorded = (simulator: Simulator) => {
  const exchanges: Array<Exchange> = []
  return {
    exchanges,
    handle: async (request: Request): Promise<Response> => {
      const sent = request.clone()
      const answer = await simulator.handle(request)
      const kinds = simulator.requests.at(-1)?.kinds ?? []
      exchanges.push(await exchangeOf(kinds, sent, answer.clone()))
      return answer
    }
  }
}
