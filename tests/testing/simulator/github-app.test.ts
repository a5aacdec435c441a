import { assert, describe, it } from "@effect/vitest"
import { makeSimulator } from "@hawser/testing/simulator"
import { importPKCS8, SignJWT } from "jose"
import {
  apiRequest,
  client,
  codeOf,
  jsonOf,
  problems,
  redirectUri,
  tokenRequest
} from "./support/client.ts"
import { forgeFacts } from "./support/facts.ts"

const facts = forgeFacts({
  authKind: "github_app",
  authorize: { callback: { realm: undefined, installation_id: "42" } },
  account: { id: "42", label: undefined, request: undefined },
  captures: { installation_id: "42" },
  refresh: {
    url: "https://api.github.com/app/installations/{installation_id}/access_tokens",
    clientAuthentication: ["none"],
    headers: { accept: "application/vnd.github+json" },
    answer: { token: "{access_token}", expires_at: "{expires_at}" },
    lifetime: 3600,
    refused: { status: 404, body: { message: "Not Found" } },
    rotates: "keeps"
  }
})

const simulateApp = () => {
  const simulator = makeSimulator([facts])
  const { privateKey = "" } = simulator.register("forge", {
    ...client,
    redirectUris: [redirectUri]
  })
  return { simulator, privateKey }
}

const seconds = () => Math.floor(Date.now() / 1000)

const assertion = async (
  privateKey: string,
  claims: Readonly<Record<string, unknown>> = {}
): Promise<string> =>
  new SignJWT({ iss: client.clientId, iat: seconds() - 60, exp: seconds() + 540, ...claims })
    .setProtectedHeader({ alg: "RS256" })
    .sign(await importPKCS8(privateKey, "RS256"))

const installationRequest = (jwt: string, id = "42") =>
  new Request(`https://api.github.com/app/installations/${id}/access_tokens`, {
    method: "POST",
    headers: { accept: "application/vnd.github+json", authorization: `Bearer ${jwt}` }
  })

const installationsOf = (token: string) =>
  new Request("https://api.github.com/user/installations?per_page=10&page=1", {
    headers: { authorization: `Bearer ${token}` }
  })

describe("a GitHub App", () => {
  it("shows the user's installations by the user's token, which is good for nothing else", async () => {
    const { simulator } = simulateApp()
    const { access_token: token } = await jsonOf(
      simulator.handle(tokenRequest(await codeOf(simulator)))
    )
    const { installations } = await jsonOf(simulator.handle(installationsOf(String(token))))
    assert.strictEqual((installations as ReadonlyArray<{ readonly id: number }>)[0]?.id, 42)
    assert.strictEqual((await simulator.handle(installationsOf("x"))).status, 401)
    assert.strictEqual((await simulator.handle(apiRequest(String(token)))).status, 401)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("gives a token of the installation for a JWT of the app's key", async () => {
    const { privateKey, simulator } = simulateApp()
    await simulator.handle(tokenRequest(await codeOf(simulator)))
    const answer = await simulator.handle(installationRequest(await assertion(privateKey)))
    assert.strictEqual(answer.status, 201)
    const { token } = await jsonOf(answer)
    assert.strictEqual((await simulator.handle(apiRequest(String(token)))).status, 200)
    assert.strictEqual(simulator.count("forge", "refresh"), 1)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("gives none for an installation that nobody has made, or that was ended", async () => {
    const { privateKey, simulator } = simulateApp()
    const ask = async (id: string) =>
      (await simulator.handle(installationRequest(await assertion(privateKey), id))).status
    simulator.issue("forge")
    assert.deepStrictEqual([await ask("42"), await ask("43")], [201, 404])
    simulator.end("forge")
    assert.strictEqual(await ask("42"), 404)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("is refused with a JWT that GitHub would not take", async () => {
    const { privateKey, simulator } = simulateApp()
    simulator.issue("forge")
    const jwts = [
      await assertion(privateKey, { exp: seconds() + 660 }),
      await assertion(privateKey, { iat: seconds() + 60 }),
      await assertion(privateKey, { iss: "other" }),
      (await assertion(privateKey)).replace(/.{8}$/, "AAAAAAAA"),
      "x"
    ]
    for (const jwt of jwts)
      assert.strictEqual((await simulator.handle(installationRequest(jwt))).status, 401)
    assert.deepStrictEqual(
      [...problems(simulator)],
      [
        "the JWT is over, or good for longer than ten minutes",
        "the JWT is from the future",
        "the JWT's issuer is not a registered app",
        "the JWT is not signed with the app's key",
        "the header authorization is not a Bearer with a JWT"
      ]
    )
  })

  it("ends the user's token for the app that proves itself, and for no other", async () => {
    const { simulator } = simulateApp()
    const { access_token: token } = await jsonOf(
      simulator.handle(tokenRequest(await codeOf(simulator)))
    )
    const end = async (id: string, secret: string, accessToken: unknown) => {
      const request = new Request(`https://api.github.com/applications/${id}/token`, {
        method: "DELETE",
        headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
        body: JSON.stringify({ access_token: accessToken })
      })
      return (await simulator.handle(request)).status
    }
    const { clientId, clientSecret } = client
    assert.strictEqual(await end("other", clientSecret, token), 404)
    assert.strictEqual(await end(clientId, "other", token), 404)
    assert.strictEqual(await end(clientId, clientSecret, "x"), 422)
    assert.strictEqual((await simulator.handle(installationsOf(String(token)))).status, 200)
    assert.strictEqual(await end(clientId, clientSecret, token), 204)
    assert.strictEqual((await simulator.handle(installationsOf(String(token)))).status, 401)
  })

  it("is issued with its number in place of a refresh token", () => {
    const { simulator } = simulateApp()
    const grant = simulator.issue("forge", { captures: { installation_id: "77" } })
    assert.strictEqual(grant.refreshToken, "77")
    assert.strictEqual(grant.expiresIn, 3600)
  })
})
