import { once } from "node:events"
import { connect } from "node:net"
import { setImmediate as nextTurn } from "node:timers/promises"
import { afterAll, expect, it } from "vitest"
import { TestBrowser } from "../../../test-support/browser.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { spawnServer, untilListening } from "./support/process.ts"
import { publicUrl, redirectUrl, startSurroundings } from "./support/surroundings.ts"

const { config, slowCheck, token } = await startSurroundings()
const database = await createDatabase()
afterAll(database.drop)

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

const connectStored = async (
  origin: string,
  { credentialId, tenant }: { readonly tenant: string; readonly credentialId: string }
): Promise<void> => {
  const answer = await call(origin, "POST", "/beacon/connect", { tenant, body: { credentialId } })
  expect(answer.status).toBe(200)
}

const storeKey = (origin: string, tenant: string, key: string): Promise<Response> =>
  call(origin, "POST", "/beacon/credentials", { tenant, body: { credentials: { api_key: key } } })

/** What the first process has stored while it ended, for the next. Each start costs seconds. */
let storedBefore: { readonly tenant: string; readonly credentialId: string } | undefined

it(
  "serves the contract under its prefix, and on SIGTERM finishes the call under way",
  async () => {
    const tenant = "on-express"
    const { child, ended, lines, origin, stderr } = await start("express")
    const catalog = await fetch(`${origin}/api/v1/integrations/catalog`)
    expect(await catalog.json()).toMatchObject({ total: 3 })
    expect((await fetch(`${origin}/v1/integrations/catalog`)).status).toBe(404)
    expect((await fetch(`${origin}/api/v1/integrations`)).status).toBe(401)

    expect((await flow(tenant, origin, origin)).searchParams.get("status")).toBe("connected")
    const list = await call(origin, "GET", "", { tenant })
    expect(await list.json()).toMatchObject({
      items: [{ provider: "projects", status: "connected" }]
    })

    // As browsers do ahead of time: nothing is ever sent on it, and nobody but the server closes it.
    await once(connect(Number(new URL(origin).port), "127.0.0.1"), "connect")
    const storing = storeKey(origin, tenant, "slow")
    const answer = await slowCheck()
    child.kill("SIGTERM")
    // The end has begun: nobody is let in any more.
    while (
      await fetch(origin).then(
        () => true,
        () => false
      )
    )
      await nextTurn()
    answer()
    const stored = await storing
    expect(stored.status).toBe(201)
    expect(await ended).toBe(0)
    expect(lines).toEqual([expect.stringContaining(`(express) for ${publicUrl}`)])
    expect(await stderr).toBe("")
    const { credentialId } = (await stored.json()) as { credentialId: string }
    storedBefore = { tenant, credentialId }
  },
  timeout
)

it(
  "two share a database with what an ended one answered: a flow started on one completes on the other, a third at a port that is taken ends with 1, and a kill loses nothing that was answered",
  async () => {
    const [first, second] = await Promise.all([start("node"), start("fastify")])
    if (storedBefore === undefined) throw new Error("The process before has stored nothing")
    await connectStored(first.origin, storedBefore)

    const end = await flow("shared", first.origin, second.origin)
    expect(end.searchParams.get("status")).toBe("connected")

    const stored = await storeKey(first.origin, "shared", "key")
    expect(stored.status).toBe(201)
    const { credentialId } = (await stored.json()) as { credentialId: string }
    await connectStored(first.origin, { tenant: "shared", credentialId })

    const { port } = new URL(second.origin)
    const third = spawnServer(config, { PORT: port, DATABASE_URL: database.url })
    expect(await third.ended).toBe(1)
    expect(await third.stderr).toContain("EADDRINUSE")

    first.child.kill("SIGKILL")
    await first.ended
    const list = await call(second.origin, "GET", "?status=connected", { tenant: "shared" })
    expect(await list.json()).toMatchObject({
      items: [{ provider: "beacon" }, { provider: "projects" }]
    })
    second.child.kill("SIGTERM")
    expect(await second.ended).toBe(0)
  },
  timeout
)
