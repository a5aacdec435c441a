import { createHash, createHmac } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { defineProvider, type HostAuthKind, type HostCredential, memory } from "hawser"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { listen, startTestHost, type TestHost } from "./support/host.ts"

const secret = "canary-signing-secret"

/** What the vendor signs: method, path with query, and the hash of the body. */
const signature = (key: string, method: string, target: string, body: Uint8Array | string) =>
  createHmac("sha256", key)
    .update([method, target, createHash("sha256").update(body).digest("hex")].join("\n"))
    .digest("hex")

const signed = (
  { fields }: HostCredential,
  method: string,
  target: string,
  body: Uint8Array | string = ""
) => ({
  "x-key": fields["key_id"] ?? "",
  "x-signature": signature(fields["secret"] ?? "", method, target, body)
})

/** A vendor that wants each request signed: no template of a definition can do that. */
const signedRequest: HostAuthKind = {
  id: "signed_request",
  configure: ({ fields }) =>
    fields.some(({ name }) => name === "secret")
      ? undefined
      : "The definition needs a field secret.",
  begin: "credential",
  use: (credential, { body, method, url }) => {
    if (body === "stream") throw new Error("A stream cannot be signed.")
    const { pathname, search } = new URL(url)
    return { headers: signed(credential, method, pathname + search, body) }
  },
  check: async (credential, send) => {
    const { status } = await send("/whoami", { headers: signed(credential, "GET", "/v1/whoami") })
    return status === 200 ? "accepted" : status === 401 ? "rejected" : "unknown"
  }
}

const definition = {
  id: "vault",
  displayName: "Vault",
  category: "security",
  description: "An API that wants each request signed.",
  authType: "api_key",
  authKind: "signed_request",
  fields: [
    { name: "key_id", label: "Key id", secret: false },
    { name: "secret", label: "Secret" }
  ]
} as const

interface Seen {
  readonly request: IncomingMessage
  readonly isSigned: boolean
}

const seen: Array<Seen> = []
let redirect: string | undefined
let kind: HostAuthKind = signedRequest
const closing: Array<() => unknown> = []

/** The vendor: 200 to what is signed, and 401 to everything else. */
const answer = async (request: IncomingMessage, response: ServerResponse) => {
  const { headers, method = "", url = "" } = request
  const expected = signature(secret, method, url, await buffer(request))
  const isSigned = headers["x-key"] === "k1" && headers["x-signature"] === expected
  seen.push({ request, isSigned })
  if (redirect !== undefined && url === "/v1/old")
    return response.writeHead(302, { location: redirect }).end()
  response.statusCode = isSigned ? 200 : 401
  return response.end("{}")
}

let host: TestHost

beforeAll(async () => {
  const api = await listen((request, response) => void answer(request, response))
  closing.push(api.close)
  // Each test may put a kind in the place of the first one.
  const current: HostAuthKind = {
    ...signedRequest,
    use: (...call) => kind.use(...call),
    check: (...call) => kind.check(...call)
  }
  host = await startTestHost(memory(), {
    authKinds: [current],
    providers: [defineProvider({ ...definition, api: { baseUrl: `${api.origin}/v1` } })]
  })
  closing.push(host.close)
})
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})
beforeEach(() => {
  seen.length = 0
  redirect = undefined
  kind = signedRequest
})

const store = (value: string) =>
  host.call("POST", "/vault/credentials", {
    body: { credentials: { key_id: "k1", secret: value } }
  })

const connected = async () => {
  const { credentialId } = (await (await store(secret)).json()) as { credentialId: string }
  const connect = await host.call("POST", "/vault/connect", { body: { credentialId } })
  expect([200, 409]).toContain(connect.status)
  return connect
}

const vault = (path: string, init?: RequestInit) =>
  host.hawser.tenant("acme").connection("vault").fetch(path, init)

