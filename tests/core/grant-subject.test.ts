import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import {
  ConnectionStore,
  disconnect,
  type EgressRequest,
  newEventId,
  type OAuth2Definition,
  revokeQueued,
  tenantsDefault,
  UserId
} from "@hawser/core"
import {
  type Admin,
  ann,
  comeBack,
  cookieUrl,
  eve,
  forge,
  makeHost,
  provider,
  startFlow,
  tokenResponse
} from "./support/host.ts"

/**
 * A vendor at whose customers' own hosts one client is registered. Each of these servers names accounts by ids of its own, and
 * the host of a customer may be run by the customer.
 */
const definition: OAuth2Definition = {
  ...forge.definition,
  authorizationEndpoint: "https://{site}.forge.example/authorize",
  tokenEndpoint: "https://{site}.forge.example/token",
  fields: [{ name: "site", label: "Site", secret: false, format: "subdomain" }],
  account: { from: "request", url: "https://{site}.forge.example/me", id: ["id"] },
  revocation: { endpoint: "https://{site}.forge.example/revoke", ends: "grant" }
}

/** All servers name the same account: the second one claims it. */
const hostWithServers = (changes: Partial<OAuth2Definition> = {}, refreshToken = true) =>
  makeHost({
    providers: [{ ...forge, definition: { ...definition, ...changes } }],
    answer: ({ url }: EgressRequest) =>
      url.pathname === "/token"
        ? tokenResponse({
            access_token: `canary-of-${url.hostname}`,
            ...(refreshToken && { refresh_token: `canary-refresh-of-${url.hostname}` })
          })
        : url.pathname === "/me"
          ? Response.json({ id: "account-1" })
          : new Response()
  })

const connected = Effect.fnUntraced(function* (site: string, by: Admin = ann) {
  const outcome = yield* comeBack(yield* startFlow(cookieUrl, by, "forge", { site }))
  assert(outcome._tag === "Return")
  const { searchParams } = new URL(outcome.url)
  return searchParams.get("error") ?? searchParams.get("status")
})

const key = { tenantId: ann.tenantId, provider: forge.definition.id, ...tenantsDefault }

const revokedAt = ({ sent }: ReturnType<typeof makeHost>) =>
  sent.filter(({ url }) => url.pathname === "/revoke").map(({ url }) => url.hostname)

describe("S-100 an account is one server's", () => {
  it.effect(
    "a hostile server that claims a victim's account does not keep the victim's grant alive",
    () => {
      const host = hostWithServers()
      return Effect.gen(function* () {
        assert.strictEqual(yield* connected("acme"), "connected")
        assert.strictEqual(yield* connected("evil", eve), "connected")
        yield* disconnect(ann, yield* provider("forge"))
        yield* revokeQueued
        assert.deepStrictEqual(revokedAt(host), ["acme.forge.example", "acme.forge.example"])
        assert.notInclude(host.reported(), "revocation_left_out")
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("two tenants at one server share a grant: it is left out, and reported", () => {
    const host = hostWithServers()
    return Effect.gen(function* () {
      yield* connected("acme")
      yield* connected("acme", eve)
      yield* disconnect(ann, yield* provider("forge"))
      yield* revokeQueued
      assert.deepStrictEqual(revokedAt(host), [])
      assert.include(host.reported(), "revocation_left_out")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-27 the same id from another server is another account", () => {
    const host = hostWithServers()
    return Effect.gen(function* () {
      yield* connected("acme")
      const connections = yield* ConnectionStore
      const { account, id } = yield* connections.find(key)
      assert.deepStrictEqual(account, {
        id: "account-1",
        label: undefined,
        issuer: "acme.forge.example"
      })
      yield* connections.markRevoked(key, {
        quarantine: Duration.minutes(1),
        publish: {
          id: yield* newEventId,
          event: "integration.disconnected",
          disconnectedBy: UserId.make("system"),
          reason: "revoked"
        }
      })
      assert.strictEqual(yield* connected("evil"), "account_mismatch")
      assert.strictEqual(yield* connected("acme"), "connected")
      assert.strictEqual((yield* connections.find(key)).id, id)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-100 the issuer names it, where the definition has one for each tenant", () => {
    const host = hostWithServers({ issuer: "https://{site}.forge.example/realm" })
    return Effect.gen(function* () {
      yield* connected("acme")
      const connections = yield* ConnectionStore
      const { account } = yield* connections.find(key)
      assert.strictEqual(account?.issuer, "https://acme.forge.example/realm acme.forge.example")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("a server that all tenants have needs no name", () => {
    const host = makeHost({
      providers: [
        {
          ...forge,
          definition: { ...forge.definition, account: { from: "token_response", id: ["who"] } }
        }
      ],
      answer: () => tokenResponse({ who: "account-1" })
    })
    return Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow())
      assert(outcome._tag === "Return")
      const connections = yield* ConnectionStore
      assert.isUndefined((yield* connections.find(key)).account?.issuer)
    }).pipe(Effect.provide(host.layer))
  })
})
