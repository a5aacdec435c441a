import type { Effect } from "effect"
import type { HttpClientError } from "effect/http"
import { describe, expectTypeOf, it } from "vitest"
import { type Client, createClient, type ErrorCode } from "../src/createClient.ts"
import type { completeIfReturned } from "../src/index.ts"

const api = createClient({ baseUrl: "https://app.example.com" })

describe("the client without Effect is typed by the declaration", () => {
  it("asks for what an operation needs, and for no more", () => {
    expectTypeOf<Parameters<Client["list"]>>().toExtend<[unknown?]>()
    expectTypeOf(api.list).toBeCallableWith()
    expectTypeOf(api.list).toBeCallableWith({ query: { status: "connected", limit: 5 } })
    // @ts-expect-error the path names a provider
    void (() => api.get())
    // @ts-expect-error a flow has an id
    void (() => api.complete({ params: { provider: "github" }, payload: {} }))
    // @ts-expect-error there is no such status
    void (() => api.list({ query: { status: "open" } }))
    // Browsers go there by themselves.
    expectTypeOf<Client>().not.toHaveProperty("callback")
  })

  it("answers plain values", () => {
    type Answer = Awaited<ReturnType<Client["get"]>>
    // An admin is told less of a user's own connection.
    type Detail = Extract<Answer, { readonly connectedBy: string }>
    expectTypeOf<Exclude<Answer, Detail>["userId"]>().toEqualTypeOf<string>()
    expectTypeOf<Detail["integrationId"]>().toEqualTypeOf<string>()
    expectTypeOf<Detail["status"]>().toEqualTypeOf<"connected" | "disconnected" | "error">()
    expectTypeOf<Detail["accountLabel"]>().toEqualTypeOf<string | undefined>()
    expectTypeOf<ReturnType<Client["disconnect"]>>().toEqualTypeOf<Promise<void>>()
  })

  it("knows the contract's codes", () => {
    expectTypeOf<"already_connected">().toExtend<ErrorCode>()
    expectTypeOf<"forbidden">().toExtend<ErrorCode>()
    expectTypeOf<"nonsense">().not.toExtend<ErrorCode>()
  })
})

describe("completeIfReturned with Effect", () => {
  it("has the contract's errors in its answer, not in its error channel", () => {
    type Failure = Effect.Error<ReturnType<typeof completeIfReturned>>
    expectTypeOf<HttpClientError.HttpClientError>().toExtend<Failure>()
    expectTypeOf<Extract<Failure, { readonly error: string }>>().toBeNever()
  })
})
