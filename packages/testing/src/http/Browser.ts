import type { Answer } from "./Answer.ts"
import { type CallOptions, request, type Send } from "./request.ts"

/** The cookies of one browser. Attributes are the tests' to look at: what was set comes back. */
export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #send: Send | undefined

  constructor(send: Send | undefined) {
    this.#send = send
  }

  /** Keeps what an answer sets, and forgets what it ends. */
  keep(setCookies: ReadonlyArray<string>): void {
    for (const cookie of setCookies) {
      const [pair = ""] = cookie.split(";")
      const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]
      if (value === "" || /; Max-Age=0(?:;|$)/i.test(cookie)) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
  }

  /** A request with the cookies; what its answer sets is kept. Redirects are not followed. */
  async request(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const headers = { ...(cookie !== "" && { cookie }), ...options.headers }
    const answer = await request(method, url, { ...options, headers }, this.#send)
    this.keep(answer.headers.getSetCookie())
    return answer
  }
}
