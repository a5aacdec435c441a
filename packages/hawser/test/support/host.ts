import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { exportJWK, generateKeyPair, SignJWT } from "jose"
import {
  defineProvider,
  type Hawser,
  type HawserOptions,
  jwt,
  nodeHandler,
  type SecurityEvent
} from "hawser"
import {
  type AuthorizationServerOptions,
  startAuthorizationServer,
  type TestAuthorizationServer
} from "../../../../test-support/authorization-server.ts"
import { type AnyOptions, type AnyStore, startHawser } from "./anyStore.ts"

/** A server of the test's own on loopback. */
export const listen = async (
  handle: Parameters<typeof createServer>[1] & {}
): Promise<{ readonly origin: string; readonly close: () => Promise<void> }> => {
  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 }, handle)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}

/** The one key that the tests' API-key service accepts. */
export const goodApiKey = "beacon-canary-key-1f7d0a"

export interface TestHost {
  readonly hawser: Hawser
  /** The public URL of the host: the API and the app are one origin. */
  readonly origin: string
  /** Where flows end: bound by cookie on the host's own origin, by complete on the other app. */
  readonly cookieRedirect: string
  readonly completeRedirect: string
  readonly authorizationServer: TestAuthorizationServer
  readonly securityEvents: ReadonlyArray<SecurityEvent>
  /** Everything that Hawser logged. */
  readonly logLines: ReadonlyArray<string>
  readonly token: (claims?: TestClaims) => Promise<string>
  /** A call of the contract, as `Ada`, admin of the tenant `acme`, unless told otherwise. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Response>
  /** Ends the process, as far as Hawser is concerned, and starts it again with these options instead. */
  readonly restart: (changes: Partial<HawserOptions>) => Promise<void>
  readonly close: () => Promise<void>
}

export interface TestClaims {
  readonly tenant?: string
  readonly user?: string
  readonly roles?: ReadonlyArray<string>
  /** More members of the token. */
  readonly more?: object
}

export interface CallOptions {
  readonly as?: TestClaims
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const audience = "https://api.test"

/** What a test may build its own options on. */
export interface HostParts {
  readonly origin: string
  readonly authorizationServer: TestAuthorizationServer
  /** `projects` and `beacon`. */
  readonly providers: HawserOptions["providers"]
}

/** A callback path that was registered before Hawser came. */
export const registeredPath = "/auth/projects/callback"

/** The providers that the authorization server sends browsers back to. */
const oauth2Providers = ["projects", "people", "papers"]

/**
 * A whole host on loopback: `node:http`, a JWKS of its own, a real authorization server, an API-key service, and the
 * store that the test wants.
 */
export const startTestHost = async (
  store: AnyStore,
  options:
    | Partial<HawserOptions>
    | ((parts: HostParts) => Partial<HawserOptions> | Promise<Partial<HawserOptions>>) = {},
  server: AuthorizationServerOptions | ((origin: string) => AuthorizationServerOptions) = {}
): Promise<TestHost> => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwks = {
    keys: [{ ...(await exportJWK(publicKey)), kid: "host", alg: "ES256", use: "sig" }]
  }

  const apiKeyService = await listen((request, response) => {
    response.statusCode = request.headers["x-api-key"] === goodApiKey ? 200 : 401
    response.end(`{"echo":"body-canary-${String(request.headers["x-api-key"])}"}`)
  })

  // The mount needs the public URL, and the public URL needs the port: the port comes first.
  let mount: Parameters<typeof createServer>[1] & {} = (_request, response) => void response.end()
  const app = await listen((request, response) => {
    if (request.url !== "/jwks.json") return mount(request, response)
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify(jwks))
  })
  const authorizationServer = await startAuthorizationServer(
    [
      ...oauth2Providers.map((id) => `${app.origin}/v1/integrations/${id}/callback`),
      `${app.origin}${registeredPath}`
    ],
    typeof server === "function" ? server(app.origin) : server
  )

  const securityEvents: Array<SecurityEvent> = []
  const logLines: Array<string> = []
  const log = (message: string, details: object) =>
    void logLines.push(`${message} ${JSON.stringify(details)}`)
  const cookieRedirect = `${app.origin}/settings/integrations`
  const completeRedirect = "https://app.customer.example/connected?from=hawser"
  const providers = [
    defineProvider(
      {
        id: "projects",
        displayName: "Projects",
        category: "ticketing",
        description: "A real authorization server on loopback.",
        authType: "oauth2",
        issuer: authorizationServer.issuer,
        authorizationEndpoint: `${authorizationServer.issuer}/auth`,
        tokenEndpoint: `${authorizationServer.issuer}/token`,
        authorizationParameters: { prompt: "consent" },
        issParameterSupported: true,
        clientAuthentication: "client_secret_basic",
        defaultScopes: ["offline_access", "projects.read"]
      },
      {
        clientId: authorizationServer.clientId,
        clientSecret: authorizationServer.clientSecret,
        requiredScopes: ["projects.read"]
      }
    ),
    defineProvider({
      id: "beacon",
      displayName: "Beacon",
      category: "monitoring",
      description: "An API-key service on loopback.",
      authType: "api_key",
      fields: [{ name: "api_key", label: "API key" }],
      headers: { "x-api-key": "{api_key}" },
      check: { url: `${apiKeyService.origin}/check` }
    })
  ]
  const configured: AnyOptions = {
    publicUrl: app.origin,
    allowedRedirectUrls: [cookieRedirect, completeRedirect],
    authenticate: jwt({ issuer: app.origin, audience, jwksUrl: `${app.origin}/jwks.json` }),
    providers,
    store,
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    rateLimit: false,
    onSecurityEvent: (event) => void securityEvents.push(event),
    logger: { info: log, warn: log, error: log },
    unsafelyAllowLoopback: true,
    ...(typeof options === "function"
      ? await options({ origin: app.origin, authorizationServer, providers })
      : options)
  }
  let hawser = await startHawser(configured)
  mount = nodeHandler(hawser.handler)

  const token = ({ more, roles = ["admin"], tenant = "acme", user = "ada" }: TestClaims = {}) =>
    new SignJWT({ tenant_id: tenant, roles, ...more })
      .setProtectedHeader({ alg: "ES256", kid: "host" })
      .setSubject(user)
      .setIssuer(app.origin)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime("5 minutes")
      .sign(privateKey)

  return {
    get hawser() {
      return hawser
    },
    origin: app.origin,
    cookieRedirect,
    completeRedirect,
    authorizationServer,
    securityEvents,
    logLines,
    token,
    call: async (method, path, { as, body, headers } = {}) =>
      fetch(`${app.origin}/v1/integrations${path}`, {
        method,
        redirect: "manual",
        headers: {
          authorization: `Bearer ${await token(as)}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers
        },
        ...(body !== undefined && { body: JSON.stringify(body) })
      }),
    restart: async (changes) => {
      await hawser.close()
      hawser = await startHawser({ ...configured, ...changes })
      mount = nodeHandler(hawser.handler)
    },
    close: async () => {
      await hawser.close()
      await Promise.all([app.close(), apiKeyService.close(), authorizationServer.close()])
    }
  }
}
