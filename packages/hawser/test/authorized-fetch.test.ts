import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { defineProvider, postgres } from "hawser"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { connectProjects } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"

type Respond = (request: IncomingMessage, response: ServerResponse) => unknown

const tenMegabytes = 10 * 1024 * 1024
const closing: Array<() => unknown> = []

/** A server on loopback that answers as the test says, and remembers what it saw. */
const startServer = async () => {
  const seen: Array<IncomingMessage> = []
  const state = { respond: ((_request, response) => response.end()) as Respond }
  const server = createServer((request, response) => {
    seen.push(request)
    state.respond(request, response)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { state, seen, port, origin: `http://127.0.0.1:${port}` }
}

let host: TestHost
let api: Awaited<ReturnType<typeof startServer>>
let elsewhere: typeof api
let url: string

beforeAll(async () => {
  const database = await createDatabase()
  closing.push(database.drop)
  ;[api, elsewhere] = [await startServer(), await startServer()]
  host = await startTestHost(
    postgres({ url: database.url }),
    ({ authorizationServer: { clientId, clientSecret, issuer } }) => ({
      providers: [
        defineProvider(
          {
            id: "projects",
            displayName: "Projects",
            category: "ticketing",
            description: "A real authorization server, and an API, on loopback.",
            authType: "oauth2",
            issuer,
            authorizationEndpoint: `${issuer}/auth`,
            tokenEndpoint: `${issuer}/token`,
            authorizationParameters: { prompt: "consent" },
            issParameterSupported: true,
            clientAuthentication: "client_secret_basic",
            defaultScopes: ["offline_access", "projects.read"],
            api: { baseUrl: `${api.origin}/v1` },
            apiHeaders: { "Projects-Version": "3" }
          },
          { clientId, clientSecret }
        ),
        defineProvider({
          id: "beacon",
          displayName: "Beacon",
          category: "monitoring",
          description: "An API that takes its key in the URL.",
          authType: "api_key",
          fields: [{ name: "api_key", label: "API key" }],
          query: { key: "{api_key}" },
          api: { baseUrl: api.origin }
        })
      ]
    })
  )
  closing.push(host.close)
  await connectProjects(host)
  url = `${api.origin}/v1`
})
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})
beforeEach(() => {
  api.seen.length = 0
  elsewhere.seen.length = 0
  api.state.respond = elsewhere.state.respond = (_request, response) => response.end("{}")
})

const projects = (tenantId = "acme") => host.hawser.tenant(tenantId).connection("projects").fetch
const currentToken = async () =>
  (await host.hawser.tenant("acme").connection("projects").token()).token
const caught = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    return await promise
  } catch (error) {
    return error
  }
}

it("calls the API with the tenant's token, as fetch would", async () => {
  api.state.respond = (_request, response) =>
    response.writeHead(201, { "content-type": "application/json" }).end('{"id":7}')
  const response = await projects()("/issues?state=open", {
    method: "POST",
    headers: { "content-type": "application/json", "x-mine": "1" },
    body: '{"title":"one"}'
  })
  expect(response.status).toBe(201)
  expect(await response.json()).toEqual({ id: 7 })
  const [request] = api.seen
  expect(request).toMatchObject({ method: "POST", url: "/v1/issues?state=open" })
  expect(request?.headers).toMatchObject({
    authorization: `Bearer ${await currentToken()}`,
    host: `127.0.0.1:${api.port}`,
    "projects-version": "3",
    "x-mine": "1",
    "content-length": "15"
  })
})

