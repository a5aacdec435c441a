import type { Answer } from "./Answer.ts"

export interface CallOptions {
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is, with no content type unless `headers` has one. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream
  readonly headers?: Readonly<Record<string, string>>
}

/** What answers a request: `fetch`, or a handler itself. */
export type Send = (request: Request) => Promise<Response>

/** One request, its answer read to the end. Redirects are not followed. */
export const request = async (
  method: string,
  url: string,
  { body, headers, json }: CallOptions = {},
  send: Send = fetch
): Promise<Answer> => {
  const sent = new Request(url, {
    method,
    redirect: "manual",
    headers: { ...(json !== undefined && { "content-type": "application/json" }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    // Bytes, because fetch gives a content type of its own to text.
    ...(body !== undefined && {
      body: typeof body === "string" ? new TextEncoder().encode(body) : body,
      duplex: "half"
    })
  })
  const response = await send(sent)
  // A server leaves out what a handler may give to HEAD.
  const text = method === "HEAD" ? "" : await response.text()
  return { status: response.status, headers: response.headers, text, body: membersOf(text) }
}

const membersOf = (text: string): Answer["body"] => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Answer["body"])
      : {}
  } catch {
    return {}
  }
}
