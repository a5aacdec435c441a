import { expect, onTestFinished } from "vitest"
import { TestBrowser } from "../../../../test-support/browser.ts"
import type { CallOptions, TestHost } from "./host.ts"

export interface StartedFlow {
  readonly browser: TestBrowser
  readonly authorizationUrl: string
  readonly state: string
  /** The cookie that connect set; undefined for the binding `complete`. */
  readonly cookie: string | undefined
}

interface FlowOptions extends CallOptions {
  /** Default `projects`. */
  readonly provider?: string
  /** More members of the body of connect. */
  readonly body?: object
}

/** Connects as the page of the host does: in the browser that will come back. */
export const startFlow = async (
  host: Pick<TestHost, "call" | "origin">,
  redirectUrl: string,
  { body, provider = "projects", ...options }: FlowOptions = {}
): Promise<StartedFlow> => {
  const response = await host.call("POST", `/${provider}/connect`, {
    ...options,
    body: { redirectUrl, ...body }
  })
  expect(response.status).toBe(200)
  const { authorizationUrl, state } = (await response.json()) as {
    authorizationUrl: string
    state: string
  }
  const [cookie] = response.headers.getSetCookie()
  const browser = new TestBrowser()
  if (cookie !== undefined) browser.setCookie(host.origin, cookie)
  return { browser, authorizationUrl, state, cookie }
}

/** Goes through login and consent up to the callback, which is not requested. */
export const consent = (host: TestHost, flow: { browser: TestBrowser; authorizationUrl: string }) =>
  flow.browser.follow(flow.authorizationUrl, `${host.origin}/v1/integrations/`)

/** The callback's answer, and where it sends the browser. */
export const callback = async (flow: { browser: TestBrowser }, url: URL) => {
  const response = await flow.browser.request(url)
  const location = response.headers.get("location")
  return { response, location: location === null ? undefined : new URL(location) }
}

/** Connects `projects` by cookie for a tenant, from beginning to end. */
export const connectProjects = async (host: TestHost, options: FlowOptions = {}) => {
  const flow = await startFlow(host, host.cookieRedirect, options)
  const { location, response } = await callback(flow, await consent(host, flow))
  expect(response.status).toBe(303)
  expect(location?.searchParams.get("status")).toBe("connected")
  return location?.searchParams.get("integrationId") ?? ""
}

/**
 * Waits until something holds, for as long as the test may take, and says what it was waiting for where it never does.
 * On a server even a worker that was woken may find nothing: what is open in other databases holds events back.
 */
export const eventually = async (
  what: string,
  holds: () => boolean | Promise<boolean>
): Promise<void> => {
  let holding = false
  const test = new AbortController()
  onTestFinished(() => {
    test.abort()
    if (!holding) console.error(`${what} did not come to be`)
  })
  while (!test.signal.aborted) {
    holding = await holds()
    if (holding) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
