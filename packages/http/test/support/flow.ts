import { expect } from "vitest"
import { bodyOf, type Host } from "./host.ts"

export const cookieUrl = "https://app.host.test/done"
export const completeUrl = "https://spa.host.test/done"

/** What a browser has after a flow began: the state in the provider's URL, and the cookie. */
export interface Started {
  readonly state: string
  readonly authorizationUrl: string
  /** As a `Cookie` header; empty where none was set. */
  readonly cookie: string
  readonly setCookie: string | null
}

export const startFlow = async (
  host: Host,
  redirectUrl = cookieUrl,
  token?: string
): Promise<Started> => {
  const response = await host.send("POST", "/forge/connect", {
    token: token ?? (await host.issuer.token()),
    json: { redirectUrl }
  })
  expect(response.status).toBe(200)
  const { authorizationUrl, state } = await bodyOf<Started>(response)
  const setCookie = response.headers.get("set-cookie")
  return { state, authorizationUrl, setCookie, cookie: setCookie?.split(";")[0] ?? "" }
}

/** The browser comes back from the provider. */
export const comeBack = (
  host: Host,
  started: Started,
  options: { readonly query?: string; readonly headers?: Record<string, string> } = {}
): Promise<Response> =>
  host.send(
    "GET",
    `/forge/callback?${options.query ?? `code=canary-code&state=${started.state}`}`,
    {
      headers: { ...(started.cookie !== "" && { cookie: started.cookie }), ...options.headers }
    }
  )

/** A flow with binding `complete`, up to the flow id in the fragment. */
export const parkFlow = async (host: Host, token?: string): Promise<string> => {
  const started = await startFlow(host, completeUrl, token)
  const back = await comeBack(host, started)
  const location = new URL(back.headers.get("location") ?? "")
  return new URLSearchParams(location.hash.slice(1)).get("flowId") ?? ""
}

/** A stored key of the API-key provider. */
export const storeKey = async (host: Host, token?: string): Promise<string> => {
  const response = await host.send("POST", "/gauge/credentials", {
    token: token ?? (await host.issuer.token()),
    json: { credentials: { api_key: "good-key" } }
  })
  expect(response.status).toBe(201)
  return (await bodyOf<{ credentialId: string }>(response)).credentialId
}
