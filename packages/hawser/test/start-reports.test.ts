import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createHawser, createHawserJobs, type HawserOptions, jwt, memory, postgres } from "hawser"
import { describe, expect, it, onTestFinished } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { connectProjects, eventually } from "./support/flow.ts"
import { startTestHost } from "./support/host.ts"

const freshKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

/** What was logged as an error. */
const recorded = () => {
  const lines: Array<string> = []
  const ignore = () => {}
  const error = (text: string, details: object) => lines.push(`${text} ${JSON.stringify(details)}`)
  return { lines, logger: { messageFirst: { info: ignore, warn: ignore, error } } }
}

const database = async () => {
  const { drop, url } = await createDatabase()
  onTestFinished(() => drop())
  return url
}

describe("the start reports", () => {
  it("an encryption key that does not open what is stored, and nothing with one that does", async () => {
    const url = await database()
    const encryptionKey = freshKey()
    const host = await startTestHost(postgres({ url }), { workers: "off", encryptionKey })
    await connectProjects(host, { as: { tenant: "acme", user: "ada" } })
    await host.close()
    const start = async (key: HawserOptions["encryptionKey"]) => {
      const { lines, logger } = recorded()
      const store = postgres({ url })
      const jobs = await createHawserJobs({
        providers: [],
        store,
        encryptionKey: key,
        workers: "off",
        logger
      })
      await jobs.close()
      return lines
    }
    expect(await start(encryptionKey)).toEqual([])
    expect(await start([freshKey(), encryptionKey])).toEqual([])
    const wrong = freshKey()
    const lines = await start(wrong)
    expect(lines).toEqual([expect.stringMatching(/stored secret does not open.*unknown_key/)])
    expect(lines.join()).not.toContain(wrong)
  })

  it("no key where nothing is stored", async () => {
    const { lines, logger } = recorded()
    const options = { providers: [], encryptionKey: freshKey(), logger }
    for (const store of [memory(), postgres({ url: await database() })])
      await (await createHawserJobs({ ...options, store, workers: "off" })).close()
    expect(lines).toEqual([])
  })

  it("a database that takes no writes", async () => {
    const url = await database()
    const options = { providers: [], encryptionKey: freshKey(), workers: "off" } as const
    await (await createHawserJobs({ ...options, store: postgres({ url }) })).close()
    const name = new URL(url).pathname.slice(1)
    await query(url, `ALTER DATABASE "${name}" SET default_transaction_read_only = on`)
    const { lines, logger } = recorded()
    await (await createHawserJobs({ ...options, store: postgres({ url }), logger })).close()
    expect(lines).toEqual([expect.stringMatching(/database of postgres\.url is read-only/)])
  })

  it.each([
    ["answers 503", 503, "{}"],
    ["answers a page", 200, "<html>canary</html>"],
    ["has no key", 200, '{"keys": []}'],
    ["is not there", undefined, ""]
  ])("a key set that %s", async (_, status, body) => {
    const server = createServer((_request, response) => {
      response.writeHead(status ?? 200, { "content-type": "application/json" }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void server.close())
    // Nobody listens at port 1.
    const port = status === undefined ? 1 : (server.address() as AddressInfo).port
    const { lines, logger } = recorded()
    const hawser = await createHawser({
      publicUrl: "https://app.example.com",
      allowedRedirectUrls: ["https://app.example.com/done"],
      authenticate: jwt({
        issuer: "https://login.example.com/",
        audience: "app",
        jwksUrl: `http://127.0.0.1:${port}/jwks.json?code=canary`
      }),
      providers: [],
      store: memory(),
      encryptionKey: freshKey(),
      workers: "off",
      logger
    })
    await eventually("a line", () => lines.length > 0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/key set http:\/\/127\.0\.0\.1:\d+\/jwks\.json cannot be loaded/)
    expect(lines[0]).not.toContain("canary")
    await hawser.close()
  })
})
