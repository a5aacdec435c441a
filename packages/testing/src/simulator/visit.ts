import { decisionHeader, formIn, fragmentParameter, pageHeader, problemsIn } from "./pages.ts"

/** What the browser brings back to the application. */
export interface Callback {
  readonly method: "GET" | "POST"
  /** The redirect URI, with the response in its query where it comes by GET. */
  readonly url: URL
  /** The response where it comes by POST. */
  readonly form?: URLSearchParams
}

export interface VisitOptions {
  /**
   * What the person decides, whatever the mode of consent and `failNext` say. Default: as these say, and Allow if there
   * are buttons.
   */
  readonly decision?: "allow" | "deny"
}

/** The vendor showed an error page in place of asking the person. */
export class AuthorizationRefused extends Error {
  readonly problems: ReadonlyArray<string>
  constructor(problems: ReadonlyArray<string>) {
    super(`The vendor refuses the authorization request: ${problems.join("; ")}`)
    this.problems = problems
  }
}

/** A browser without scripts, that knows the simulator's pages. */
export const visitor =
  (send: (request: Request) => Promise<Response>) =>
  async (authorizationUrl: string, { decision }: VisitOptions = {}): Promise<Callback> => {
    const url = new URL(authorizationUrl)
    const fragment = url.hash.slice(1)
    url.hash = ""
    const open = () =>
      send(
        new Request(url, { headers: decision === undefined ? {} : { [decisionHeader]: decision } })
      )
    const first = await open()
    return read(first, async (page) => {
      if (page.headers.get(pageHeader) === "fragment" && fragment !== "") {
        // What the page's script would do.
        url.search = new URLSearchParams({ [fragmentParameter]: fragment }).toString()
        return read(await open(), (next) => pressAllow(next, url, send))
      }
      return pressAllow(page, url, send)
    })
  }

/** Follows a redirect or a form to the application; any other page is left to `otherwise`. */
const read = async (
  answer: Response,
  otherwise: (page: Response) => Promise<Callback>
): Promise<Callback> => {
  const location = answer.headers.get("location")
  if (location !== null) return { method: "GET", url: new URL(location) }
  if (answer.headers.get(pageHeader) !== "form_post") return otherwise(answer)
  const { action, fields } = formIn(await answer.text())
  return { method: "POST", url: new URL(action), form: fields }
}

const pressAllow = async (
  page: Response,
  at: URL,
  send: (request: Request) => Promise<Response>
): Promise<Callback> => {
  const html = await page.text()
  if (page.headers.get(pageHeader) !== "consent") throw new AuthorizationRefused(problemsIn(html))
  const { action, fields } = formIn(html)
  fields.set("decision", "allow")
  const answer = await send(new Request(new URL(action, at), { method: "POST", body: fields }))
  return read(answer, async (next) => {
    throw new AuthorizationRefused(problemsIn(await next.text()))
  })
}
