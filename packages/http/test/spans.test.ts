import { Tracer } from "effect"
import { expect, it, onTestFinished, vi } from "vitest"
import { makeHost } from "./support/host.ts"

/** A tracer that keeps its spans, and all that is said of them. */
const recordingTracer = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const requests = () => spans.filter(({ name }) => name === "Hawser.request")
  return { requests, spans, tracer }
}

it("each request has one span, with its operation and status, when the host has a tracer", async () => {
  const { requests, spans, tracer } = recordingTracer()
  const host = await makeHost({ tracer })
  const token = await host.issuer.token()
  await host.send("GET", "", { token })
  await host.send("GET", "/forge", { token })
  await host.send("GET", "", { token: "wrong" })
  await host.send("GET", "/nothing/at/all", { token })
  expect(requests().map(({ attributes, kind }) => [kind, Object.fromEntries(attributes)])).toEqual([
    ["server", { "hawser.operation": "list", "http.response.status_code": 200 }],
    ["server", { "hawser.operation": "get", "http.response.status_code": 404 }],
    ["server", { "hawser.operation": "list", "http.response.status_code": 401 }],
    ["server", { "hawser.operation": undefined, "http.response.status_code": 404 }]
  ])
  expect(new Set(requests().map(({ traceId }) => traceId)).size).toBe(4)
  const [first] = requests()
  const list = spans.find(({ name }) => name === "Hawser.list")
  expect(list?.traceId).toBe(first?.traceId)
})

it("a request's span has nothing of the request in it", async () => {
  const { requests, tracer } = recordingTracer()
  const host = await makeHost({ tracer })
  await host.send("GET", "/forge/callback?code=canary-code&state=canary-state", {
    headers: { cookie: "canary=cookie", authorization: "Bearer canary-token" }
  })
  const [span] = requests()
  expect(span?.attributes.get("hawser.operation")).toBe("callback")
  const { annotations: _, ...told } = span ?? {}
  const said = JSON.stringify(told, (_key, value: unknown) =>
    value instanceof Map ? [...value] : typeof value === "bigint" ? String(value) : value
  )
  expect(said).toContain("Hawser.request")
  expect(said).not.toContain("canary")
})

it("no span is made when the host has no tracer", async () => {
  const made = vi.spyOn(Tracer.nativeTracer, "span")
  onTestFinished(() => made.mockRestore())
  const host = await makeHost()
  const token = await host.issuer.token()
  made.mockClear()
  expect((await host.send("GET", "", { token })).status).toBe(200)
  expect(made).not.toHaveBeenCalled()
})
