import { expect } from "vitest"
import type { Answer } from "./Answer.ts"
import type { Browser } from "./Browser.ts"
import { expectOk } from "./expectations.ts"
import type { Host, Person } from "./Host.ts"
import type { Script } from "./provider/authorizationServer.ts"
import { apiKey, oauth } from "./provider/definitions.ts"
import { redirectUrls } from "./provider/startTestProvider.ts"
import { request } from "./request.ts"

export interface Flow {
  readonly host: Host
  readonly provider: string
  readonly browser: Browser
  readonly authorizationUrl: URL
  readonly state: string
  /** The `Set-Cookie` of connect. */
  readonly setCookie: string | undefined
}

export interface FlowOptions {
  readonly provider?: string
  readonly binding?: keyof typeof redirectUrls
  /** Of connect, with its question mark: whose connection, and which. */
  readonly query?: string
  /** More members of connect's body. */
  readonly body?: object
}

/** Starts a flow in the person's own browser. */
export const startFlow = async (
  person: Person,
  { binding = "cookie", body = {}, provider = oauth, query = "" }: FlowOptions = {}
): Promise<Flow> => {
  const answer = await person.call("POST", `/${provider}/connect${query}`, {
    json: { redirectUrl: redirectUrls[binding], ...body }
  })
  const { authorizationUrl, state } = expectOk(answer)
  const browser = person.browser()
  const setCookies = answer.headers.getSetCookie()
  browser.keep(setCookies)
  expect(setCookies.length).toBe(binding === "cookie" ? 1 : 0)
  return {
    host: person.host,
    provider,
    browser,
    authorizationUrl: new URL(String(authorizationUrl)),
    state: String(state),
    setCookie: setCookies[0]
  }
}

/** Goes to the authorization server. What comes back is what it sends to the callback. */
export const consent = async (
  { authorizationUrl }: Flow,
  script: Script = "allow",
  account = "account-1"
): Promise<URLSearchParams> => {
  const url = new URL(authorizationUrl)
  url.searchParams.set("script", script)
  url.searchParams.set("account", account)
  const { headers, status } = await request("GET", url.href)
  expect(status).toBe(302)
  return new URL(headers.get("location") ?? "").searchParams
}

/** Brings a response to the callback, in the flow's own browser. */
export const comeBack = (flow: Flow, response: URLSearchParams): Promise<Answer> =>
  flow.browser.request("GET", flow.host.url(`/${flow.provider}/callback?${response.toString()}`))

export const form = { "content-type": "application/x-www-form-urlencoded" }

/** What the page of an authorization server that posts its responses has the browser do. */
export const postBack = (
  flow: Flow,
  body: string,
  headers: Readonly<Record<string, string>> = form
): Promise<Answer> =>
  flow.browser.request("POST", flow.host.url(`/${flow.provider}/callback`), {
    body,
    headers: { origin: flow.authorizationUrl.origin, ...headers }
  })

/** Where the callback sends the browser. */
export const destination = (answer: Answer): URL => {
  expect([answer.status, answer.text]).toEqual([303, ""])
  return new URL(answer.headers.get("location") ?? "")
}

/** Connects by OAuth2, from beginning to end, and gives the integration's id. */
export const connectOAuth = async (person: Person, options?: FlowOptions): Promise<string> => {
  const flow = await startFlow(person, options)
  const { searchParams } = destination(await comeBack(flow, await consent(flow)))
  expect(searchParams.get("status")).toBe("connected")
  return searchParams.get("integrationId") ?? ""
}

/** Parks a flow at the callback, and gives its flow id. */
export const parkFlow = async (
  person: Person,
  script?: Script,
  options?: FlowOptions,
  account?: string
): Promise<string> => {
  const flow = await startFlow(person, { ...options, binding: "complete" })
  const response = await consent(flow, script, account)
  const { hash, searchParams } = destination(await comeBack(flow, response))
  expect(searchParams.get("status")).toBe("pending")
  return new URLSearchParams(hash.slice(1)).get("flowId") ?? ""
}

let keys = 0

/** A key that the service accepts, and no other test has. */
export const acceptedKey = (host: Host): string => {
  const key = `accepted-key-${++keys}`
  host.provider.answerKey(key, "accepted")
  return key
}

/** Stores an API key and gives its credential id. */
export const storeKey = async (
  person: Person,
  provider = apiKey,
  key = acceptedKey(person.host),
  query = ""
): Promise<string> => {
  const answer = await person.call("POST", `/${provider}/credentials${query}`, {
    json: { credentials: { api_key: key } }
  })
  return String(expectOk(answer, 201)["credentialId"])
}

/** Connects by an API key. */
export const connectKey = async (
  person: Person,
  provider = apiKey,
  key?: string
): Promise<{ readonly integrationId: string; readonly credentialId: string }> => {
  const credentialId = await storeKey(person, provider, key)
  const answer = await person.call("POST", `/${provider}/connect`, { json: { credentialId } })
  return { integrationId: String(expectOk(answer)["integrationId"]), credentialId }
}
