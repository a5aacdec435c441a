import { type Client, createClient } from "hawser/client"
import { Browser } from "../browser.ts"
import type { Demo } from "../host.ts"
import type { DemoUser } from "@hawser/cli/sample"
import { expectEqual } from "./step.ts"

/** Whose connection a flow is for; without more, the company's and the only one. */
export interface Whose {
  readonly user?: DemoUser
  readonly owner?: "tenant" | "user"
  readonly name?: string
}

/** What a person does on Acme's pages. */
export interface AtAcme {
  readonly account?: string
  readonly answer?: "allow" | "deny"
  /** What stays ticked. */
  readonly scopes?: ReadonlyArray<string>
}

/** The people of the story, what they do in their browsers, and what the host hears of it. */
export const makeCast = async (demo: Demo) => {
  const page = `${demo.origin}/`

  /** A person who is signed in, in a browser of their own. */
  const as = (user: DemoUser, browser = new Browser()): Client =>
    createClient({
      baseUrl: demo.origin,
      token: async () => {
        const response = await fetch(`${demo.origin}/demo/token?user=${user}`)
        return ((await response.json()) as { readonly token: string }).token
      },
      fetch: (url, init) => browser.request(url, init)
    })

  const authorizationUrlOf = (begun: Awaited<ReturnType<Client["connect"]>>): string => {
    if ("authorizationUrl" in begun) return begun.authorizationUrl
    throw new Error("It connected by a key.")
  }

  /** Presses Connect; answers where the provider's page is. */
  const begin = async (
    provider: string,
    { name = "default", owner = "tenant", user = "ada" }: Whose,
    browser: Browser,
    redirectUrl = page
  ): Promise<string> =>
    authorizationUrlOf(
      await as(user, browser).connect({
        params: { provider },
        query: { owner, name },
        payload: { redirectUrl }
      })
    )

  /** Goes through Acme's login and consent, up to the callback. */
  const consent = (
    authorizationUrl: string,
    browser: Browser,
    {
      account = "grace@acme.test",
      answer = "allow",
      scopes = ["projects.read", "projects.write"]
    }: AtAcme = {}
  ): Promise<URL> =>
    browser.goThrough(
      authorizationUrl,
      [{ name: account }, { answer, ...Object.fromEntries(scopes.map((scope) => [scope, "on"])) }],
      `${demo.origin}/v1/integrations/`
    )

  /** Where the callback sends the browser. */
  const comeBack = async (browser: Browser, callback: URL): Promise<URL> =>
    new URL((await browser.request(callback)).headers.get("location") ?? "")

  const connectAcme = async (whose: Whose = {}, doing: AtAcme = {}): Promise<URL> => {
    const browser = new Browser()
    const url = await begin("acme-projects", whose, browser)
    return comeBack(browser, await consent(url, browser, doing))
  }

  /** Presses Connect, then a button on a simulated provider's page. */
  const connectSimulated = async (
    provider: string,
    whose: Whose = {},
    decision: "allow" | "deny" = "allow"
  ): Promise<URL> => {
    const browser = new Browser()
    const authorizationUrl = await begin(provider, whose, browser)
    const { url } = await demo.simulator.visit(authorizationUrl, { decision })
    return comeBack(browser, url)
  }

  /** What somebody sees of one connection. */
  const seenBy = async (user: DemoUser, provider: string, { name, owner }: Whose = {}) => {
    const { items } = await as(user).list({
      query: { provider, owner: owner ?? "tenant", name: name ?? "default" }
    })
    const [item] = items
    return item !== undefined && "name" in item ? item : undefined
  }

  const heard: Array<string> = []
  for (const name of ["connected", "disconnected"] as const)
    await demo.hawser.on(`integration.${name}`, { as: `check-${name}` }, ({ event: { data } }) => {
      heard.push(`${name}: ${data.provider} ${data.name}${data.userId ? ` of ${data.userId}` : ""}`)
    })
  /** Waits for an event, by what it tells, until it was heard so many times. */
  const hears = async (told: string, times = 1): Promise<string> => {
    const count = () => heard.filter((one) => one === told).length
    // What else is open on the server may hold an event back until after its worker was woken, and the next poll is far.
    while (count() < times) await demo.hawser.tick()
    expectEqual(`how often it was told of "${told}"`, count(), times)
    return `integration.${told}`
  }

  return {
    demo,
    page,
    as,
    begin,
    authorizationUrlOf,
    consent,
    comeBack,
    connectAcme,
    connectSimulated,
    seenBy,
    hears
  }
}

export type Cast = Awaited<ReturnType<typeof makeCast>>
