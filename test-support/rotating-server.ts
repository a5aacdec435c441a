import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

/** What the server does with the next token requests instead of answering as it should. */
export type Misbehaviour =
  /** Does what was asked, and the answer never arrives: the connection is reset. */
  | "reset_after"
  /** Resets the connection and does nothing. */
  | "reset_before"
  | "500"
  | "429"
  | "invalid_grant"
  | "invalid_client"

export interface RotatingServerOptions {
  /** Seconds that an access token lives. Default 3,600. */
  readonly lifetime?: number
  /** Milliseconds that each token request takes. Default 0. */
  readonly latencyMs?: number
  /** How many former refresh tokens still work and give what the newest gives. Default 0: reuse ends the grant. */
  readonly grace?: number
  readonly clientId?: string
}

/** The tokens of one consent. */
interface Family {
  readonly id: string
  generation: number
  /** The refresh tokens so far, the newest last. */
  readonly refreshTokens: Array<string>
  revoked: boolean
}

export interface RotatingServer {
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: string
  /** How many refreshes were answered with new tokens, over all grants. */
  readonly refreshes: () => number
  /** How often a refresh token was presented that had been used before. */
  readonly reuses: () => number
  /** Requests that reached the token endpoint. */
  readonly tokenRequests: () => number
  readonly revocations: () => ReadonlyArray<string>
  /** Issues the first tokens of a grant, as a code exchange would. */
  readonly issue: () => TokenAnswer
  /** Whether this access token is one of ours, unexpired and not revoked. */
  readonly isAlive: (accessToken: string) => boolean
  /** How often the provider has issued tokens for the grant of this access token. */
  readonly generationOf: (accessToken: string) => number
  /** Ends a grant at the provider's side. */
  readonly withdraw: (accessToken: string) => void
  /** What happens to each of the next token requests, in order; after them all goes well again. */
  readonly misbehave: (...next: ReadonlyArray<Misbehaviour>) => void
  /** Whether every token request is refused as if its grant had ended, until told otherwise. */
  readonly refuseAll: (refuses: boolean) => void
  readonly close: () => Promise<void>
}

export interface TokenAnswer {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
}

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}

const answer = (response: ServerResponse, status: number, body: object, headers = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(JSON.stringify(body))
}

/**
 * An authorization server on loopback that rotates refresh tokens and ends a grant whose old one comes back (RFC 9700
 * §4.14.2), counts everything, and misbehaves on request. `oidc-provider` can do none of the last three.
 */
