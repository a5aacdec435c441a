import { Octokit } from "@octokit/core"
import { createHawser, defineProvider, type Hawser, memory } from "hawser"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import OpenAI from "openai"
import createClient from "openapi-fetch"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage["headers"]
  readonly body: unknown
}

let server: Server
let origin: string
let hawser: Hawser
const seen: Array<Seen> = []
let answer: (request: Seen) => { readonly status?: number; readonly body: unknown } = () => ({
  body: {}
})

const jsonOf = (body: string): unknown => (body === "" ? undefined : JSON.parse(body))

const provider = (id: string, path: string) =>
  defineProvider({
    id,
    displayName: id,
    category: "other",
    description: "An API on loopback.",
    authType: "api_key",
    fields: [{ name: "api_key", label: "API key" }],
    headers: { authorization: "Bearer {api_key}" },
    api: { baseUrl: `${origin}${path}` }
  })

beforeAll(async () => {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { headers, method, url } = request
    const call = { method, url, headers, body: jsonOf(await text(request)) }
    seen.push(call)
    const { body, status = 200 } = answer(call)
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  }
  server = createServer((request, response) => void respond(request, response))
  await once(server.listen(0, "127.0.0.1"), "listening")
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  hawser = await createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: ["https://app.example.com/integrations"],
    authenticate: async () => null,
    providers: [provider("forge", ""), provider("models", "/v1")],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    workers: "off",
    unsafelyAllowLoopback: true
  })
  for (const id of ["forge", "models"]) {
    const by = { tenantId: "acme", userId: "ada", provider: id }
    const { credentialId } = await hawser
      .tenant(by.tenantId, { user: by.userId })
      .credentials(by.provider)
      .store({ credentials: { api_key: `key-of-${id}` } })
    await hawser.tenant(by.tenantId, { user: by.userId }).connect(by.provider, { credentialId })
  }
})
afterAll(async () => {
  await hawser.close()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen.length = 0
})

const fetchOf = (id: string) => hawser.tenant("acme").connection(id).fetch

describe("vendors' SDKs run on authorizedFetch, with the tenant's credential in place of their own", () => {
  it("Octokit", async () => {
    const octokit = new Octokit({ baseUrl: origin, request: { fetch: fetchOf("forge") } })
    answer = ({ url }) => ({ body: { title: `of ${url}` } })
    const read = await octokit.request("GET /repos/{owner}/{repo}/issues/{issue_number}", {
      owner: "acme",
      repo: "app",
      issue_number: 7
    })
    expect(read.data.title).toBe("of /repos/acme/app/issues/7")
    answer = () => ({ status: 201, body: { number: 8 } })
    const made = await octokit.request("POST /repos/{owner}/{repo}/issues", {
      owner: "acme",
      repo: "app",
      title: "One"
    })
    expect([made.status, made.data.number]).toEqual([201, 8])
    expect(seen).toMatchObject([
      { method: "GET", headers: { authorization: "Bearer key-of-forge" } },
      { method: "POST", body: { title: "One" }, headers: { "content-length": "15" } }
    ])
    answer = () => ({ status: 404, body: { message: "Not Found" } })
    await expect(octokit.request("GET /user")).rejects.toMatchObject({ status: 404 })
  })

  it("openapi-fetch", async () => {
    interface Paths {
      "/issues/{id}": {
        parameters: { query?: never; header?: never; path?: never; cookie?: never }
        get: {
          parameters: { path: { id: number } }
          responses: { 200: { content: { "application/json": { title: string } } } }
        }
        put: {
          parameters: { path: { id: number } }
          requestBody: { content: { "application/json": { title: string } } }
          responses: { 200: { content: { "application/json": { title: string } } } }
        }
      }
    }
    const client = createClient<Paths>({ baseUrl: origin, fetch: fetchOf("forge") })
    answer = ({ body, url }) => ({ body: body ?? { title: `of ${url}` } })
    const read = await client.GET("/issues/{id}", { params: { path: { id: 7 } } })
    expect(read.data).toEqual({ title: "of /issues/7" })
    const written = await client.PUT("/issues/{id}", {
      params: { path: { id: 7 } },
      body: { title: "Two" }
    })
    expect(written.data).toEqual({ title: "Two" })
    expect(seen[1]).toMatchObject({
      method: "PUT",
      headers: { authorization: "Bearer key-of-forge", "content-length": "15" }
    })
  })

  it("the OpenAI SDK", async () => {
    const client = new OpenAI({
      baseURL: `${origin}/v1`,
      apiKey: "not-the-tenants",
      fetch: fetchOf("models"),
      maxRetries: 0
    })
    answer = () => ({
      body: { choices: [{ index: 0, message: { role: "assistant", content: "Hello." } }] }
    })
    const completion = await client.chat.completions.create({
      model: "small",
      messages: [{ role: "user", content: "Say hello." }]
    })
    expect(completion.choices[0]?.message.content).toBe("Hello.")
    expect(seen).toMatchObject([
      {
        method: "POST",
        url: "/v1/chat/completions",
        headers: { authorization: "Bearer key-of-models" },
        body: { model: "small" }
      }
    ])
    answer = () => ({ status: 429, body: { error: { message: "Slow down." } } })
    await expect(client.models.list()).rejects.toMatchObject({ status: 429 })
  })
})
