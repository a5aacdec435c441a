/** As much of a browser as the story needs: cookies per origin, redirects one by one, forms filled in. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>()

  async request(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url)
    const jar = this.#jars.get(target.origin) ?? new Map<string, string>()
    this.#jars.set(target.origin, jar)
    const headers = new Headers(init.headers)
    headers.set("cookie", [...jar].map((pair) => pair.join("=")).join("; "))
    const response = await fetch(target, { ...init, headers, redirect: "manual" })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === "" || /;\s*max-age=0/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  /**
   * Goes where redirects lead, and fills in each page on the way with the answer that is next, until a redirect leads to
   * a URL that starts with `until`. That one is not requested.
   */
  async goThrough(
    url: string,
    answers: ReadonlyArray<Record<string, string>>,
    until: string
  ): Promise<URL> {
    const pending = [...answers]
    let next = new URL(url)
    let response = await this.request(next)
    for (let steps = 0; steps < 20; steps++) {
      const location = response.headers.get("location")
      const answer = location === null ? pending.shift() : undefined
      if (location !== null) {
        next = new URL(location, next)
        if (next.href.startsWith(until)) return next
        response = await this.request(next)
      } else if (answer !== undefined) {
        response = await this.request(next, { method: "POST", body: new URLSearchParams(answer) })
      } else {
        throw new Error(`${response.status} at ${next.href}, where nothing is left to do`)
      }
    }
    throw new Error("The redirects do not end")
  }
}
