import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { client, completeIfReturned } from "../src/index.ts"
import {
  type Client,
  ClientError,
  type CompletedOwner,
  createClient,
  type Returned
} from "../src/createClient.ts"
import {
  comeBack,
  completeUrl,
  connectForge,
  connectGauge,
  cookieUrl,
  startFlow,
  storeKey
} from "./support/flow.ts"
import { forge, type Host, makeHost, matching } from "./support/host.ts"

const baseUrl = "https://process.test/api"

/** A client whose `fetch` is the handler: what goes between is exactly what goes over the wire. */
const clientOf = (host: Host, token?: string | (() => string | Promise<string>)) => {
  const sent: Array<Request> = []
  const api = createClient({
    baseUrl,
    ...(token !== undefined && { token }),
    fetch: async (url, init) => {
      const request = new Request(url, init)
      sent.push(request.clone())
      return host.handle(request)
    }
  })
  return { api, sent }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable("it resolved"),
    (problem: unknown) => problem
  )

describe("the client without Effect, against the running handler", () => {
  it("goes the whole way of an API key", async () => {
    const host = await makeHost()
    const { api } = clientOf(host, await host.issuer.token())
    const params = { provider: "gauge" }
    const { credentialId } = await api.storeCredentials({
      params,
      payload: { credentials: { api_key: "good-key" }, label: "First" }
    })
    expect((await api.listCredentials({ params })).items).toMatchObject([
      { credentialId, label: "First", status: "validated" }
    ])
    const connected = await api.connect({ params, payload: { credentialId } })
    expect(connected).toMatchObject({ status: "connected", provider: "gauge" })
    expect(await api.get({ params })).toMatchObject({ provider: "gauge" })
    expect(await api.test({ params })).toMatchObject({ status: "ok" })
    const other = await storeKey(host)
    await api.swapCredential({ params, payload: { credentialId: other } })
    expect(await api.deleteCredential({ params: { ...params, credentialId } })).toBeUndefined()
    expect(await api.disconnect({ params })).toBeUndefined()
    expect((await api.list({ query: { status: "connected" } })).total).toBe(0)
  })

  it("begins a flow, and reads the catalogue without a token", async () => {
    const host = await makeHost()
    const { api } = clientOf(host, await host.issuer.token())
    const payload = { redirectUrl: cookieUrl }
    expect(await api.connect({ params: { provider: "forge" }, payload })).toMatchObject({
      authorizationUrl: matching(/^https:/)
    })
    const anyone = clientOf(host)
    expect((await anyone.api.catalog()).total).toBe(2)
    expect(anyone.sent[0]?.headers.has("authorization")).toBe(false)
  })

  it("answers what the client with Effect answers", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    await connectGauge(host, token)
    await connectForge(host, token)
    const { api } = clientOf(host, token)
    const withEffect = await effectClient(host, token, (other) =>
      Effect.all([other.list({ query: { limit: 1 } }), other.catalog({ query: {} })])
    )
    expect(await api.list({ query: { limit: 1 } })).toEqual(withEffect[0])
    expect(await api.catalog()).toEqual(withEffect[1])
  })

  it("gets a token for each call", async () => {
    const host = await makeHost()
    const tokens = [await host.issuer.token(), await host.issuer.token({ roles: ["member"] })]
    const { api, sent } = clientOf(host, () => Promise.resolve(tokens.shift() ?? ""))
    await api.list()
    await api.list()
    const [first, second] = sent.map(({ headers }) => headers.get("authorization"))
    expect(first).toMatch(/^Bearer ey/)
    expect(second).not.toBe(first)
  })

  it("rejects with what the contract answers", async () => {
    const host = await makeHost()
    const { api } = clientOf(host, await host.issuer.token())
    const problem = await failureOf(api.connect({ params: { provider: "forge" } }))
    expect(problem).toBeInstanceOf(ClientError)
    expect(problem).toMatchObject({
      httpStatus: 400,
      code: "validation_error",
      retryable: false,
      retryAfter: undefined,
      details: [{ path: "redirectUrl", code: "missing" }]
    })
    expect(await failureOf(clientOf(host).api.list())).toMatchObject({ code: "unauthorized" })
  })

  it.each([
    [503, {}, true, undefined],
    [429, { "retry-after": "7" }, true, 7],
    // A proxy's, by a date.
    [429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, true, undefined],
    [429, {}, false, undefined],
    [409, {}, false, undefined]
  ])("says of %i with %j whether to try again", async (status, headers, retryable, retryAfter) => {
    const body = { error: "rate_limit_exceeded", message: "A sentence." }
    const answer = () => Promise.resolve(Response.json(body, { status, headers }))
    const api = createClient({ baseUrl, fetch: answer })
    const problem = await failureOf(api.list())
    expect(problem).toMatchObject({ httpStatus: status, retryable, retryAfter })
  })

  it.each([
    ["a page", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
    ["a page that is not an error", () => new Response("<h1>Sign in</h1>")],
    ["another application's JSON", () => Response.json({ detail: "no" }, { status: 404 })]
  ])("says so where something else answered: %s", async (_, answer) => {
    const api = createClient({ baseUrl, fetch: () => Promise.resolve(answer()) })
    const problem = await failureOf(api.list())
    expect(problem).toMatchObject({ code: "unexpected_answer", httpStatus: answer().status })
  })

  it.each(["..", ".", "", "../x", "..\\x", "..;", "a/b?c", "\uff0e\uff0e", "a%2f"])(
    "sends no token where a path would lead elsewhere: %j",
    async (provider) => {
      const fetch = vi.fn<() => Promise<Response>>()
      const api = createClient({ baseUrl, token: "secret", fetch })
      expect(await failureOf(api.disconnect({ params: { provider } }))).toBeInstanceOf(TypeError)
      expect(fetch).not.toHaveBeenCalled()
    }
  )

  it("writes parameters so that they stay what they are", async () => {
    const urls: Array<string> = []
    const fetch = (url: string) => {
      urls.push(url)
      return Promise.resolve(Response.json({}))
    }
    const api = createClient({ baseUrl: "/api/", fetch })
    await api.get({ params: { provider: "git-hub" } })
    await api.list({ query: { cursor: "x&y=z", limit: 5 } })
    expect(urls).toEqual([
      "/api/v1/integrations/git-hub",
      "/api/v1/integrations?cursor=x%26y%3Dz&limit=5"
    ])
  })
})

