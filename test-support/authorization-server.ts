import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { exportJWK, generateKeyPair } from "jose"
import {
  type ClientMetadata,
  type Configuration,
  type InteractionResults,
  Provider
} from "oidc-provider"

export interface TestAuthorizationServer {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Whether the server says that this access token is alive (RFC 7662). */
  readonly isActive: (accessToken: string) => Promise<boolean>
  /** The secrets that passed the token endpoint. */
  readonly seen: {
    readonly codeVerifiers: ReadonlyArray<string>
    readonly refreshTokens: ReadonlyArray<string>
  }
  /** What reached the server's endpoints, in order: as sent, and with how it was answered. */
  readonly requests: ReadonlyArray<SeenRequest>
  /** How many requests reached the token endpoint. */
  readonly tokenRequests: () => number
  readonly close: () => Promise<void>
}

export interface SeenRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly parameters: Readonly<Record<string, unknown>>
  readonly status: number
}

/** What a test wants otherwise: of the client as it is registered, and of the server. */
export interface AuthorizationServerOptions {
  readonly client?: Partial<ClientMetadata>
  /** Clients besides that one. */
  readonly others?: ReadonlyArray<ClientMetadata>
  readonly features?: Pick<
    NonNullable<Configuration["features"]>,
    "dPoP" | "pushedAuthorizationRequests" | "resourceIndicators"
  >
}

/** Of all servers of a process: an RSA key takes longer to make than all the rest of a server. */
const signingKey = generateKeyPair("RS256", { extractable: true })
  .then(({ privateKey }) => exportJWK(privateKey))
  .then((key) => ({ ...key, use: "sig", alg: "RS256", kid: "test" }))

/**
 * A real authorization server on loopback (`oidc-provider`: PKCE required, redirect URI compared, codes once, refresh
 * tokens rotated) that answers login and consent by itself. `login_hint` names the account; `deny`
 * refuses.
 */
export const startAuthorizationServer = async (
  redirectUris: ReadonlyArray<string>,
  options: AuthorizationServerOptions = {}
): Promise<TestAuthorizationServer> => {
  const clientId = "hawser-test"
  const clientSecret = "a secret: with 100% of + the characters that need encoding"
  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic",
        ...options.client
      },
      ...(options.others ?? [])
    ],
    jwks: { keys: [await signingKey] },
    cookies: { keys: ["test"] },
    scopes: ["offline_access", "projects.read", "projects.write"],
    features: {
      devInteractions: { enabled: false },
      ...options.features,
      introspection: { enabled: true },
      revocation: { enabled: true }
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_ctx, interaction) => `/auto/${interaction.uid}` },
    renderError: async (ctx, out) => {
      ctx.type = "json"
      ctx.body = out
    }
  })

  const requests: Array<SeenRequest> = []
  const seen = { codeVerifiers: new Array<string>(), refreshTokens: new Array<string>() }
  const note = (list: Array<string>, value: unknown) => {
    if (typeof value === "string") list.push(value)
  }
  provider.use(async (ctx, next) => {
    await next()
    const { params } = (ctx["oidc"] ?? {}) as {
      readonly params?: Readonly<Record<string, unknown>>
    }
    requests.push({
      path: ctx.path,
      headers: ctx.headers,
      parameters: Object.fromEntries(
        Object.entries(params ?? {}).filter(([, value]) => value !== undefined)
      ),
      status: ctx.status
    })
    if (ctx.path !== "/token") return
    note(seen.codeVerifiers, params?.["code_verifier"])
    note(seen.refreshTokens, (ctx.body as Record<string, unknown> | undefined)?.["refresh_token"])
  })

  const answerInteraction = async (request: IncomingMessage, response: ServerResponse) => {
    const { grantId, params, prompt, session } = await provider.interactionDetails(
      request,
      response
    )
    const finish = (result: InteractionResults) =>
      provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
    if (params["login_hint"] === "deny") {
      return finish({ error: "access_denied", error_description: "<script>alert(1)</script>" })
    }
    if (prompt.name === "login") {
      const hint = params["login_hint"]
      return finish({ login: { accountId: typeof hint === "string" ? hint : "provider-user" } })
    }
    const grant =
      (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
      new provider.Grant({
        accountId: session?.accountId ?? "",
        clientId: String(params["client_id"])
      })
    const missing = prompt.details["missingOIDCScope"]
    if (Array.isArray(missing)) grant.addOIDCScope(missing.join(" "))
    const ofResources = (prompt.details["missingResourceScopes"] ?? {}) as Readonly<
      Record<string, ReadonlyArray<string>>
    >
    for (const [resource, scopes] of Object.entries(ofResources))
      grant.addResourceScope(resource, scopes.join(" "))
    return finish({ consent: { grantId: await grant.save() } })
  }

  let tokenRequests = 0
  const callback = provider.callback()
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === "/token") tokenRequests++
    if (request.url?.startsWith("/auto/") !== true) return void callback(request, response)
    answerInteraction(request, response).catch((error: unknown) => {
      response.statusCode = 500
      response.end(String(error))
    })
  })

  return {
    issuer,
    clientId,
    clientSecret,
    isActive: async (accessToken) => {
      const credentials = [clientId, clientSecret].map(encodeURIComponent).join(":")
      const response = await fetch(`${issuer}/token/introspection`, {
        method: "POST",
        headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
        body: new URLSearchParams({ token: accessToken })
      })
      return ((await response.json()) as { active: boolean }).active
    },
    seen,
    requests,
    tokenRequests: () => tokenRequests,
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections()
        server.close((error) => (error === undefined ? resolve() : reject(error)))
      })
  }
}