describe("a Request in the place of a URL", () => {
  const echo: Respond = (request, response) => {
    response.setHeader("x-length", request.headers["content-length"] ?? "chunked")
    request.pipe(response)
  }

  it("is sent with its method, headers and body, and counts for less than the second argument", async () => {
    // What an SDK asks for.
    const asFetch: typeof fetch = projects()
    api.state.respond = echo
    const request = () =>
      new Request(`${url}/issues?state=open`, {
        method: "POST",
        headers: { "x-mine": "1", authorization: "Bearer of the SDK's" },
        body: '{"title":"one"}'
      })
    const response = await asFetch(request())
    expect(await response.text()).toBe('{"title":"one"}')
    expect(response.headers.get("x-length")).toBe("15")
    expect(api.seen[0]).toMatchObject({
      method: "POST",
      url: "/v1/issues?state=open",
      headers: { "x-mine": "1", authorization: `Bearer ${await currentToken()}` }
    })
    const put = { method: "PUT", headers: { "x-mine": "2" }, body: "two" }
    expect(await (await asFetch(request(), put)).text()).toBe("two")
    expect(api.seen[1]).toMatchObject({ method: "PUT", headers: { "x-mine": "2" } })
    expect(await (await asFetch(new Request(`${url}/issues`))).text()).toBe("")
    expect(api.seen[2]).toMatchObject({ method: "GET" })
  })

  it("S-40 is sent nowhere else than a URL would be", async () => {
    for (const target of [`${elsewhere.origin}/x`, `http://localhost:${api.port}/v1/x`]) {
      expect(await caught(projects()(new Request(target)))).toMatchObject({
        code: "url_not_allowed"
      })
    }
    expect([...api.seen, ...elsewhere.seen]).toEqual([])
  })

  it("is sent again after a 401 where its body is short, and streamed where it is long", async () => {
    await connectProjects(host, { as: { tenant: "retry", user: "ada" } })
    const bodies: Array<string> = []
    api.state.respond = (request, response) => {
      let body = ""
      request.on("data", (chunk) => (body += String(chunk)))
      request.on("end", () => {
        bodies.push(body)
        response.writeHead(bodies.length === 1 ? 401 : 200).end()
      })
    }
    const short = new Request(`${url}/x`, { method: "POST", body: "once more" })
    expect((await projects("retry")(short)).status).toBe(200)
    expect(bodies).toEqual(["once more", "once more"])

    api.state.respond = echo
    for (const size of [1024 * 1024, tenMegabytes]) {
      const long = new Request(`${url}/x`, { method: "PUT", body: new Uint8Array(size).fill(7) })
      const response = await projects()(long)
      expect(response.headers.get("x-length")).toBe(
        size === tenMegabytes ? "chunked" : String(size)
      )
      expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.alloc(size, 7))).toBe(true)
    }
  })

  it("is aborted by its own signal, and refused where its body was read", async () => {
    const aborting = new AbortController()
    const reason = new Error("enough")
    const closed = neverEnding(() => aborting.abort(reason))
    const request = new Request(`${url}/x`, { signal: aborting.signal })
    expect(await caught(projects()(request))).toBe(reason)
    await closed
    const used = new Request(`${url}/x`, { method: "POST", body: "read" })
    await used.text()
    expect(await caught(projects()(used))).toMatchObject({ code: "validation_error" })
  })
})

it("S-40 sends nothing where the URL is not the API's, and no token of another tenant", async () => {
  for (const target of [
    `${elsewhere.origin}/x`,
    `//127.0.0.1:${elsewhere.port}/x`,
    `/\\127.0.0.1:${elsewhere.port}/x`,
    `http://127.0.0.1:${api.port}@127.0.0.1:${elsewhere.port}/x`,
    `http://localhost:${api.port}/x`,
    `http://127.1:${api.port}/x`,
    "/../admin"
  ]) {
    expect(await caught(projects()(target))).toMatchObject({ code: "url_not_allowed" })
  }
  expect(await caught(projects("evil")("/x"))).toMatchObject({ code: "not_connected" })
  expect([...api.seen, ...elsewhere.seen]).toEqual([])
})

