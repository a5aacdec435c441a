import { createHawser, type HawserOptions, jwt, memory, nodeHandler } from "hawser"
import { expect, it, onTestFinished, vi } from "vitest"
import { issued, token } from "./support/caller.ts"
import { listen } from "./support/host.ts"

const byToken = jwt(issued)

/** Answers requests over `node:http`, and counts the web objects that are made for them. */
const ask = async (authenticate: HawserOptions["authenticate"], path: string) => {
  const hawser = await createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: ["https://app.example.com/done"],
    authenticate,
    providers: [],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    workers: "off"
  })
  const server = await listen(nodeHandler(hawser.handler))
  onTestFinished(async () => {
    await server.close()
    await hawser.close()
  })
  const made: Array<string> = []
  for (const name of ["Request", "Response"] as const) {
    const counted = new Proxy(globalThis[name], {
      construct: (target, given, newTarget) => {
        made.push(name)
        return Reflect.construct(target, given, newTarget) as object
      }
    })
    vi.stubGlobal(name, counted)
  }
  onTestFinished(() => void vi.unstubAllGlobals())
  const headers = { authorization: `Bearer ${token}`, "x-one": "1" }
  const { status } = await fetch(`${server.origin}/v1/integrations${path}`, { headers })
  return { made, status }
}

it("a request over node:http makes no web Request and no Response", async () => {
  expect(await ask(byToken, "?limit=1")).toEqual({ made: [], status: 200 })
  expect(await ask(byToken, "/nothing")).toEqual({ made: [], status: 404 })
})

it("a function of the host's is given a web Request of its own", async () => {
  const seen: Array<Request> = []
  const authenticate = async (request: Request) => {
    seen.push(request)
    return { tenantId: "acme", userId: "ada", roles: ["admin"] as const }
  }
  expect(await ask(authenticate, "?limit=1")).toEqual({ made: ["Request"], status: 200 })
  const [request] = seen
  expect(request).toBeInstanceOf(Request)
  expect(request?.url).toBe("http://hawser.invalid/v1/integrations?limit=1")
  expect(request?.headers.get("x-one")).toBe("1")
  expect(request?.headers.get("authorization")).toBe(`Bearer ${token}`)
})
