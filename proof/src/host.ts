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

export const providerId = "rotating"

export const newEncryptionKey = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

const publicUrl = "https://app.example"
const redirectUrl = `${publicUrl}/settings/integrations`

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
    providers: [
      defineProvider(
        {
          id: providerId,
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
    ],
    store: postgres({ url: databaseUrl }),
    encryptionKey,
    unsafelyAllowLoopback: true,
    ...options
  })

/** Connects a tenant as its admin's browser does: to the provider, and back to the callback. */
export const connectTenant = async (hawser: Hawser, tenantId: string): Promise<void> => {
  const started = await hawser.connect({
    tenantId,
    userId: "ada",
    provider: providerId,
    redirectUrl
  })
  if (!("authorizationUrl" in started)) throw new Error("the provider is no OAuth2 provider")
  const consent = await fetch(started.authorizationUrl, { redirect: "manual" })
  const callback = consent.headers.get("location") ?? ""
  const cookie = started.setCookie?.split(";")[0] ?? ""
  const answer = await hawser.handler(new Request(callback, { headers: { cookie } }))
  const end = new URL(answer.headers.get("location") ?? redirectUrl).searchParams.get("status")
  if (end !== "connected") throw new Error(`connecting ${tenantId} ended as ${String(end)}`)
}
