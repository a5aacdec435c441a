import { once } from "node:events"
import { connect } from "node:net"
import { setImmediate as nextTurn } from "node:timers/promises"
import { afterAll, describe, expect, it } from "vitest"
import { TestBrowser } from "../../../test-support/browser.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { spawnServer, untilListening } from "./support/process.ts"
import { publicUrl, redirectUrl, startSurroundings } from "./support/surroundings.ts"

const { config, slowCheck, token } = await startSurroundings()
const database = await createDatabase()
afterAll(database.drop)

const adapters = ["node", "express", "fastify"] as const
const timeout = 60_000

const start = async (HAWSER_ADAPTER: string) => {
  const started = spawnServer(config, { HAWSER_ADAPTER, DATABASE_URL: database.url })
  return { ...started, ...(await untilListening(started)) }
}

const call = async (
  origin: string,
  method: string,
  path: string,
  { tenant, body }: { readonly tenant: string; readonly body?: object }
): Promise<Response> =>
  fetch(`${origin}/api/v1/integrations${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await token({ tenant })}`,
      ...(body !== undefined && { "content-type": "application/json" })
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })

/** Starts a flow at one process and brings the browser back to another. */
const flow = async (tenant: string, from: string, to: string): Promise<URL> => {
  const started = await call(from, "POST", "/projects/connect", { tenant, body: { redirectUrl } })
  expect(started.status).toBe(200)
  const { authorizationUrl } = (await started.json()) as { authorizationUrl: string }
  const browser = new TestBrowser()
  const [cookie = ""] = started.headers.getSetCookie()
  expect(cookie).toContain("__Host-")
  browser.setCookie(to, cookie)
  const callback = await browser.follow(authorizationUrl, `${publicUrl}/`)
  const back = await browser.request(`${to}${callback.pathname}${callback.search}`)
  expect(back.status).toBe(303)
  return new URL(back.headers.get("location") ?? "")
}

const storeKey = (origin: string, tenant: string, key: string): Promise<Response> =>
  call(origin, "POST", "/beacon/credentials", { tenant, body: { credentials: { api_key: key } } })

describe.each(adapters)("on %s", (adapter) => {
  it(
    "serves the contract under its prefix",
    async () => {
      const tenant = `serves-${adapter}`
      const { child, ended, lines, origin, stderr } = await start(adapter)
      const catalog = await fetch(`${origin}/api/v1/integrations/catalog`)
      expect(await catalog.json()).toMatchObject({ total: 3 })
      expect((await fetch(`${origin}/v1/integrations/catalog`)).status).toBe(404)
      expect((await fetch(`${origin}/api/v1/integrations`)).status).toBe(401)

      expect((await flow(tenant, origin, origin)).searchParams.get("status")).toBe("connected")
      const list = await call(origin, "GET", "", { tenant })
      expect(await list.json()).toMatchObject({
        items: [{ provider: "projects", status: "connected" }]
      })

      child.kill("SIGTERM")
      expect(await ended).toBe(0)
      expect(lines).toEqual([expect.stringContaining(`(${adapter}) for ${publicUrl}`)])
      expect(await stderr).toBe("")
    },
    timeout
  )

  it(
    "on SIGTERM finishes the call under way, and the next process finds what it answered",
    async () => {
      const tenant = `ends-${adapter}`
      const first = await start(adapter)
      // As browsers do ahead of time: nothing is ever sent on it, and nobody but the server closes it.
      await once(connect(Number(new URL(first.origin).port), "127.0.0.1"), "connect")
      const storing = storeKey(first.origin, tenant, "slow")
      const answer = await slowCheck()
      first.child.kill("SIGTERM")
      // The end has begun: nobody is let in any more.
      while (
        await fetch(first.origin).then(
          () => true,
          () => false
        )
      )
        await nextTurn()
      answer()
      const stored = await storing
      expect(stored.status).toBe(201)
      expect(await first.ended).toBe(0)

      const { credentialId } = (await stored.json()) as { credentialId: string }
      const second = await start(adapter)
      const connected = await call(second.origin, "POST", "/beacon/connect", {
        tenant,
        body: { credentialId }
      })
      expect(connected.status).toBe(200)
    },
    timeout
  )
})

it(
  "two share a database: a flow started on one completes on the other, and a kill loses nothing that was answered",
  async () => {
    const [first, second] = await Promise.all([start("node"), start("fastify")])
    const end = await flow("shared", first.origin, second.origin)
    expect(end.searchParams.get("status")).toBe("connected")

    const stored = await storeKey(first.origin, "shared", "key")
    expect(stored.status).toBe(201)
    const { credentialId } = (await stored.json()) as { credentialId: string }
    const body = { credentialId }
    const answer = await call(first.origin, "POST", "/beacon/connect", { tenant: "shared", body })
    expect(answer.status).toBe(200)
    first.child.kill("SIGKILL")
    await first.ended
    const list = await call(second.origin, "GET", "?status=connected", { tenant: "shared" })
    expect(await list.json()).toMatchObject({
      items: [{ provider: "beacon" }, { provider: "projects" }]
    })
  },
  timeout
)

it(
  "without DATABASE_URL keeps everything in a folder of its own",
  async () => {
    const started = spawnServer(config)
    const { origin } = await untilListening(started)
    const stored = await storeKey(origin, "embedded", "key")
    expect(stored.status).toBe(201)
    started.child.kill("SIGTERM")
    expect(await started.ended).toBe(0)
  },
  // PGlite makes its database first.
  2 * timeout
)

it(
  "ends with 1 where the port is taken",
  async () => {
    const { origin } = await start("node")
    const environment = { PORT: new URL(origin).port, DATABASE_URL: database.url }
    const second = spawnServer(config, environment)
    expect(await second.ended).toBe(1)
    expect(await second.stderr).toContain("EADDRINUSE")
  },
  timeout
)
