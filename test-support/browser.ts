/** As much of a browser as a flow needs: it keeps cookies per origin and follows redirects one by one. */
export class TestBrowser {
  readonly #jars = new Map<string, Map<string, string>>()

  #jar(url: URL): Map<string, string> {
    const jar = this.#jars.get(url.origin) ?? new Map<string, string>()
    this.#jars.set(url.origin, jar)
    return jar
  }

  /** One request with this browser's cookies; what it sets is kept. Redirects are not followed. */
  async request(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url)
    const jar = this.#jar(target)
    const headers = new Headers(init.headers)
    if (jar.size > 0)
      headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "))
    const response = await fetch(target, { ...init, headers, redirect: "manual" })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split(";")
      const name = pair.slice(0, pair.indexOf("="))
      const gone =
        attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute)) || pair.endsWith("=")
      if (gone) jar.delete(name)
      else jar.set(name, pair.slice(name.length + 1))
    }
    return response
  }

  /** Keeps a cookie as if `origin` had set it. */
  setCookie(origin: string, cookie: string): void {
    const [pair = ""] = cookie.split(";")
    const name = pair.slice(0, pair.indexOf("="))
    this.#jar(new URL(origin)).set(name, pair.slice(name.length + 1))
  }

  /** Follows redirects until one leads to a URL that starts with `until`, which is not requested. */
  async follow(url: string, until: string): Promise<URL> {
    let next = new URL(url)
    for (let hops = 0; hops < 15; hops++) {
      if (next.href.startsWith(until)) return next
      const response = await this.request(next)
      const location = response.headers.get("location")
      if (location === null)
        throw new Error(`${response.status} at ${next.href}: ${await response.text()}`)
      next = new URL(location, next)
    }
    throw new Error("too many redirects")
  }
}
