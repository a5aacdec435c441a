import { ProviderId } from "@hawser/core"
import {
  createHawser,
  defineProvider,
  type Hawser,
  type HawserOptions,
  jwt,
  postgres
} from "hawser"

/** What every process of a proof must know to be the same host. */
export interface HostSettings {
  readonly databaseUrl: string
  readonly encryptionKey: string
  /** The authorization server: its origin and the client that the host has there. */
  readonly server: {
    readonly origin: string
    readonly clientId: string
    readonly clientSecret: string
  }
}

export const providerId = ProviderId.make("rotating")

/** The rotating provider, as the host configures it. */
export const providerConfig = (server: HostSettings["server"], id = providerId) =>
  defineProvider(
    {
      id,
      displayName: "Rotating",
      category: "other",
      description: "Rotates refresh tokens and notices reuse.",
      authType: "oauth2",
      authorizationEndpoint: `${server.origin}/authorize`,
      tokenEndpoint: `${server.origin}/token`,
      revocation: { endpoint: `${server.origin}/revoke`, ends: "grant" },
      clientAuthentication: "client_secret_basic",
      defaultScopes: ["everything"]
    },
    { clientId: server.clientId, clientSecret: server.clientSecret }
  )

export const newEncryptionKey = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

const publicUrl = "https://app.example"
const redirectUrl = `${publicUrl}/settings/integrations`

/** For a host that warns thousands of times, as it should. */
export const silent: NonNullable<HawserOptions["logger"]> = {
  info: () => {},
  warn: () => {},
  error: () => {}
}

/** A host on PostgreSQL with the rotating provider; one process of several. */
export const startHost = (
  { databaseUrl, encryptionKey, server }: HostSettings,
  options: Partial<HawserOptions> = {}
): Promise<Hawser> =>
  createHawser({
    publicUrl,
    allowedRedirectUrls: [redirectUrl],
    // Nobody calls over HTTP but the provider's redirect.
    authenticate: jwt({
      issuer: "https://login.example",
      audience: publicUrl,
      jwksUrl: "https://login.example/jwks.json"
    }),
    providers: [providerConfig(server)],
    store: postgres({ url: databaseUrl }),
    encryptionKey,
    unsafelyAllowLoopback: true,
    ...options
  })

/** A browser on its way back from the provider. */
export interface Returning {
  readonly url: string
  readonly cookie: string
}

/** Begins a flow as a tenant's admin does, and consents at the provider. */
export const consent = async (hawser: Hawser, tenantId: string): Promise<Returning> => {
  const started = await hawser
    .tenant(tenantId, { user: "ada" })
    .connect(providerId, { redirectUrl })
  if (!("authorizationUrl" in started)) throw new Error("the provider is not an OAuth2 provider")
  const answer = await fetch(started.authorizationUrl, { redirect: "manual" })
  return {
    url: answer.headers.get("location") ?? "",
    cookie: started.setCookie?.split(";")[0] ?? ""
  }
}

/** Comes back to the callback: how the flow ended, or `no_flow`. */
export const comeBack = async (hawser: Hawser, { cookie, url }: Returning): Promise<string> => {
  const answer = await hawser.handler(new Request(url, { headers: { cookie } }))
  const location = answer.headers.get("location")
  return location === null ? "no_flow" : (new URL(location).searchParams.get("status") ?? "")
}

/** Connects a tenant, from beginning to end. */
export const connectTenant = async (hawser: Hawser, tenantId: string): Promise<void> => {
  const end = await comeBack(hawser, await consent(hawser, tenantId))
  if (end !== "connected") throw new Error(`connecting ${tenantId} ended as ${end}`)
}
