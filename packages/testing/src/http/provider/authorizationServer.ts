import { createHash, randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { client, requiredScope } from "./definitions.ts"

/** What the person at the consent page does, and what the token endpoint then does with the code. */
export type Script = "allow" | "deny" | "narrow" | "refuse" | "unavailable" | "malformed"

interface Grant {
  readonly script: Script
  readonly account: string
  readonly scope: string
  readonly issuer: string
  readonly redirectUri: string
  readonly challenge: string
}

/** A small authorization server: it checks what an honest one checks and asks nobody. */
export const authorizationServer = (origin: () => string) => {
  const grants = new Map<string, Grant>()
  /** Each token with the accounts that it is good for. */
  const accessTokens = new Map<string, string>()
  const refreshTokens = new Map<string, string>()
  let tokenRequests = 0

  /** Parameters of the tests' own say how it goes: `script` and `account`, which may be several with commas between them. */
  const authorize = (url: URL, issuer: string, response: ServerResponse): void => {
    const sent = (name: string) => url.searchParams.get(name) ?? ""
    if (
      sent("response_type") !== "code" ||
      sent("client_id") !== client.clientId ||
      sent("code_challenge_method") !== "S256"
    ) {
      return void response.writeHead(400).end()
    }
    const back = new URL(sent("redirect_uri"))
    const script = (sent("script") || "allow") as Script
    if (script === "deny") {
      back.searchParams.set("error", "access_denied")
      back.searchParams.set("error_description", "<script>alert(1)</script>")
    } else {
      const code = randomBytes(16).toString("base64url")
      grants.set(code, {
        script,
        account: sent("account") || "account-1",
        scope: sent("scope"),
        issuer,
        redirectUri: sent("redirect_uri"),
        challenge: sent("code_challenge")
      })
      back.searchParams.set("code", code)
    }
    back.searchParams.set("state", sent("state"))
    back.searchParams.set("iss", issuer)
    response.writeHead(302, { location: back.href }).end()
  }

  const issue = (account: string) => {
    const accessToken = randomBytes(16).toString("base64url")
    const refreshToken = randomBytes(16).toString("base64url")
    accessTokens.set(accessToken, account)
    refreshTokens.set(refreshToken, account)
    return {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: refreshToken
    }
  }

  /** A keeper may refresh at any moment, so it is not a request that the tests count. */
  const refresh = (
    request: IncomingMessage,
    form: URLSearchParams,
    response: ServerResponse
  ): void => {
    const refreshToken = form.get("refresh_token") ?? ""
    const account = refreshTokens.get(refreshToken)
    refreshTokens.delete(refreshToken)
    if (request.headers.authorization !== basic || account === undefined)
      return json(response, 400, { error: "invalid_grant" })
    json(response, 200, issue(account))
  }

  const token = async (
    request: IncomingMessage,
    issuer: string,
    response: ServerResponse
  ): Promise<void> => {
    const form = new URLSearchParams(await text(request))
    if (form.get("grant_type") === "refresh_token") return refresh(request, form, response)
    tokenRequests++
    const code = form.get("code") ?? ""
    const grant = grants.get(code)
    grants.delete(code)
    const verifier = form.get("code_verifier") ?? ""
    const isHonest =
      request.headers.authorization === basic &&
      form.get("grant_type") === "authorization_code" &&
      grant !== undefined &&
      grant.issuer === issuer &&
      grant.redirectUri === form.get("redirect_uri") &&
      grant.challenge === createHash("sha256").update(verifier).digest("base64url")
    if (!isHonest || grant.script === "refuse")
      return json(response, 400, { error: "invalid_grant" })
    if (grant.script === "unavailable") return json(response, 503, {})
    if (grant.script === "malformed") return json(response, 200, { token_type: "Bearer" })

    json(response, 200, {
      ...issue(grant.account),
      scope:
        grant.script === "narrow" ? grant.scope.replace(requiredScope, "").trim() : grant.scope,
      account: { id: grant.account, name: `Name of ${grant.account}` }
    })
  }

  /** The accounts that a token is good for, as a vendor lists the sites of a person. */
  const listSites = (request: IncomingMessage, response: ServerResponse): void => {
    const token = request.headers.authorization?.replace("Bearer ", "") ?? ""
    const accounts = accessTokens.get(token)
    if (accounts === undefined) return void response.writeHead(401).end()
    json(
      response,
      200,
      accounts.split(",").map((id) => ({ id, name: `Name of ${id}` }))
    )
  }

  return {
    tokenRequests: () => tokenRequests,
    accepts: (accessToken: string) => accessTokens.has(accessToken),
    /** Answers a request of its own; false for any other. */
    answer: (request: IncomingMessage, url: URL, response: ServerResponse): boolean => {
      const [, realm = "", endpoint] = /^(\/\w+)?\/(authorize|token)$/.exec(url.pathname) ?? []
      const issuer = `${origin()}${realm}`
      if (url.pathname === "/sites") listSites(request, response)
      else if (endpoint === "authorize") authorize(url, issuer, response)
      else if (endpoint === "token") void token(request, issuer, response)
      else return false
      return true
    }
  }
}

/** RFC 6749 §2.3.1: each part is encoded as in a form, then both as base64. */
const formEncoded = (value: string): string => new URLSearchParams({ value }).toString().slice(6)
const basic = `Basic ${Buffer.from(
  `${formEncoded(client.clientId)}:${formEncoded(client.clientSecret)}`
).toString("base64")}`

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}