describe("an auth kind of the host's", () => {
  it("connects, signs each call, is checked and disconnects, by the contract's own requests", async () => {
    const catalog = (await (await host.call("GET", "/catalog")).json()) as {
      items: ReadonlyArray<object>
    }
    expect(catalog.items).toMatchObject([
      { provider: "vault", authType: "api_key", requiredFields: ["key_id", "secret"] }
    ])

    const wrong = await store("canary-wrong-secret")
    expect(wrong.status).toBe(422)
    const stored = await store(secret)
    expect(stored.status).toBe(201)
    expect(await stored.json()).toMatchObject({ status: "validated" })
    expect((await connected()).status).toBe(200)

    seen.length = 0
    const called = await vault("/items?state=open", { method: "POST", body: '{"a":1}' })
    expect(called.status).toBe(200)
    expect(seen.map(({ isSigned }) => isSigned)).toEqual([true])

    const tested = await host.call("POST", "/vault/test")
    expect(await tested.json()).toMatchObject({ status: "ok" })

    expect((await host.call("DELETE", "/vault")).status).toBe(204)
    await expect(vault("/items")).rejects.toMatchObject({ code: "not_connected" })
    expect(host.logLines.join("\n")).not.toContain("canary-")
  })

  it("is asked again for the request that follows a redirect", async () => {
    await connected()
    seen.length = 0
    redirect = "/v1/new"
    expect((await vault("/old")).status).toBe(200)
    expect(seen.map(({ isSigned, request }) => [request.url, isSigned])).toEqual([
      ["/v1/old", true],
      ["/v1/new", true]
    ])
  })

  it.each([
    ["throws", () => Promise.reject(new Error("no"))],
    ["answers a header with a line end", () => ({ headers: { "x-key": "a\r\nx-admin: 1" } })],
    ["answers another host", () => ({ headers: { host: "evil.example" } })],
    ["answers nothing", () => undefined as never]
  ])("S-71 authKinds.use that %s sends nothing", async (_what, use) => {
    await connected()
    seen.length = 0
    kind = { ...signedRequest, use }
    await expect(vault("/items")).rejects.toMatchObject({
      code: "provider_misconfigured",
      reason: "auth_kind_failed"
    })
    expect(seen).toEqual([])
  })

  it("S-71 authKinds.check that throws, or answers nothing, decides nothing, and the key is stored unverified", async () => {
    for (const check of [() => Promise.reject(new Error("no")), async () => undefined as never]) {
      kind = { ...signedRequest, check }
      expect(await (await store(secret)).json()).toMatchObject({ status: "unverified" })
    }
  })

  it("reaches no other host than the definition's, whatever path it names", async () => {
    const elsewhere = ["//evil.example/x", "https://evil.example/x", "/../x", "x"]
    // Read as `..` by somebody on the way.
    const climbing = ["/%252e%252e/x", "/..;/x", "/a\\..\\..\\x", "/\uff0e\uff0e/x", "/..%2fx"]
    for (const path of [...elsewhere, ...climbing]) {
      kind = {
        ...signedRequest,
        check: async (_credential, send) => ((await send(path)).ok ? "accepted" : "rejected")
      }
      seen.length = 0
      expect(await (await store(secret)).json()).toMatchObject({ status: "unverified" })
      expect(seen).toEqual([])
    }
  })

  it("S-71 authKinds.configure that refuses a definition, or throws, stops the start", async () => {
    const start = (changes: Partial<HostAuthKind>) =>
      host.restart({ authKinds: [{ ...signedRequest, ...changes }] })
    await expect(start({ configure: () => "Not this one." })).rejects.toThrow("Not this one.")
    await expect(
      start({
        configure: () => {
          throw new Error("no")
        }
      })
    ).rejects.toThrow("authKinds.configure")
    await expect(start({ id: "api_key" })).rejects.toThrow("authKinds[0].id")
    await expect(start({ id: "another_kind" })).rejects.toThrow("authKind: signed_request")
    await start({})
  })
})

describe("an auth kind of the host's with renew", () => {
  const made: Array<string> = []
  const renewing = (renew: NonNullable<HostAuthKind["renew"]>): HostAuthKind => ({
    ...signedRequest,
    renew,
    use: ({ token = "" }) => ({ headers: { "x-key": "k1", "x-signature": token } })
  })

  it("has its token made once for several calls, and again when the API refuses it", async () => {
    const tokens = ["t-refused", signature(secret, "GET", "/v1/items", "")]
    const renew = async () => {
      const token = tokens[made.length] ?? ""
      made.push(token)
      return { token, expiresIn: 3600 }
    }
    kind = renewing(renew)
    await host.restart({ authKinds: [kind] })
    await connected()
    expect((await vault("/items")).status).toBe(200)
    expect((await vault("/items")).status).toBe(200)
    expect(made).toEqual(tokens)
  })

  it("S-71 authKinds.renew that throws says to try again, and one that answers null asks for another key", async () => {
    await host.restart({ authKinds: [renewing(() => Promise.reject(new Error("no")))] })
    await connected()
    await expect(vault("/items")).rejects.toMatchObject({ code: "provider_unavailable" })
    await host.restart({ authKinds: [renewing(async () => null)] })
    await connected()
    await expect(vault("/items")).rejects.toMatchObject({ code: "reconnect_required" })
  })
})
