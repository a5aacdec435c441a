import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

const run = promisify(execFile)

let host: TestHost
let token: string

beforeAll(async () => {
  host = await startTestHost(await freshPostgres())
  token = await host.token()
})
afterAll(() => host.close())

/** A line of the reference, as it is written there: no content type, so curl sends a form's. */
const curl = async (...line: ReadonlyArray<string>) => {
  const { stdout } = await run("curl", [
    "-s",
    "-w",
    "\n%{http_code}",
    "-H",
    `Authorization: Bearer ${token}`,
    ...line
  ])
  const end = stdout.lastIndexOf("\n")
  return {
    status: Number(stdout.slice(end)),
    body: JSON.parse(stdout.slice(0, end)) as Record<string, unknown>
  }
}

it("the reference's own curl lines work as written", async () => {
  const url = `${host.origin}/v1/integrations`
  const authorize = await curl(
    "-X",
    "POST",
    `${url}/projects/connect`,
    "-d",
    `{"redirectUrl": "${host.cookieRedirect}"}`
  )
  expect(authorize).toEqual({
    status: 200,
    body: {
      authorizationUrl: expect.stringContaining("code_challenge") as unknown,
      state: expect.any(String) as unknown
    }
  })

  const stored = await curl(
    "-X",
    "POST",
    `${url}/beacon/credentials`,
    "-d",
    `{"credentials": {"api_key": "${goodApiKey}"}, "label": "Main"}`
  )
  expect(stored.status).toBe(201)
  expect(stored.body).toMatchObject({ provider: "beacon", label: "Main", status: "validated" })

  const connected = await curl(
    "-X",
    "POST",
    `${url}/beacon/connect`,
    "-d",
    `{"credentialId": "${String(stored.body["credentialId"])}"}`
  )
  expect(connected.status).toBe(200)
  expect(connected.body).toMatchObject({ provider: "beacon", status: "connected" })

  const listed = await curl(`${url}?status=connected`)
  expect(listed).toMatchObject({ status: 200, body: { total: 1 } })

  const catalog = await curl(`${url}/catalog?category=monitoring`)
  expect(catalog).toMatchObject({
    status: 200,
    body: { total: 1, items: [{ provider: "beacon", requiredFields: ["api_key"] }] }
  })
})

it("what is wrong with a line is told by the contract's status and code", async () => {
  const url = `${host.origin}/v1/integrations`
  const redirect = `{"redirectUrl": "${host.cookieRedirect}"}`
  const wrong: ReadonlyArray<readonly [number, string, ReadonlyArray<string>]> = [
    [404, "not_found", [`${host.origin}/v1/nothing`]],
    [405, "method_not_allowed", ["-X", "DELETE", `${url}/catalog`]],
    [
      401,
      "unauthorized",
      [
        "-H",
        "Authorization: Bearer nonsense",
        "-X",
        "POST",
        `${url}/projects/connect`,
        "-d",
        redirect
      ]
    ],
    [404, "provider_not_found", ["-X", "POST", `${url}/nothing/connect`, "-d", redirect]],
    [
      415,
      "unsupported_media_type",
      ["-X", "POST", `${url}/projects/connect`, "-d", "redirectUrl=x"]
    ],
    [
      413,
      "payload_too_large",
      ["-X", "POST", `${url}/projects/connect`, "-d", `{"redirectUrl": "${"x".repeat(70_000)}"}`]
    ],
    [400, "validation_error", ["-X", "POST", `${url}/projects/connect`, "-d", "{}"]],
    [
      400,
      "validation_error",
      ["-X", "POST", `${url}/projects/connect`, "-d", '{"redirectUrl": "https://evil.example"}']
    ],
    [
      400,
      "validation_error",
      ["-X", "POST", `${url}/beacon/credentials`, "-d", '{"credentials": {}}']
    ],
    [
      422,
      "credential_validation_failed",
      ["-X", "POST", `${url}/beacon/credentials`, "-d", '{"credentials": {"api_key": "wrong"}}']
    ],
    [
      404,
      "credential_not_found",
      [
        "-X",
        "POST",
        `${url}/beacon/connect`,
        "-d",
        '{"credentialId": "crd_01ARZ3NDEKTSV4RRFFQ69G5FAV"}'
      ]
    ],
    [400, "validation_error", [`${url}?status=nonsense`]],
    [400, "validation_error", [`${url}/catalog?category=nonsense`]],
    [
      404,
      "flow_not_found",
      ["-X", "POST", `${url}/projects/complete`, "-d", `{"flowId": "${"x".repeat(43)}"}`]
    ]
  ]
  for (const [status, error, line] of wrong) {
    const answer = await curl(...line)
    expect([line.at(-1)?.slice(0, 80), answer.status, answer.body["error"]]).toEqual([
      line.at(-1)?.slice(0, 80),
      status,
      error
    ])
    expect(typeof answer.body["message"]).toBe("string")
  }
  token = await host.token({ roles: ["member"] })
  expect(await curl("-X", "POST", `${url}/projects/connect`, "-d", redirect)).toMatchObject({
    status: 403,
    body: { error: "forbidden" }
  })
})