/** What a page sees of its browser. */
const openPage = (href: string) => {
  const location = { href }
  const state = { router: "its own" }
  const replaced: Array<unknown> = []
  vi.stubGlobal("location", location)
  vi.stubGlobal("history", {
    state,
    replaceState: (kept: unknown, _: string, url: string) => {
      replaced.push(kept)
      location.href = url
    }
  })
  return { location, replaced, state }
}

afterEach(() => void vi.unstubAllGlobals())

const effectClient = <A, E>(
  host: Host,
  token: string,
  use: (api: Effect.Success<ReturnType<typeof client>>) => Effect.Effect<A, E>
): Promise<A> =>
  Effect.flatMap(client({ baseUrl, token: Redacted.make(token) }), use).pipe(
    Effect.provide(
      FetchHttpClient.layer.pipe(
        Layer.provide(
          Layer.succeed(FetchHttpClient.Fetch, (input, init) =>
            host.handle(new Request(input, init))
          )
        )
      )
    ),
    Effect.runPromise
  )

type Complete = (host: Host, token: string, of?: CompletedOwner) => Promise<Returned>

const clients: ReadonlyArray<readonly [string, Complete]> = [
  ["createClient", (host, token, of) => clientOf(host, token).api.completeIfReturned(of)],
  [
    "the client with Effect",
    (host, token, of) => effectClient(host, token, (api) => completeIfReturned(api, of))
  ]
]

