import { defineProvider, memory } from "hawser"
import { decodeJwt, exportJWK, exportPKCS8, generateKeyPair } from "jose"
import { afterAll, beforeAll, expect, it } from "vitest"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

/** The client is registered at the real server with this key and no secret. */
let host: TestHost
let privateKey: string

beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true })
  privateKey = await exportPKCS8(pair.privateKey)
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: "hawser-1", alg: "ES256", use: "sig" }
  const another = await generateKeyPair("ES256", { extractable: true })
  const wrongKey = await exportPKCS8(another.privateKey)
  host = await startTestHost(
    memory(),
    ({ authorizationServer: { clientId, issuer } }) => {
      const definition = {
        category: "other",
        description: "A real authorization server on loopback.",
        authType: "oauth2",
        issuer,
        authorizationEndpoint: `${issuer}/auth`,
        tokenEndpoint: `${issuer}/token`,
        authorizationParameters: { prompt: "consent" },
        clientAuthentication: "private_key_jwt",
        defaultScopes: ["offline_access", "projects.read"]
      } as const
      const alg = "ES256"
      const method = "private_key_jwt"
      return {
        providers: [
          defineProvider(
            { ...definition, id: "projects", displayName: "Projects" },
            { clientId, clientAuthentication: { method, alg, kid: "hawser-1", privateKey } }
          ),
          defineProvider(
            { ...definition, id: "papers", displayName: "Papers" },
            { clientId, clientAuthentication: { method, alg, privateKey: wrongKey } }
          )
        ]
      }
    },
    { client: { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [jwk] } } }
  )
})
afterAll(() => host.close())

it("S-24 a real server takes the assertion, whose audience is its issuer and nothing besides", async () => {
  await connectProjects(host)
  const { requests } = host.authorizationServer
  const [request, ...others] = requests.filter(({ path }) => path === "/token")
  expect(others).toEqual([])
  expect(request?.status).toBe(200)
  const { clientId, issuer } = host.authorizationServer
  const claims = decodeJwt(String(request?.parameters["client_assertion"]))
  expect(claims.aud).toBe(issuer)
  expect([claims.iss, claims.sub]).toEqual([clientId, clientId])
  expect(request?.headers).not.toHaveProperty("authorization")
  expect(request?.parameters).not.toHaveProperty("client_secret")
})

it("S-24 signed with a key that is not registered, it is refused and nothing is stored", async () => {
  const as = { tenant: "wrong-key" }
  const flow = await startFlow(host, host.cookieRedirect, { as, provider: "papers" })
  const { location } = await callback(flow, await consent(host, flow))
  expect(location?.searchParams.get("error")).toBe("provider_error")
  expect((await host.hawser.tenant("wrong-key").connections()).items).toEqual([])
})

it("S-47 the key is in no log line", () => {
  const body = privateKey.split("\n").slice(1, -2)
  for (const line of body) expect(host.logLines.join("\n")).not.toContain(line)
})
