import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import type { RunningSimulator } from "@hawser/testing/simulator"
import {
  createHawser,
  defineProvider,
  type Hawser,
  type HawserOptions,
  jwt,
  nodeHandler
} from "hawser"
import { startApiKeyService } from "./api-key-service.ts"
import { startAuthorizationServer } from "./authorization-server.ts"
import { makeEventStream } from "./event-stream.ts"
import { servePage } from "./page.ts"
import { runningAnswer, runningPath } from "./running.ts"
import { startSimulatedProviders } from "./simulated.ts"
import { audience, isDemoUser, makeSignIn, tenantId } from "./users.ts"

export interface Demo {
  /** Where the page is. */
  readonly origin: string
  readonly hawser: Hawser
  /** Plays the real providers. */
  readonly simulator: RunningSimulator
  readonly close: () => Promise<void>
}

export interface DemoOptions {
  readonly store: HawserOptions["store"]
  readonly encryptionKey: string
  /** The page's port. Without it, whatever is free, as for the services. */
  readonly port?: number
}

/** The key that Beacon accepts. It opens nothing but this demo. */
export const acceptedKey = "beacon-demo-key"

const clientId = "hawser-demo"

/** Starts the host application and the services that its tenants connect to, all on loopback. */
export const startDemo = async ({ encryptionKey, port, store }: DemoOptions): Promise<Demo> => {
  // The port is needed for the public URL before there is anything to serve.
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => listener(request, response))
  await listen(server, port)
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const clientSecret = crypto.randomUUID()
  const acme = await startAuthorizationServer({
    clientId,
    clientSecret,
    clientName: "Hawser demo",
    redirectUri: `${origin}/v1/integrations/acme-projects/callback`
  })
  const beacon = await startApiKeyService({ acceptedKey })
  const simulated = await startSimulatedProviders(origin)
  const signIn = await makeSignIn(origin)

  // From here on it is what a host writes; only the definitions are the demo's own.
  // Its pages name the providers, so any text may be one.
  const hawser: Hawser = await createHawser({
    publicUrl: origin,
    allowedRedirectUrls: [`${origin}/`],
    authenticate: jwt({ issuer: origin, audience, jwksUrl: `${origin}/.well-known/jwks.json` }),
    providers: [
      defineProvider(
        {
          id: "acme-projects",
          displayName: "Acme Projects",
          category: "ticketing",
          description: "Projects and tasks, with a login and a consent page.",
          brandColor: "#6d28d9",
          authType: "oauth2",
          issuer: acme.issuer,
          authorizationEndpoint: `${acme.issuer}/auth`,
          tokenEndpoint: `${acme.issuer}/token`,
          // Without it the server grants `offline_access` to nobody (OpenID Connect Core §11).
          authorizationParameters: { prompt: "consent" },
          issParameterSupported: true,
          clientAuthentication: "client_secret_basic",
          defaultScopes: ["projects.read", "projects.write", "offline_access"]
        },
        { clientId, clientSecret }
      ),
      defineProvider({
        id: "beacon",
        displayName: "Beacon Monitoring",
        category: "monitoring",
        description: "Alerts and uptime, by a key that is checked first.",
        brandColor: "#c2410c",
        authType: "api_key",
        fields: [
          {
            name: "api_key",
            label: "API key",
            help: `This demo accepts ${acceptedKey} and nothing else.`
          }
        ],
        headers: { "x-api-key": "{api_key}" },
        check: { url: `${beacon.origin}/check` }
      }),
      ...simulated.providers
    ],
    store,
    encryptionKey,
    unsafelyAllowLoopback: true
  })

  const events = makeEventStream()
  await hawser.on("integration.connected", { as: "demo-page-connected" }, ({ event }) =>
    events.send(event)
  )
  await hawser.on("integration.disconnected", { as: "demo-page-disconnected" }, ({ event }) =>
    events.send(event)
  )

  const integrations = nodeHandler(hawser.handler)
  const json = (response: Parameters<RequestListener>[1], body: object) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify(body))
  }
  listener = (request, response) => {
    const url = new URL(request.url ?? "/", origin)
    if (url.pathname.startsWith("/v1/integrations")) return integrations(request, response)
    if (url.pathname === "/.well-known/jwks.json") return json(response, signIn.jwks)
    if (url.pathname === "/demo/events") return events.open(response)
    if (url.pathname === runningPath) return json(response, runningAnswer)
    if (url.pathname === "/demo/simulated") return json(response, simulated.samples)
    if (url.pathname === "/demo/token") {
      // A real host would look at its session here. The demo lets the person choose who to be.
      const user = url.searchParams.get("user")
      if (!isDemoUser(user)) return void response.writeHead(400).end()
      return void signIn.tokenFor(user).then((token) => json(response, { token }))
    }
    if (url.pathname === "/demo/disconnect" && request.method === "POST") {
      // In process the host itself says who acts; here only Ada may, and only from the demo's own page.
      if (request.headers.origin !== origin) return void response.writeHead(403).end()
      const provider = url.searchParams.get("provider") ?? ""
      return void hawser
        .tenant(tenantId, { user: "ada" })
        .connection(provider)
        .disconnect()
        .then(
          () => response.writeHead(204).end(),
          () => response.writeHead(404).end()
        )
    }
    if (!servePage(request, response)) response.writeHead(404).end()
  }

  return {
    origin,
    hawser,
    simulator: simulated.simulator,
    close: async () => {
      events.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await hawser.close()
      await Promise.all([acme.close(), beacon.close(), simulated.simulator.close()])
    }
  }
}

/** Listens on the port if it is free, else on any. */
const listen = async (server: ReturnType<typeof createServer>, port = 0): Promise<void> => {
  const on = (candidate: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(candidate, "127.0.0.1", () => {
        server.off("error", reject)
        resolve()
      })
    })
  try {
    await on(port)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error
    await on(0)
  }
}
