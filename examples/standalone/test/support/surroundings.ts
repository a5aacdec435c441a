import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { afterAll } from "vitest"
import { startAuthorizationServer } from "../../../../test-support/authorization-server.ts"

/** Where the world would reach the server: a proxy that the tests stand for passes it on. */
export const publicUrl = "https://app.example.com/api"
export const redirectUrl = "https://app.example.com/settings/integrations"

const audience = "https://app.example.com/api"

const listen = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await once(server.listen(0, "127.0.0.1"), "listening")
  afterAll(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What stands around the server: the issuer of its callers, an authorization server and an API-key service. */
export const startSurroundings = async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" }] }
  const issuer = await listen((_request, response) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify(jwks))
  })
  const token = ({ tenant = "acme", roles = ["admin"] } = {}): Promise<string> =>
    new SignJWT({ tenant_id: tenant, roles })
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .setSubject("ada")
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime("5 minutes")
      .sign(privateKey)

  const authorizationServer = await startAuthorizationServer([
    `${publicUrl}/v1/integrations/projects/callback`
  ])
  afterAll(() => authorizationServer.close())

  // Answers a check at once, and one of the key "slow" when it is told to.
  let asked = Promise.withResolvers<() => void>()
  const keyService = await listen((request, response) => {
    const answer = () => void response.end("{}")
    if (request.headers["x-api-key"] === "slow") asked.resolve(answer)
    else answer()
  })

  const config = {
    publicUrl,
    allowedRedirectUrls: [redirectUrl],
    jwt: { issuer, audience, jwksUrl: `${issuer}/jwks.json` },
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    providers: [
      { id: "datadog" },
      {
        definition: {
          id: "projects",
          displayName: "Projects",
          category: "ticketing",
          description: "An authorization server on loopback.",
          authType: "oauth2",
          issuer: authorizationServer.issuer,
          authorizationEndpoint: `${authorizationServer.issuer}/auth`,
          tokenEndpoint: `${authorizationServer.issuer}/token`,
          authorizationParameters: { prompt: "consent" },
          clientAuthentication: "client_secret_basic",
          defaultScopes: ["offline_access", "projects.read"]
        },
        clientId: authorizationServer.clientId,
        clientSecret: authorizationServer.clientSecret
      },
      {
        definition: {
          id: "beacon",
          displayName: "Beacon",
          category: "monitoring",
          description: "An API-key service on loopback.",
          authType: "api_key",
          fields: [{ name: "api_key", label: "API key" }],
          headers: { "x-api-key": "{api_key}" },
          check: { url: `${keyService}/check` }
        }
      }
    ],
    unsafelyAllowLoopback: true
  }

  return {
    config,
    token,
    /** Waits for the next check of the key "slow"; what comes back answers it. */
    slowCheck: async (): Promise<() => void> => {
      const answer = await asked.promise
      asked = Promise.withResolvers()
      return answer
    }
  }
}