it("S-40 strips the token where the API redirects elsewhere", async () => {
  api.state.respond = (request, response) =>
    request.url === "/v1/file"
      ? response.writeHead(302, { location: `${elsewhere.origin}/file` }).end()
      : response.writeHead(307, { location: "/v1/file" }).end()
  elsewhere.state.respond = (_request, response) => response.end("the file")
  const response = await projects()("/start", { headers: { "x-mine": "secret" } })
  expect(await response.text()).toBe("the file")
  const bearer = `Bearer ${await currentToken()}`
  expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([bearer, bearer])
  expect(elsewhere.seen).toHaveLength(1)
  expect(JSON.stringify(elsewhere.seen[0]?.rawHeaders)).not.toMatch(/bearer|mine|secret|version/i)
})

it("S-40 an API that always answers 401 causes one refresh, and then its answers come through", async () => {
  api.state.respond = (_request, response) => response.writeHead(401).end("no")
  const before = host.authorizationServer.tokenRequests()
  const statuses = new Set<number>()
  for (let call = 0; call < 20; call++) {
    const response = await projects()("/x")
    statuses.add(response.status)
    expect(await response.text()).toBe("no")
  }
  expect(statuses).toEqual(new Set([401]))
  expect(host.authorizationServer.tokenRequests() - before).toBe(1)
  expect(api.seen).toHaveLength(21)
})

it("streams ten megabytes up and down, without waiting for the end", async () => {
  api.state.respond = (request, response) => request.pipe(response)
  let left = 160
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (left-- === 0) controller.close()
      else controller.enqueue(new Uint8Array(tenMegabytes / 160))
    }
  })
  const init: RequestInit & { duplex: "half" } = { method: "PUT", body, duplex: "half" }
  const response = await projects()("/echo", init)
  let length = 0
  for await (const chunk of response.body ?? []) length += chunk.length
  expect(length).toBe(tenMegabytes)
})

/** An answer that begins and does not end, and the end of its connection. */
const neverEnding = (begin: (response: ServerResponse) => void) =>
  new Promise<void>((resolve) => {
    api.state.respond = (_request, response) => {
      response.on("close", resolve)
      begin(response)
    }
  })

it("is aborted by its signal before the answer has begun", async () => {
  const aborting = new AbortController()
  const reason = new Error("enough")
  const closed = neverEnding(() => aborting.abort(reason))
  expect(await caught(projects()("/x", { signal: aborting.signal }))).toBe(reason)
  await closed
})

it("is aborted by its signal in the middle of the answer", async () => {
  const aborting = new AbortController()
  const reason = new Error("enough")
  const closed = neverEnding((response) => response.write("begun"))
  const { body } = await projects()("/x", { signal: aborting.signal })
  const reader = body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("begun")
  aborting.abort(reason)
  expect(await caught(Promise.resolve(reader?.read()))).toBe(reason)
  await closed
})

it("S-32 shows a key that goes into the URL in no error and no line of the log", async () => {
  api.state.respond = (_request, response) => response.destroy()
  const stored = await host.hawser
    .tenant("acme", { user: "ada" })
    .credentials("beacon")
    .store({ credentials: { api_key: goodApiKey } })
  await host.hawser
    .tenant("acme", { user: "ada" })
    .connect("beacon", { credentialId: stored.credentialId })
  const beacon = host.hawser.tenant("acme").connection("beacon").fetch
  const error = await caught(beacon("/x?mine=canary-query"))
  expect(api.seen[0]?.url).toBe(`/x?mine=canary-query&key=${goodApiKey}`)
  expect(error).toMatchObject({
    code: "provider_unavailable",
    cause: { reason: "connection_failed", sent: true }
  })
  const shown = `${inspect(error, { depth: 20, showHidden: true })} ${host.logLines.join()}`
  expect(shown).not.toContain(goodApiKey)
  expect(shown).not.toContain("canary-query")
})

it("gives up an API that sends no headers in the time that was given", async () => {
  api.state.respond = () => undefined
  const impatient = host.hawser.tenant("acme").connection("projects", { headersTimeout: 100 }).fetch
  expect(await caught(impatient(`${url}/x`))).toMatchObject({
    code: "provider_unavailable",
    cause: { reason: "timeout" }
  })
})