describe.each(clients)("completeIfReturned of %s", (_, complete) => {
  let host: Host
  let token: string
  beforeEach(async () => {
    host = await makeHost()
    token = await host.issuer.token()
  })

  /** Goes through a flow, up to the page that the browser ends at. */
  const returnTo = async (redirectUrl: string, query?: (state: string) => string) => {
    const started = await startFlow(host, redirectUrl, token)
    const back = await comeBack(host, started, {
      ...(query !== undefined && { query: query(started.state) })
    })
    return openPage(back.headers.get("location") ?? "")
  }

  it("finishes a parked flow", async () => {
    const page = await returnTo(completeUrl)
    expect(page.location.href).toMatch(/\?status=pending&provider=forge#flowId=[\w-]{43}$/)
    const returned = await complete(host, token)
    expect(returned).toEqual({
      status: "connected",
      provider: "forge",
      integrationId: matching(/^int_/)
    })
    expect(page.location.href).toBe(completeUrl)
    expect(page.replaced).toEqual([page.state])
  })

  it("finishes a flow of a member's own, and says that one of the tenant's is not theirs", async () => {
    host = await makeHost({ providers: [{ ...forge, ownedBy: ["tenant", "user"] }] })
    const member = await host.issuer.token({ roles: ["member"] })
    const begin = async () => {
      const response = await host.send("POST", "/forge/connect?owner=user", {
        token: member,
        json: { redirectUrl: completeUrl }
      })
      const { state } = (await response.json()) as { state: string }
      const back = await host.send("GET", `/forge/callback?code=c&state=${state}`)
      openPage(back.headers.get("location") ?? "")
    }
    await begin()
    expect(await complete(host, member)).toMatchObject({ status: "error", error: "forbidden" })
    await begin()
    expect(await complete(host, member, { owner: "user" })).toMatchObject({ status: "connected" })
    const listed = await host.send("GET", "?owner=user", { token: member })
    expect(await listed.json()).toMatchObject({ items: [{ owner: "user", userId: "user-1" }] })
  })

  it("says how a flow ended that needs no completing", async () => {
    const page = await returnTo(cookieUrl)
    expect(await complete(host, token)).toMatchObject({ status: "connected", provider: "forge" })
    expect(page.location.href).toBe(cookieUrl)
    expect(host.world.count("/token")).toBe(1)
  })

  it("says what the provider's refusal was", async () => {
    const page = await returnTo(completeUrl, (state) => `error=access_denied&state=${state}`)
    expect(await complete(host, token)).toEqual({
      status: "error",
      provider: "forge",
      error: "access_denied"
    })
    expect(page.location.href).toBe(completeUrl)
  })

  it("says that the flow is another user's, whose page this is not", async () => {
    await returnTo(completeUrl)
    expect(await complete(host, await host.issuer.token({ sub: "user-2" }))).toMatchObject({
      status: "error",
      error: "flow_not_found",
      message: matching(/\.$/)
    })
  })

  it("answers once: what was read is no longer there", async () => {
    await returnTo(completeUrl)
    await complete(host, token)
    expect(await complete(host, token)).toEqual({ status: "nothing" })
  })

  it("keeps the page's own parameters as they were written, and its fragment", async () => {
    const own = "https://spa.host.test/done?tab=a%20b&tab=c+d&x"
    const page = openPage(`${own}&status=error&provider=forge&error=access_denied#section`)
    await complete(host, token)
    expect(page.location.href).toBe(`${own}#section`)
  })

  it.each([
    ["nothing at all", "https://spa.host.test/done?tab=1#flowId=x"],
    ["another status", "https://spa.host.test/done?status=open&provider=forge"],
    ["no provider", "https://spa.host.test/done?status=pending#flowId=x"],
    ["no flow id", "https://spa.host.test/done?status=pending&provider=forge"],
    [
      "a provider that leads out of the path",
      "https://spa.host.test/?status=pending&provider=..#flowId=x"
    ],
    ["a provider that is a path", "https://spa.host.test/?status=pending&provider=a%2Fb#flowId=x"],
    ["no integration's id", "https://spa.host.test/?status=connected&provider=a&integrationId=<b>"]
  ])("leaves an address alone that no callback made: %s", async (_name, href) => {
    const page = openPage(href)
    expect(await complete(host, token)).toEqual({ status: "nothing" })
    expect(page.location.href).toBe(href)
    expect(page.replaced).toEqual([])
  })

  it("takes a word that no callback uses for the provider's error", async () => {
    openPage("https://spa.host.test/?status=error&provider=forge&error=<b>")
    expect(await complete(host, token)).toMatchObject({ error: "provider_error" })
  })

  it("answers nothing where there is no address bar", async () => {
    expect(await complete(host, token)).toEqual({ status: "nothing" })
  })
})

describe("completeIfReturned", () => {
  const parked = `${completeUrl}?status=pending&provider=forge#flowId=abc`

  it("has taken the flow id out of the address bar before it sends it", async () => {
    const page = openPage(parked)
    const seen: Array<string> = []
    const api = createClient({
      baseUrl,
      token: "token",
      fetch: (url) => {
        seen.push(url, page.location.href)
        return Promise.resolve(Response.json({ integrationId: "int_1" }))
      }
    })
    await api.completeIfReturned()
    expect(seen).toEqual([`${baseUrl}/v1/integrations/forge/complete`, completeUrl])
  })

  it("completes once where a page calls it twice, and both calls get the answer", async () => {
    openPage(parked)
    const fetch = vi.fn<() => Promise<Response>>(() =>
      Promise.resolve(Response.json({ integrationId: "int_1" }))
    )
    const api: Client = createClient({ baseUrl, token: "token", fetch })
    const answers = await Promise.all([api.completeIfReturned(), api.completeIfReturned()])
    expect(answers[0]).toMatchObject({ status: "connected" })
    expect(answers[1]).toBe(answers[0])
    expect(fetch).toHaveBeenCalledOnce()
    expect(await api.completeIfReturned()).toEqual({ status: "nothing" })
  })

  it("rejects where the server cannot be reached", async () => {
    openPage(parked)
    const down = new TypeError("fetch failed")
    const api = createClient({ baseUrl, token: "token", fetch: () => Promise.reject(down) })
    expect(await failureOf(api.completeIfReturned())).toBe(down)
  })
})
