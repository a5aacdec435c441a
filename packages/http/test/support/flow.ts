import { expect } from "vitest"
import { bodyOf, type Host } from "./host.ts"

export const cookieUrl = "https://app.host.test/done"
export const completeUrl = "https://spa.host.test/done"
export const sessionUrl = "https://app.host.test/signed-in"

/** What a browser has after a flow began: the state in the provider's URL, and the cookie. */
export interface Started {
  readonly state: string
  readonly authorizationUrl: string
  /** As a `Cookie` header; empty if none was set. */
  readonly cookie: string
  readonly setCookie: string | null
}

export const startFlow = (host: Host, redirectUrl = cookieUrl, token?: string): Promise<Started> =>
  beginFlow(host, { redirectUrl }, token)

/** The same with a body of one's own, at a provider of one's own. */
export const beginFlow = async (
  host: Host,
  json: object,
  token?: string,
  provider = "forge"
): Promise<Started> => {
  const response = await host.send("POST", `/${provider}/connect`, {
    token: token ?? (await host.issuer.token()),
    json
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
  options: {
    readonly query?: string
    readonly headers?: Record<string, string>
    readonly provider?: string
  } = {}
): Promise<Response> =>
  host.send(
    "GET",
    `/${options.provider ?? "forge"}/callback?${options.query ?? `code=canary-code&state=${started.state}`}`,
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
export const storeKey = async (
  host: Host,
  token?: string,
  owner: "tenant" | "user" = "tenant"
): Promise<string> => {
  const response = await host.send("POST", `/gauge/credentials?owner=${owner}`, {
    token: token ?? (await host.issuer.token()),
    json: { credentials: { api_key: "good-key" } }
  })
  expect(response.status).toBe(201)
  return (await bodyOf<{ credentialId: string }>(response)).credentialId
}

/** What the callback tells the page that the browser ends at. */
export const outcomeAt = (response: Response): Record<string, string> =>
  Object.fromEntries(new URL(response.headers.get("location") ?? "").searchParams)

/** Connects the OAuth2 provider by a whole flow. */
export const connectForge = async (host: Host, token?: string): Promise<string> => {
  const response = await comeBack(host, await startFlow(host, cookieUrl, token))
  expect(outcomeAt(response)["status"]).toBe("connected")
  return outcomeAt(response)["integrationId"] ?? ""
}

/** Connects the API-key provider with a key of its own; answers the key's id. */
export const connectGauge = async (host: Host, token?: string): Promise<string> => {
  const credentialId = await storeKey(host, token)
  const response = await host.send("POST", "/gauge/connect", {
    token: token ?? (await host.issuer.token()),
    json: { credentialId }
  })
  expect(response.status).toBe(200)
  return credentialId
}
