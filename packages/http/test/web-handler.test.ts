import { describe, expect, it } from "vitest"
import { type HandlerRequest, type HandlerResponse, webHandler } from "../src/index.ts"

const nothing: HandlerResponse = { status: 204, headers: {}, body: undefined }

/** What the handler was given for a request. */
const given = async (request: Request, context?: Parameters<ReturnType<typeof webHandler>>[1]) => {
  const seen: Array<HandlerRequest> = []
  await webHandler(async (one) => {
    seen.push(one)
    return nothing
  })(request, context)
  const [one] = seen
  if (one === undefined) throw new Error("The handler was not asked.")
  return one
}

const url = "https://process.test/api/v1/integrations/a%2Fb?state=a&state=b"
const posted = (body: BodyInit) =>
  new Request(url, { method: "POST", body, duplex: "half" } as RequestInit)

describe("a web request", () => {
  it("is its method, path, query, headers, and what the host knows besides", async () => {
    const headers = { "X-One": "1", cookie: "a=1; b=2" }
    const native = {}
    const request = await given(new Request(url, { method: "DELETE", headers }), {
      native,
      clientAddress: "203.0.113.9"
    })
    expect(request).toMatchObject({
      method: "DELETE",
      path: "/api/v1/integrations/a%2Fb",
      query: "?state=a&state=b",
      address: "203.0.113.9"
    })
    expect(request.native).toBe(native)
    expect(["x-one", "cookie", "x-none"].map(request.header)).toEqual(["1", "a=1; b=2", null])
  })

  it("without body is an empty one, and one that was read is none", async () => {
    expect(await (await given(new Request(url))).body()).toEqual(new Uint8Array())
    const read = posted("{}")
    await read.text()
    expect(await (await given(read)).body()).toBeUndefined()
  })

  it("is read to the byte that shows that there is too much, and not on", async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16_384))
      }
    })
    const bytes = await (await given(posted(endless))).body()
    expect(bytes?.length).toBeGreaterThan(65_536)
    expect(pulled).toBeLessThan(10)
  })

  it("of the host's functions has no body, so that the operation's is still there", async () => {
    const { body, toRequest } = await given(posted("mine"))
    expect(toRequest()).toMatchObject({ method: "POST", url, body: null })
    expect(new TextDecoder().decode(await body())).toBe("mine")
  })
})

describe("a web response", () => {
  const answered = (response: Partial<HandlerResponse>) =>
    webHandler(async () => ({ ...nothing, ...response }))(new Request(url))

  it("traps 9, 10: has each cookie by itself", async () => {
    const cookies = ["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT", "b=2"]
    const { headers } = await answered({ headers: { "set-cookie": cookies } })
    expect(headers.getSetCookie()).toEqual(cookies)
  })

  it("trap 12: without body has none, and no content type", async () => {
    for (const status of [200, 204, 303, 304]) {
      const response = await answered({ status, headers: { location: "https://app.example/" } })
      expect(response.status).toBe(status)
      expect(response.body).toBeNull()
      expect(response.headers.get("content-type")).toBeNull()
      expect(response.headers.get("location")).toBe("https://app.example/")
    }
  })
})