export const startRotatingServer = async ({
  clientId = "rotating-client",
  grace = 0,
  latencyMs = 0,
  lifetime = 3600
}: RotatingServerOptions = {}): Promise<RotatingServer> => {
  const clientSecret = randomBytes(16).toString("hex")
  const families = new Map<string, Family>()
  const codes = new Map<string, Family>()
  const revocations: Array<string> = []
  let refreshes = 0
  let reuses = 0
  let tokenRequests = 0
  let misbehaviours: ReadonlyArray<Misbehaviour> = []
  let refusesAll = false

  const newFamily = (): Family => {
    const family: Family = {
      id: randomBytes(8).toString("hex"),
      generation: 0,
      refreshTokens: [],
      revoked: false
    }
    families.set(family.id, family)
    return family
  }
  /** An access token tells its grant, generation and end, so that it can be judged without a table of them. */
  const next = (family: Family): TokenAnswer => {
    family.generation++
    const refreshToken = `rt.${family.id}.${family.generation}.${randomBytes(16).toString("hex")}`
    family.refreshTokens.push(refreshToken)
    return {
      access_token: `at.${family.id}.${family.generation}.${Date.now() + lifetime * 1000}`,
      refresh_token: refreshToken,
      expires_in: lifetime
    }
  }
  const familyOf = (token: string): Family | undefined => families.get(token.split(".")[1] ?? "")

  /** Basic, each part form-encoded before (RFC 6749 §2.3.1). */
  const isOurClient = (authorization = ""): boolean => {
    const pair = Buffer.from(authorization.replace("Basic ", ""), "base64").toString()
    return pair.split(":").map(decodeURIComponent).join(":") === `${clientId}:${clientSecret}`
  }

  /** The answer to a refresh, which may be that the grant is over. */
  const refresh = (token: string): TokenAnswer | undefined => {
    const family = familyOf(token)
    const age =
      family === undefined
        ? -1
        : family.refreshTokens.length - 1 - family.refreshTokens.indexOf(token)
    if (family === undefined || !family.refreshTokens.includes(token) || family.revoked)
      return undefined
    if (age > grace) {
      reuses++
      family.revoked = true
      return undefined
    }
    refreshes++
    return next(family)
  }

  const tokenEndpoint = async (request: IncomingMessage, response: ServerResponse) => {
    const parameters = await bodyOf(request)
    tokenRequests++
    const [misbehaviour, ...later] = misbehaviours
    misbehaviours = later
    if (latencyMs > 0) await sleep(latencyMs)
    if (!isOurClient(request.headers.authorization) || misbehaviour === "invalid_client")
      return answer(response, 401, { error: "invalid_client" })
    if (misbehaviour === "reset_before") return void request.socket.destroy()
    if (misbehaviour === "500") return answer(response, 500, { message: "internal" })
    if (misbehaviour === "429") return answer(response, 429, {}, { "retry-after": "7" })
    if (misbehaviour === "invalid_grant" || refusesAll)
      return answer(response, 400, { error: "invalid_grant" })
    const code = codes.get(parameters.get("code") ?? "")
    codes.delete(parameters.get("code") ?? "")
    const tokens =
      parameters.get("grant_type") === "refresh_token"
        ? refresh(parameters.get("refresh_token") ?? "")
        : code && next(code)
    if (misbehaviour === "reset_after") return void request.socket.destroy()
    if (tokens === undefined) return answer(response, 400, { error: "invalid_grant" })
    return answer(response, 200, { token_type: "bearer", ...tokens })
  }

  const revocationEndpoint = async (request: IncomingMessage, response: ServerResponse) => {
    const token = (await bodyOf(request)).get("token") ?? ""
    revocations.push(token)
    const family = familyOf(token)
    if (family !== undefined) family.revoked = true
    response.writeHead(200).end()
  }

  /** Consents for whoever comes. */
  const authorizationEndpoint = (url: URL, response: ServerResponse) => {
    const code = randomBytes(16).toString("hex")
    codes.set(code, newFamily())
    const location = new URL(url.searchParams.get("redirect_uri") ?? "")
    location.searchParams.set("code", code)
    location.searchParams.set("state", url.searchParams.get("state") ?? "")
    response.writeHead(302, { location: location.href }).end()
  }

  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1")
    if (url.pathname === "/authorize") return authorizationEndpoint(url, response)
    const handled =
      url.pathname === "/token"
        ? tokenEndpoint(request, response)
        : url.pathname === "/revoke"
          ? revocationEndpoint(request, response)
          : Promise.resolve(answer(response, 404, {}))
    handled.catch(() => response.destroy())
  })
  await once(server.listen(0, "127.0.0.1"), "listening")

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId,
    clientSecret,
    refreshes: () => refreshes,
    reuses: () => reuses,
    tokenRequests: () => tokenRequests,
    revocations: () => revocations,
    issue: () => next(newFamily()),
    isAlive: (accessToken) => {
      const [, , , end] = accessToken.split(".")
      return familyOf(accessToken)?.revoked === false && Number(end) > Date.now()
    },
    generationOf: (accessToken) => familyOf(accessToken)?.generation ?? 0,
    withdraw: (accessToken) => {
      const family = familyOf(accessToken)
      if (family !== undefined) family.revoked = true
    },
    misbehave: (...next) => {
      misbehaviours = [...misbehaviours, ...next]
    },
    refuseAll: (refuses) => {
      refusesAll = refuses
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections()
        server.close((error) => (error === undefined ? resolve() : reject(error)))
      })
  }
}
