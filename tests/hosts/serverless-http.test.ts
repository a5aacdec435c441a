import { expressHandler } from "@hawser/express"
import express, { type RequestHandler } from "express"
import { createHawser, datadog, memory, nodeHandler } from "hawser"
import serverless from "serverless-http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const redirectUrl = "https://app.example.com/integrations"

const start = () =>
  createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: [redirectUrl],
    authenticate: async ({ headers }) =>
      headers.get("authorization") === "Bearer good"
        ? { tenantId: "acme", userId: "ada", roles: ["admin"] }
        : null,
    providers: [datadog()],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    workers: "off"
  })

let hawser: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  hawser = await start()
})
afterAll(() => hawser.close())

const path = "/v1/integrations/datadog/connect"

/** What API Gateway hands to a function, as its REST API and as its HTTP API do. */
const events = {
  "1.0": (headers: Record<string, string>, body: string) => ({
    httpMethod: "POST",
    path,
    headers,
    body,
    requestContext: { identity: { sourceIp: "203.0.113.9" } }
  }),
  "2.0": (headers: Record<string, string>, body: string) => ({
    version: "2.0",
    rawPath: path,
    rawQueryString: "",
    headers,
    body,
    requestContext: { http: { method: "POST", path, sourceIp: "203.0.113.9" } }
  })
}

const mounts = {
  "node:http": () => nodeHandler(hawser.handler),
  Express: () => express().use("/v1/integrations", expressHandler(hawser.handler)),
  "Express behind its JSON parser": () =>
    express().use(express.json() as RequestHandler, expressHandler(hawser.handler))
}

describe.each(Object.entries(mounts))("serverless-http over %s", (_, mount) => {
  it.each(Object.entries(events))(
    "passes the caller and the body of an event of version %s on",
    async (_version, event) => {
      const handle = serverless(mount() as never)
      const call = async (authorization: string, body: object) => {
        const headers = { Authorization: authorization, "Content-Type": "application/json" }
        const answer = await handle(event(headers, JSON.stringify(body)), {})
        const { body: text, statusCode } = answer as { body: string; statusCode: number }
        return [statusCode, JSON.parse(text) as unknown]
      }
      const credentialId = "crd_01HQ3K5V7N8M9P0Q1R2S3T4V5W"
      expect(await call("Bearer good", { credentialId })).toMatchObject([
        404,
        { error: "credential_not_found" }
      ])
      expect(await call("Bearer good", {})).toMatchObject([
        400,
        { details: [{ path: "credentialId", code: "missing" }] }
      ])
      expect(await call("Bearer bad", { credentialId })).toMatchObject([401, {}])
    }
  )
})
