import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { audience, makeEventStream, makeSignIn, tenantName } from "@hawser/cli/sample"
import type { RunningSimulator } from "@hawser/testing/simulator"
import { createHawser, type Hawser, type HawserOptions, jwt, nodeHandler } from "hawser"
import { startAcmeProjects } from "./acme-projects.ts"
import { startBeacon } from "./beacon.ts"
import { makeDemoRoutes } from "./demo-routes.ts"
import { makePage } from "./page.ts"
import { startSimulatedProviders } from "./simulated.ts"

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

/** Starts the host application and the services that its tenants connect to, all on loopback. */
export const startDemo = async ({ encryptionKey, port, store }: DemoOptions): Promise<Demo> => {
  // The port is needed for the public URL before there is anything to serve.
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => listener(request, response))
  await listen(server, port)
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const acme = await startAcmeProjects(origin)
  const beacon = await startBeacon()
  const { providers, samples, simulator } = await startSimulatedProviders(origin)
  const signIn = await makeSignIn(origin)
  const servePage = await makePage()

  // From here on it is what a host writes; only the definitions are the demo's own.
  // Its pages name the providers, so any text may be one.
  const hawser: Hawser = await createHawser({
    publicUrl: origin,
    allowedRedirectUrls: [
      `${origin}/`,
      // Stands for a page that a tenant runs: a flow ends there once somebody has agreed on a page of Hawser's.
      { url: `${origin}/portal`, binding: "confirm" }
    ],
    tenantName: () => tenantName,
    authenticate: jwt({ issuer: origin, audience, jwksUrl: `${origin}/.well-known/jwks.json` }),
    providers: [acme.provider, beacon.provider, ...providers],
    store,
    encryptionKey,
    unsafelyAllowLoopback: true
  })

  const events = makeEventStream()
  for (const name of ["connected", "disconnected", "error", "recovered"] as const)
    await hawser.on(`integration.${name}`, { as: `demo-page-${name}` }, ({ event }) =>
      events.send(event)
    )

  const integrations = nodeHandler(hawser.handler)
  const serveDemo = makeDemoRoutes({
    origin,
    hawser,
    tokenFor: signIn.tokenFor,
    samples,
    revoke: new Map([
      ["acme-projects", acme.revoke],
      ...["github", "google", "slack", "xero"].map(
        (provider) => [provider, () => simulator.end(provider)] as const
      )
    ])
  })
  listener = (request, response) => {
    const { pathname } = new URL(request.url ?? "/", origin)
    if (pathname.startsWith("/v1/integrations")) return integrations(request, response)
    if (pathname === "/.well-known/jwks.json")
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(signIn.jwks))
    if (pathname === "/demo/events") return events.open(response)
    if (servePage(request, response)) return
    serveDemo(request, response).catch(() => response.writeHead(500).end())
  }

  return {
    origin,
    hawser,
    simulator,
    close: async () => {
      events.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await hawser.close()
      await Promise.all([acme.close(), beacon.close(), simulator.close()])
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
