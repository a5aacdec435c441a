import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { afterAll, beforeAll, expect, it } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const code = /^```ts\n(?<code>.*?)^```$/ms.exec(readme)?.groups?.["code"] ?? ""

/** The host of the README with another place for the login, on a port that is free. */
const runnable = (login: string): string => {
  const changes: ReadonlyArray<readonly [string, string]> = [
    ['"https://login.example.com"', `"${login}"`],
    ["createHawser({", "createHawser({ unsafelyAllowLoopback: true,"],
    [".listen(3000)", '.listen(0, "127.0.0.1", function () { process.send(this.address().port) })']
  ]
  return changes.reduce((text, [from, to]) => {
    expect(text.split(from)).toHaveLength(2)
    return text.replace(from, to)
  }, code)
}

// In this package, which has all that the README imports.
const folder = mkdtempSync(fileURLToPath(new URL(".cache-readme-", import.meta.url)))
const undo: Array<() => unknown> = [() => rmSync(folder, { recursive: true })]
afterAll(async () => {
  for (const each of undo.toReversed()) await each()
})

let origin: string
let token: string
let output = ""

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] }
  const login = createServer((_request, response) => void response.end(JSON.stringify(jwks)))
  await once(login.listen(0, "127.0.0.1"), "listening")
  undo.push(() => login.close())
  const issuer = `http://127.0.0.1:${(login.address() as AddressInfo).port}`
  token = await new SignJWT({ tenant_id: "acme-inc", roles: ["admin"] })
    .setProtectedHeader({ alg: "ES256" })
    .setSubject("ada")
    .setIssuer(issuer)
    .setAudience("app")
    .setIssuedAt()
    .setExpirationTime("5 minutes")
    .sign(privateKey)

  const database = await createDatabase()
  undo.push(database.drop)
  writeFileSync(`${folder}/host.mts`, runnable(issuer))
  const host = fork(`${folder}/host.mts`, {
    stdio: "pipe",
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      GITHUB_CLIENT_ID: "readme-client",
      GITHUB_CLIENT_SECRET: "readme-secret",
      HAWSER_ENCRYPTION_KEY: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString(
        "base64"
      )
    }
  })
  for (const stream of [host.stdout, host.stderr]) {
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()))
  }
  const exited = once(host, "exit")
  undo.push(() => {
    host.kill()
    return exited
  })
  const port: unknown = await Promise.race([
    once(host, "message").then(([sent]: Array<unknown>) => sent),
    exited.then(() => Promise.reject(new Error(output)))
  ])
  origin = `http://127.0.0.1:${String(port)}`
})

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${origin}/v1/integrations${path}`, {
    ...init,
    // As curl sends the README's lines.
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/x-www-form-urlencoded"
    }
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

it("the README's host has fifteen lines at most, and its first screen ends before line 60", () => {
  expect(code.split("\n").filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(15)
  const [firstScreen = ""] = readme.split("\n\n---\n")
  expect(firstScreen.split("\n").length).toBeLessThan(60)
})

it("the README's host answers catalog, connect and list", async () => {
  const catalog = await call("/catalog")
  expect(catalog.body).toMatchObject({ items: [{ provider: "datadog" }, { provider: "github" }] })

  const connect = await call("/github/connect", {
    method: "POST",
    body: '{"redirectUrl": "https://app.example.com/settings/integrations"}'
  })
  expect(connect.status).toBe(200)
  const authorizationUrl = new URL(String(connect.body["authorizationUrl"]))
  expect(authorizationUrl.origin).toBe("https://github.com")
  expect(Object.fromEntries(authorizationUrl.searchParams)).toMatchObject({
    client_id: "readme-client",
    redirect_uri: "https://app.example.com/v1/integrations/github/callback",
    code_challenge_method: "S256"
  })

  expect(await call("")).toEqual({ status: 200, body: { items: [], total: 0 } })
  expect(output).toBe("")
})
