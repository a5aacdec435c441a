import {
  AlreadyConnected,
  ConnectFailed,
  ConnectionStore,
  CredentialInUse,
  CredentialNotFound,
  CredentialRejected,
  DecryptionFailed,
  FlowNotFound,
  Forbidden,
  IntegrationNotFound,
  NotConnected,
  OAuthStateStore,
  ProviderId,
  ProviderNotFound,
  StorageUnavailable,
  TooManyPendingFlows,
  ValidationError
} from "@hawser/core"
import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import { errorAnswer } from "../src/errorAnswer.ts"
import {
  AuthenticationUnavailable,
  MethodNotAllowed,
  PayloadTooLarge,
  RateLimitExceeded,
  RouteNotFound,
  Unauthorized,
  UnsupportedMediaType
} from "../src/requestErrors.ts"
import { comeBack, startFlow } from "./support/flow.ts"
import { bodyOf, makeHost } from "./support/host.ts"

const secret = "canary SELECT * FROM grants at db.internal.test"

const storage = Effect.fail(new StorageUnavailable({ cause: new Error(secret) }))
const defect = Effect.die(new Error(secret))

/** Stores whose every method fails alike. */
const broken = (failure: Effect.Effect<never, StorageUnavailable>) =>
  Layer.mergeAll(
    Layer.succeed(ConnectionStore, {
      connect: () => failure,
      swapCredential: () => failure,
      disconnect: () => failure,
      find: () => failure,
      findById: () => failure,
      list: () => failure,
      grant: () => Effect.fail(new NotConnected({ provider: ProviderId.make("forge") })),
      acquireLease: () => failure,
      renewGrant: () => failure,
      deferRefresh: () => failure,
      endGrant: () => failure,
      markRevoked: () => failure,
      noteWithdrawal: () => failure,
      clearWithdrawal: () => failure,
      enqueueRevocation: () => failure
    }),
    Layer.succeed(OAuthStateStore, {
      start: () => failure,
      burn: () => failure,
      explainMiss: () => failure,
      park: () => failure,
      findParked: () => failure,
      takeParked: () => failure,
      abandonedChoices: () => failure,
      removeChoice: () => failure,
      sweep: failure
    })
  )

describe("S-70 the one map from errors to answers", () => {
  const provider = ProviderId.make("forge")
  const cause = new Error(secret)

  it.each([
    [new AlreadyConnected({ provider }), 409, "already_connected", {}],
    [new AuthenticationUnavailable({ cause }), 503, "authentication_unavailable", {}],
    [new ConnectFailed({ provider, reason: "provider_error" }), 400, "validation_error", {}],
    [new CredentialInUse(), 409, "credential_in_use", {}],
    [new CredentialNotFound(), 404, "credential_not_found", {}],
    [new CredentialRejected({ provider }), 422, "credential_validation_failed", {}],
    [new DecryptionFailed({ reason: "unknown_key" }), 500, "internal_error", {}],
    [new FlowNotFound(), 404, "flow_not_found", {}],
    [new Forbidden({ reason: "role" }), 403, "forbidden", {}],
    [new IntegrationNotFound(), 404, "integration_not_found", {}],
    [new MethodNotAllowed({ allow: "GET" }), 405, "method_not_allowed", { allow: "GET" }],
    [new PayloadTooLarge(), 413, "payload_too_large", {}],
    [new ProviderNotFound(), 404, "provider_not_found", {}],
    [new RateLimitExceeded({ retryAfter: 7 }), 429, "rate_limit_exceeded", { "retry-after": "7" }],
    [new RouteNotFound(), 404, "not_found", {}],
    [new StorageUnavailable({ cause }), 503, "storage_unavailable", {}],
    [
      new TooManyPendingFlows({ retryAfter: 9 }),
      429,
      "rate_limit_exceeded",
      { "retry-after": "9" }
    ],
    [
      new Unauthorized({ reason: "signature" }),
      401,
      "unauthorized",
      { "www-authenticate": 'Bearer error="invalid_token"' }
    ],
    [new UnsupportedMediaType(), 415, "unsupported_media_type", {}],
    [new ValidationError({ details: [] }), 400, "validation_error", {}]
  ])("%s", (error, status, code, headers) => {
    const answer = errorAnswer(error)
    expect([answer.status, answer.body.error, answer.headers]).toEqual([status, code, headers])
    // Neither what the host alone should read, nor why a caller was refused.
    expect(JSON.stringify(answer)).not.toMatch(/canary|keyring|signature|_tag/)
    expect(answer.body.requestId !== undefined).toBe(status >= 500)
  })
})

describe("S-70 S-71 what goes wrong on our side", () => {
  it.each([
    ["a store that cannot be reached is 503", storage, "503 storage_unavailable"],
    ["a defect is 500", defect, "500 internal_error"]
  ])("%s, with a fixed text and an id that stands in the log", async (_, failure, expected) => {
    const host = await makeHost({ stores: broken(failure) })
    const token = await host.issuer.token()
    for (const response of [
      await host.send("GET", "", { token }),
      await host.send("POST", "/forge/complete", { token, json: { flowId: "f" } }),
      await host.send("GET", "/forge/callback?code=c&state=s")
    ]) {
      const text = await response.clone().text()
      expect(text).not.toMatch(/canary|SELECT|internal\.test|Error:|\bat \//)
      const body = await bodyOf(response)
      expect(`${response.status} ${body.error}`).toBe(expected)
      expect(body.requestId).toMatch(/^[\da-f-]{36}$/)
      expect(host.logs.join("\n")).toContain(body.requestId)
      expect(response.headers.get("location")).toBeNull()
      expect(response.headers.get("cache-control")).toBe("no-store")
    }
  })

  it("a browser at the callback sees a page with that id", async () => {
    const host = await makeHost({ stores: broken(defect) })
    const response = await host.send("GET", "/forge/callback?code=c&state=s", {
      headers: { accept: "text/html" }
    })
    expect(response.status).toBe(500)
    const page = await response.text()
    expect(page).toMatch(/[\da-f]{8}-[\da-f]{4}-/)
    expect(page).not.toContain("canary")
  })

  it("a provider that throws in the middle of a flow does not take the process with it", async () => {
    const host = await makeHost()
    const started = await startFlow(host)
    host.world.set({
      token: () => {
        throw new Error(secret)
      }
    })
    const response = await comeBack(host, started)
    expect([303, 500]).toContain(response.status)
    expect(await response.text()).not.toContain("canary")
    expect((await host.send("GET", "/catalog")).status).toBe(200)
  })

  it("S-47 no secret reaches the log or the security events", async () => {
    const host = await makeHost()
    await comeBack(host, await startFlow(host))
    const started = await startFlow(
      host,
      undefined,
      await host.issuer.token({ tenant_id: "tenant-2" })
    )
    host.world.set({ token: () => Response.json({ error: "canary-error" }, { status: 500 }) })
    await comeBack(host, started)
    const token = await host.issuer.token()
    await host.send("POST", "/gauge/credentials", {
      token,
      json: { credentials: { api_key: "canary-key" } }
    })
    const written = JSON.stringify(host.events) + host.logs.join("\n")
    expect(written).not.toContain("canary")
    expect(written).not.toContain(token)
    expect(written).not.toContain(started.state)
  })
})
