import { Logger } from "@nestjs/common"
import { randomBytes } from "node:crypto"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { start as onExpress } from "./nestjs/express.ts"
import { start as onFastify } from "./nestjs/fastify.ts"

// What Nest tells of its start.
Logger.overrideLogger(false)

const sameOrigin = { "sec-fetch-site": "same-origin" }

describe.each([
  ["Express", onExpress],
  ["Fastify", onFastify]
] as const)("NestJS on %s", (_, start) => {
  const started = async (): Promise<string> => {
    vi.stubEnv("PUBLIC_URL", "http://127.0.0.1:3000")
    vi.stubEnv("DATABASE_URL", (await createDatabase()).url)
    vi.stubEnv("HAWSER_ENCRYPTION_KEY", randomBytes(32).toString("base64"))
    const app = await start(0)
    onTestFinished(() => app.close())
    return app.getUrl()
  }

  it("has one Hawser that is mounted, injected, and closed with the application", async () => {
    const origin = await started()
    const catalog = await fetch(`${origin}/v1/integrations/catalog`)
    expect(await catalog.json()).toMatchObject({ items: [{ provider: "datadog" }] })
    const own = await fetch(`${origin}/connections`)
    expect(await own.json()).toEqual([])
  })

  it("knows who has signed in, and reads the bodies that Nest's own parser would read", async () => {
    const origin = await started()
    const list = await fetch(`${origin}/v1/integrations`, { headers: sameOrigin })
    expect([list.status, await list.json()]).toEqual([200, { items: [], total: 0 }])
    const connect = await fetch(`${origin}/v1/integrations/datadog/connect`, {
      method: "POST",
      headers: {
        ...sameOrigin,
        "content-type": "application/json",
        origin: "http://127.0.0.1:3000"
      },
      body: JSON.stringify({ credentialId: crypto.randomUUID() })
    })
    expect([connect.status, await connect.json()]).toMatchObject([
      404,
      { error: "credential_not_found" }
    ])
    const head = await fetch(`${origin}/v1/integrations/datadog/callback`, { method: "HEAD" })
    expect(head.status).toBe(405)
  })
})
