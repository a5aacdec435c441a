import * as catalogue from "@hawser/providers"
import { type CatalogueId, factsOf } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import { nodeHandler, type ProviderConfig, type SecurityEvent } from "hawser"
import type { RequestListener } from "node:http"
import { expect } from "vitest"
import { type AnyStore, startHawser } from "./anyStore.ts"
import { startFlow } from "./flow.ts"
import { listen, type TestHost } from "./host.ts"

/** A host whose vendors are played by one simulator. */
export interface SimulatedHost extends Pick<
  TestHost,
  "call" | "close" | "hawser" | "origin" | "securityEvents"
> {
  readonly simulator: RunningSimulator
}

/** Where flows end, bound by cookie. */
const redirectAt = ({ origin }: { readonly origin: string }) => `${origin}/settings/integrations`

type Helper = (client: catalogue.OAuthClient) => ProviderConfig

/** The helper that was generated for a provider: `pagerdutyApiKey` for `pagerduty-api-key`. */
const helperOf = (id: CatalogueId): Helper => {
  const name = id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  const helper = (catalogue as Readonly<Record<string, unknown>>)[name]
  if (typeof helper !== "function") throw new Error(`@hawser/providers has no helper ${name}.`)
  return helper as Helper
}

/** The client that a tenant brings where it has one of its own. */
const clientOf = ({ tenantId }: { readonly tenantId: string }) => ({
  clientId: `client-of-${tenantId}`,
  clientSecret: `secret-of-${tenantId}`
})

/** Whether tenants have hosts of their own there, and so each a client of its own. */
const isAtTenantHosts = (helper: Helper): boolean => {
  const { definition } = helper({ clientId: "", clientSecret: "" })
  const fields = definition.authType === "oauth2" ? definition.fields : undefined
  return fields?.some(({ format }) => format === "host") ?? false
}

/** A provider as the host configures it: by the helper that was generated for it. */
const simulate = (simulator: RunningSimulator, id: CatalogueId, publicUrl: string) => {
  const helper = helperOf(id)
  return isAtTenantHosts(helper)
    ? simulator.simulate(helper({ clientOf, allowTenantHosts: true }), { publicUrl })
    : simulator.simulate(helper, { publicUrl })
}

/**
 * Starts a host with these providers of the catalogue, configured by their own helpers. Its workers are off, and a caller's
 * bearer token is the name of the tenant.
 */
export const startSimulatedHost = async (
  store: AnyStore,
  ids: ReadonlyArray<CatalogueId>,
  change: (config: ProviderConfig) => ProviderConfig = (config) => config
): Promise<SimulatedHost> => {
  const simulator = await startSimulator({
    providers: ids.map(factsOf),
    // Asked of the global each time, so that a test that moves it moves the vendors' clock as well.
    now: () => Date.now()
  })
  // The providers need the public URL, and that needs the port: the port comes first.
  let mount: RequestListener = (_request, response) => void response.end()
  const app = await listen((request, response) => mount(request, response))
  const securityEvents: Array<SecurityEvent> = []
  const hawser = await startHawser({
    publicUrl: app.origin,
    allowedRedirectUrls: [redirectAt(app)],
    authenticate: async ({ headers }) => ({
      tenantId: headers.get("authorization")?.replace("Bearer ", "") ?? "",
      userId: "ada",
      roles: ["admin"]
    }),
    providers: ids.map((id) => change(simulate(simulator, id, app.origin))),
    store,
    workers: "off",
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    rateLimit: false,
    onSecurityEvent: (event) => void securityEvents.push(event),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    unsafelyAllowLoopback: true
  })
  mount = nodeHandler(hawser.handler)
  return {
    hawser,
    simulator,
    origin: app.origin,
    securityEvents,
    call: (method, path, { as: { tenant = "acme" } = {}, body } = {}) =>
      fetch(`${app.origin}/v1/integrations${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tenant}`,
          ...(body !== undefined && { "content-type": "application/json" })
        },
        ...(body !== undefined && { body: JSON.stringify(body) })
      }),
    close: async () => {
      await hawser.close()
      await app.close()
      await simulator.close()
    }
  }
}

/** Registers the tenant's own client at the vendor, as its admin would. */
const registerClient = async (
  { hawser, simulator }: SimulatedHost,
  of: { readonly tenantId: string; readonly provider: CatalogueId }
): Promise<void> => {
  simulator.register(of.provider, {
    ...clientOf(of),
    redirectUris: [await hawser.admin.callbackUrl(of)]
  })
}

/** Connects by OAuth2 as a person's browser does, and answers what the host's page is told. */
export const connectSimulated = async (
  host: SimulatedHost,
  provider: CatalogueId,
  { body, tenant = "acme" }: { readonly tenant?: string; readonly body?: object } = {}
): Promise<Readonly<Record<string, string>>> => {
  const { simulator } = host
  if (isAtTenantHosts(helperOf(provider)))
    await registerClient(host, { tenantId: tenant, provider })
  const fields = simulator.fields(provider)
  const flow = await startFlow(host, redirectAt(host), {
    provider,
    as: { tenant },
    body: { ...(Object.keys(fields).length > 0 && { fields }), ...body }
  })
  const { form, method, url } = await simulator.visit(flow.authorizationUrl)
  const answer = await flow.browser.request(url, {
    method,
    ...(form !== undefined && { body: form })
  })
  expect(answer.status).toBe(303)
  const { hash, searchParams } = new URL(answer.headers.get("location") ?? "")
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))])
}
