import type { CatalogueId } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import { createHawser, type Hawser, type HawserOptions, jwt, nodeHandler } from "hawser"
import type { RequestListener, ServerResponse } from "node:http"
import { makeEventStream } from "./eventStream.ts"
import { runningAnswer, runningPath } from "./running.ts"
import { servePage } from "./servePage.ts"
import { factsOfAll, simulatedProviders } from "./simulated.ts"
import { audience, isDemoUser, makeSignIn, tenantId } from "./users.ts"

export interface SampleOptions {
  readonly store: HawserOptions["store"]
  readonly encryptionKey: string
  /** The page's port. If it is taken, or without it, whatever is free. */
  readonly port?: number
  /** The providers that are simulated. */
  readonly simulated: ReadonlyArray<CatalogueId>
}

export interface Sample {
  /** Where the page is. */
  readonly origin: string
  readonly hawser: Hawser
  /** Plays the real providers. */
  readonly simulator: RunningSimulator
  readonly close: () => Promise<void>
}

/** Starts a host application with a page and an inspector, and the providers that its tenants connect to, all at one address. */
export const startSample = async ({
  encryptionKey,
  port = 0,
  simulated,
  store
}: SampleOptions): Promise<Sample> => {
  // The address is needed for the public URL before there is anything to serve.
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
  const startAt = (at: number) =>
    startSimulator({
      providers: factsOfAll(simulated),
      consent: "button",
      port: at,
      otherwise: (request, response) => listener(request, response)
    })
  const simulator = await startAt(port).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error
    return startAt(0)
  })
  const origin = `http://127.0.0.1:${simulator.port}`
  const signIn = await makeSignIn(origin)

  // From here on it is what a host writes.
  // Its pages name the providers, so any text may be one.
  const hawser: Hawser = await createHawser({
    publicUrl: origin,
    allowedRedirectUrls: [`${origin}/`],
    authenticate: jwt({ issuer: origin, audience, jwksUrl: `${origin}/.well-known/jwks.json` }),
    providers: simulatedProviders(simulator, simulated, origin),
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
  const samples = Object.fromEntries(simulated.map((id) => [id, simulator.fields(id)]))
  listener = (request, response) => {
    const url = new URL(request.url ?? "/", origin)
    if (url.pathname.startsWith("/v1/integrations")) return integrations(request, response)
    if (url.pathname === "/.well-known/jwks.json") return json(response, signIn.jwks)
    if (url.pathname === "/demo/events") return events.open(response)
    if (url.pathname === runningPath) return json(response, runningAnswer)
    if (url.pathname === "/demo/simulated") return json(response, samples)
    if (url.pathname === "/demo/inspector") return json(response, inspected(simulator))
    if (url.pathname === "/demo/token") {
      // A real host would look at its session here. The sample lets the person choose who to be.
      const user = url.searchParams.get("user")
      if (!isDemoUser(user)) return void response.writeHead(400).end()
      return void signIn.tokenFor(user).then((token) => json(response, { token }))
    }
    if (url.pathname === "/demo/disconnect" && request.method === "POST") {
      // In process the host itself says who acts; here only Ada may, and only from the sample's own page.
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
    simulator,
    close: async () => {
      events.close()
      // Its vendors are asked for revocations until the end.
      await hawser.close()
      await simulator.close()
    }
  }
}

const json = (response: ServerResponse, body: object): void => {
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify(body))
}

/** The last requests that the vendors got, the newest first, and what they objected to. What stands in a query stays out. */
const inspected = ({ requests, violations }: RunningSimulator) => ({
  requests: requests
    .slice(-50)
    .toReversed()
    .map(({ kinds, method, provider, status, url }) => ({
      provider,
      kinds,
      method,
      url: url.split("?")[0],
      status
    })),
  violations: violations.slice(-50)
})
