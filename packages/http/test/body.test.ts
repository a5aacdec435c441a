import { describe, expect, it } from "vitest"
import { cookieUrl } from "./support/flow.ts"
import { bodyOf, makeHost, outcomeOf } from "./support/host.ts"

const json = { "content-type": "application/json" }

const connect = async (
  body: BodyInit | undefined,
  headers: Record<string, string> = json
): Promise<string> => {
  const host = await makeHost()
  const response = await host.send("POST", "/forge/connect", {
    token: await host.issuer.token(),
    headers,
    ...(body !== undefined && { body })
  })
  return response.ok ? String(response.status) : outcomeOf(response)
}

const good = JSON.stringify({ redirectUrl: cookieUrl })

/** A body that comes in pieces and announces no length. */
const streamed = (...chunks: ReadonlyArray<string>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    }
  })

describe("media types", () => {
  it.each([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "application/x-www-form-urlencoded"
  ])("%s is read as JSON", async (type) => {
    expect(await connect(good, { "content-type": type })).toBe("200")
  })

  it.each([
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/json; charset=utf-16",
    "multipart/form-data; boundary=x",
    "application/merge-patch+json",
    ""
  ])("%s is 415", async (type) => {
    expect(await connect(good, { "content-type": type })).toBe("415 unsupported_media_type")
  })

  it("a body without a content type is 415, neither of them is an empty object", async () => {
    expect(await connect(streamed(good), {})).toBe("415 unsupported_media_type")
    expect(await connect(undefined, {})).toBe("400 validation_error")
    expect(await connect("")).toBe("400 validation_error")
  })
})

describe("a body that the host has read", () => {
  const posted = async (path: string, headers: Record<string, string>) => {
    const host = await makeHost()
    const authorization = `Bearer ${await host.issuer.token()}`
    const url = `https://process.test/api/v1/integrations/forge/${path}`
    const init = { method: "POST", headers: { authorization, ...headers }, body: good }
    return { host, request: new Request(url, init) }
  }

  it.each([
    ["connect", json],
    ["callback", { "content-type": "application/x-www-form-urlencoded" }]
  ])(
    "is named in the answer to %s and in the log, and nothing is said to be missing",
    async (path, headers) => {
      for (const read of [
        (request: Request) => request.text(),
        (request: Request) => request.body?.getReader(),
        async (request: Request) => {
          const reader = request.body?.getReader()
          await reader?.read()
          reader?.releaseLock()
        }
      ]) {
        const { host, request } = await posted(path, headers)
        await read(request)
        const response = await host.handle(request)
        expect(response.status).toBe(500)
        const { error, message, requestId } = await bodyOf(response)
        expect(error).toBe("internal_error")
        expect(message).toContain("The body was read before the request came to Hawser.")
        expect(host.logs.join()).toContain(requestId)
      }
    }
  )

  it("costs nothing where a copy of it was read", async () => {
    const { host, request } = await posted("connect", json)
    await request.clone().text()
    expect((await host.handle(request)).status).toBe(200)
  })

  it("is told to callers only", async () => {
    const { host, request } = await posted("connect", { ...json, authorization: "Bearer wrong" })
    await request.text()
    expect((await host.handle(request)).status).toBe(401)
  })
})

describe("sizes", () => {
  const padded = (length: number) => good.padEnd(length, " ")

  it("64 KiB are read, one byte more is 413", async () => {
    expect(await connect(padded(65_536))).toBe("200")
    expect(await connect(padded(65_537))).toBe("413 payload_too_large")
  })

  it("a length that is announced is believed before anything is read", async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++
          controller.enqueue(new Uint8Array(1024))
        }
      },
      { highWaterMark: 0 }
    )
    const headers = { ...json, "content-length": "1000000000" }
    expect(await connect(endless, headers)).toBe("413 payload_too_large")
    expect(pulled).toBe(0)
  })

  it("a body that announces nothing is counted while it is read, and not read on", async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16_384))
      }
    })
    expect(await connect(endless)).toBe("413 payload_too_large")
    expect(pulled).toBeLessThan(10)
  })

  it("a body in pieces is put together", async () => {
    expect(await connect(streamed(good.slice(0, 9), good.slice(9, 20), good.slice(20)))).toBe("200")
  })

  it("a body that breaks off is 400", async () => {
    const broken = new ReadableStream({
      start: (controller) => controller.error(new Error("gone"))
    })
    expect(await connect(broken)).toBe("400 validation_error")
  })
})

describe("S-69 what JSON may hold", () => {
  it.each([
    ["no JSON", "{redirectUrl}"],
    ["half of it", good.slice(0, -1)],
    ["a list", `[${good}]`],
    ["null", "null"],
    ["text", '"text"'],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["__proto__", `{"redirectUrl":"${cookieUrl}","__proto__":{"isAdmin":true}}`],
    ["constructor", `{"redirectUrl":"${cookieUrl}","constructor":{"prototype":{}}}`],
    ["__proto__ deep inside", '{"credentials":{"api_key":{"__proto__":{}}}}'],
    ["20 levels", `{"redirectUrl":${"[".repeat(20)}${"]".repeat(20)}}`],
    ["10,000 members", `{"redirectUrl":[${"1,".repeat(10_000)}1]}`]
  ])("%s is refused before anyone looks inside", async (_, body) => {
    const host = await makeHost()
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      headers: json,
      body
    })
    expect(response.status).toBe(400)
    expect((await bodyOf(response)).details).toEqual([{ path: "body", code: "invalid" }])
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false)
  })
})
