import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { createHawser, datadog, github, memory } from "hawser"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { curlLinesOf, runCurl } from "./support/curl.ts"
import { makeIssuer } from "./support/issuer.ts"
import { mounts, prefix } from "./support/mounts.ts"

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
const lines = curlLinesOf(readme)

/** Datadog's API, as far as the check of its keys goes. */
const keyService = createServer((request, response) => {
  const isGood =
    request.headers["dd-api-key"] === "k1" && request.headers["dd-application-key"] === "k2"
  response.writeHead(isGood ? 200 : 403, { "content-type": "application/json" })
  response.end('{"status":"ok"}')
})

beforeAll(async () => {
  await runCurl("curl --version", {}).catch((cause: unknown) => {
    throw new Error(
      "Install bash and curl (Debian: apt-get install curl): the README's lines are run.",
      { cause }
    )
  })
  await once(keyService.listen(0, "127.0.0.1"), "listening")
})
afterAll(() => void keyService.close())

const startHost = async (mount: (typeof mounts)[string]) => {
  const { authenticate, mintToken } = await makeIssuer()
  const { definition } = datadog()
  const { port } = keyService.address() as AddressInfo
  const hawser = await createHawser({
    publicUrl: `https://app.example.com${prefix}`,
    allowedRedirectUrls: ["https://app.example.com/settings/integrations"],
    authenticate,
    providers: [
      github({ clientId: "readme-client", clientSecret: "readme-secret" }),
      {
        definition: {
          ...definition,
          check: { ...definition.check, url: `http://127.0.0.1:${port}/validate_keys` }
        }
      }
    ],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    unsafelyAllowLoopback: true
  })
  onTestFinished(() => hawser.close())
  const { baseUrl, close, fetch } = await mount(hawser.handler)
  onTestFinished(close)
  const token = await mintToken({ tenantId: "acme-inc", userId: "ada", roles: ["admin"] })
  return { url: fetch === undefined ? baseUrl : await serve(fetch), token }
}

/** The handler on a server that speaks `Request` and `Response`, which is Hono's on Node. */
const serve = async (fetch: (request: Request) => Promise<Response>) => {
  const server = createAdaptorServer({ fetch })
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`
}

const text: unknown = expect.any(String)
const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern)

const json = (status: number, answer: object) => ({
  status,
  contentType: textLike(/^application\/json/),
  answer
})

/** What each line of the README is answered, by its method and path. */
const answers: Readonly<Record<string, object>> = {
  "GET /catalog": json(200, {
    total: 2,
    items: [
      { provider: "datadog", authType: "api_key", requiredFields: ["api_key", "application_key"] },
      { provider: "github", authType: "oauth2" }
    ]
  }),
  "POST /github/connect": json(200, {
    authorizationUrl: textLike(/^https:\/\/github\.com\/login\/oauth\/authorize\?/),
    state: text
  }),
  "POST /datadog/credentials": json(201, {
    credentialId: textLike(/^crd_/),
    provider: "datadog",
    status: "validated",
    createdAt: text
  }),
  "POST /datadog/connect": json(200, {
    integrationId: textLike(/^int_/),
    provider: "datadog",
    status: "connected",
    connectedAt: text
  }),
  "GET ": json(200, {
    total: 1,
    items: [{ provider: "datadog", status: "connected", connectedBy: "ada" }]
  }),
  "DELETE /datadog": { status: 204, contentType: "", answer: undefined }
}

const operationOf = (line: string): string => {
  const { method = "GET", path = "" } =
    /^curl (?:-X (?<method>[A-Z]+) )?"?\$HAWSER_URL\/v1\/integrations(?<path>[^\s"]*)/.exec(line)
      ?.groups ?? {}
  return `${method} ${path}`
}

it("the README's curl lines are these, and it names every variable that they want", () => {
  expect(lines.map(operationOf)).toEqual(Object.keys(answers))
  const wanted = new Set(lines.flatMap((line) => line.match(/\$\w+/g) ?? []))
  expect([...wanted].filter((name) => !readme.includes(`\`${name.slice(1)}\``))).toEqual([])
})

describe.each(Object.entries(mounts))("on %s", (_, mount) => {
  it("the README's curl lines work as written", async () => {
    const { token, url } = await startHost(mount)
    let credentialId = ""
    for (const line of lines) {
      const { body, contentType, status } = await runCurl(line, {
        HAWSER_URL: url,
        TOKEN: token,
        DD_API_KEY: "k1",
        DD_APP_KEY: "k2",
        CREDENTIAL_ID: credentialId
      })
      const answer = body === "" ? undefined : (JSON.parse(body) as Record<string, unknown>)
      expect([line, { status, contentType, answer }]).toMatchObject([
        line,
        answers[operationOf(line)]
      ])
      if (operationOf(line) === "POST /datadog/credentials")
        credentialId = String(answer?.["credentialId"])
    }
  })
})
