import type { CatalogueId } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import {
  createHawser,
  type Hawser,
  type HawserOptions,
  jwt,
  nodeHandler,
  type ProviderConfig
} from "hawser"
import type { RequestListener, ServerResponse } from "node:http"
import { makeEventStream } from "./eventStream.ts"
import { makeSampleRoutes } from "./sampleRoutes.ts"
import { makePage } from "./page.ts"
import { factsOfAll, type Settings, simulatedProviders } from "./simulated.ts"
import { audience, makeSignIn, tenantName } from "./users.ts"

/** Providers that are not of the catalogue, and the services behind them. */
export interface OwnProviders {
  readonly providers: ReadonlyArray<ProviderConfig>
  /** By provider: ends all that it has granted. */
  readonly revoke: Readonly<Record<string, () => unknown>>
  readonly close: () => Promise<unknown>
}

export interface SampleOptions {
  readonly store: HawserOptions["store"]
  readonly encryptionKey: string
  /** The page's port. If it is taken, or without it, whatever is free. */
  readonly port?: number
  /** `page/page.js` with all that it imports. */
  readonly script: string
  /** The providers that are simulated. */
  readonly simulated: ReadonlyArray<CatalogueId>
  /** What they are configured with besides. */
  readonly settings?: Settings
  readonly own?: (publicUrl: string) => Promise<OwnProviders>
}

export interface Sample {
  /** Where the page is. */
  readonly origin: string
  readonly hawser: Hawser
  /** Plays the real providers. */
  readonly simulator: RunningSimulator
  readonly close: () => Promise<void>
}

const nothing: OwnProviders = { providers: [], revoke: {}, close: () => Promise.resolve() }

/** Starts a host application with a page and an inspector, and the providers that its tenants connect to, all at one address. */
export const startSample = async ({
  encryptionKey,
  own = () => Promise.resolve(nothing),
  port = 0,
  script,
  settings = {},
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
  const services = await own(origin)
  const signIn = await makeSignIn(origin)
  const servePage = makePage(script)

  // From here on it is what a host writes; only the definitions are the sample's own.
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
    providers: [
      ...services.providers,
      ...simulatedProviders(simulator, simulated, { publicUrl: origin, settings })
    ],
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
  const serveSample = makeSampleRoutes({
    origin,
    hawser,
    simulator,
    tokenFor: signIn.tokenFor,
    revoke: {
      ...Object.fromEntries(simulated.map((id) => [id, () => simulator.end(id)])),
      ...services.revoke
    }
  })
  listener = (request, response) => {
    const url = URL.parse(`${origin}${request.url ?? "/"}`)
    if (url === null) return void response.writeHead(400).end()
    if (url.pathname.startsWith("/v1/integrations")) return integrations(request, response)
    if (url.pathname === "/.well-known/jwks.json") return json(response, signIn.jwks)
    if (url.pathname === "/demo/events") return events.open(response)
    if (servePage(url, response)) return
    serveSample(request.method ?? "", url, request.headers.origin).then(
      (answer) =>
        typeof answer === "number" ? void response.writeHead(answer).end() : json(response, answer),
      () => response.writeHead(500).end()
    )
  }

  return {
    origin,
    hawser,
    simulator,
    close: async () => {
      events.close()
      // Its vendors are asked for revocations until the end.
      await hawser.close()
      await Promise.all([simulator.close(), services.close()])
    }
  }
}

const json = (response: ServerResponse, body: object): void => {
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify(body))
}
