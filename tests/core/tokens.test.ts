import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import {
  accessToken,
  apiKey,
  Cipher,
  ConnectionStore,
  CredentialNotFound,
  CredentialStore,
  DecryptionFailed,
  disconnect,
  NotConnected,
  OtherCredentialKind,
  ReconnectRequired,
  Secret,
  StorageUnavailable,
  type IntegrationKey
} from "@hawser/core"
import { keyText, revealed } from "./support/crypto.ts"
import {
  ann,
  bob,
  connectForge,
  connectGauge,
  eve,
  forge,
  makeHost,
  provider,
  storeKey,
  tokenResponse,
  ofForge,
  ofGauge
} from "./support/host.ts"

const down = Effect.fail(new StorageUnavailable({ cause: "down" }))

const ofEve = (query: IntegrationKey): IntegrationKey => ({
  ...query,
  tenantId: eve.tenantId
})

const answering = (members: Readonly<Record<string, unknown>>) =>
  makeHost({ answer: () => tokenResponse(members) })

describe("the access token of a tenant", () => {
  it.effect("is what the provider issued, with its type, scopes and end", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      yield* connectForge()
      const token = yield* accessToken(ofForge)
      assert.strictEqual(yield* revealed(Effect.succeed(token.accessToken)), "canary-access-token")
      assert.strictEqual(token.tokenType, "bearer")
      assert.deepStrictEqual(token.scopes, ["repo"])
      assert.deepStrictEqual(token.expiresAt, DateTime.makeUnsafe(Date.UTC(2024, 3, 1, 1)))
      // S-47
      assert.notInclude(`${inspect(token, { depth: 20 })} ${JSON.stringify(token)}`, "canary")
    }).pipe(
      Effect.provide(answering({ expires_in: 3600, scope: "repo", token_type: "Bearer" }).layer)
    )
  )

  it.effect("of one tenant is never another's", () => {
    let issued = 0
    const { layer } = makeHost({
      answer: () => tokenResponse({ access_token: `token-${(issued += 1)}` })
    })
    return Effect.gen(function* () {
      yield* connectForge()
      assert.instanceOf(yield* Effect.flip(accessToken(ofEve(ofForge))), NotConnected)
      yield* connectForge(eve)
      const tokens = yield* Effect.forEach([ofForge, ofEve(ofForge)], (query) =>
        Effect.flatMap(accessToken(query), (token) => revealed(Effect.succeed(token.accessToken)))
      )
      assert.deepStrictEqual(tokens, ["token-1", "token-2"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-34 lives as long as the provider says, and not a second longer", () =>
    Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("3599 seconds")
      yield* accessToken(ofForge)
      yield* TestClock.adjust("1 second")
      const error = yield* Effect.flip(accessToken(ofForge))
      assert.instanceOf(error, ReconnectRequired)
      assert.strictEqual(error.reason, "token_expired")
      assert.strictEqual(
        error.message,
        "The access to forge has ended (token_expired). Ask the tenant's admin to connect it again."
      )
    }).pipe(Effect.provide(answering({ expires_in: 3600 }).layer))
  )

  it.effect("S-34 lives as long as the definition says where the provider tells nothing", () => {
    const definition = { ...forge.definition, defaultTokenLifetime: 60 }
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("60 seconds")
      assert.instanceOf(yield* Effect.flip(accessToken(ofForge)), ReconnectRequired)
    }).pipe(Effect.provide(makeHost({ providers: [{ ...forge, definition }] }).layer))
  })

  it.effect("without any lifetime has no end", () =>
    Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("3650 days")
      assert.isUndefined((yield* accessToken(ofForge)).expiresAt)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("is not there where nothing is connected; by an API key it is another call's", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      const none = yield* Effect.flip(accessToken(ofForge))
      assert.deepStrictEqual(none, new NotConnected({ provider: ofForge.provider }))
      const error = yield* Effect.flip(accessToken(ofGauge))
      assert.instanceOf(error, OtherCredentialKind)
      assert.match(error.message, /by an API key\. Call apiKey/)
      yield* disconnect(ann, yield* provider("gauge"))
      assert.instanceOf(yield* Effect.flip(accessToken(ofGauge)), NotConnected)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where its key is not in the keyring any more, and works with it", () => {
    const { layer } = makeHost()
    const others = makeHost({ encryptionKeys: [Secret(keyText(2))] })
    const both = makeHost({ encryptionKeys: [Secret(keyText(2)), Secret(keyText(1))] })
    return Effect.gen(function* () {
      yield* connectForge()
      const without = yield* Effect.provide(Cipher, Layer.fresh(others.layer))
      const error = yield* Effect.flip(
        accessToken(ofForge).pipe(Effect.provideService(Cipher, without))
      )
      assert.instanceOf(error, DecryptionFailed)
      assert.strictEqual(error.reason, "unknown_key")
      const rotated = yield* Effect.provide(Cipher, Layer.fresh(both.layer))
      yield* accessToken(ofForge).pipe(Effect.provideService(Cipher, rotated))
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-42 of another row does not open", () => {
    const { layer, reported } = makeHost()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* connectForge(eve)
      const error = yield* Effect.flip(accessToken(ofEve(ofForge))).pipe(
        Effect.updateService(ConnectionStore, (store) => ({
          ...store,
          grant: (key: Parameters<typeof store.grant>[0]) =>
            store.grant({ ...key, tenantId: ann.tenantId })
        }))
      )
      assert.instanceOf(error, DecryptionFailed)
      assert.include(reported(), "decryption_failed")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-42 is not the refresh token of its own row", () =>
    Effect.gen(function* () {
      yield* connectForge()
      const error = yield* Effect.flip(accessToken(ofForge)).pipe(
        Effect.updateService(ConnectionStore, (store) => ({
          ...store,
          grant: (key: Parameters<typeof store.grant>[0]) =>
            Effect.map(store.grant(key), (grant) => ({
              ...grant,
              accessToken: grant.refreshToken ?? grant.accessToken
            }))
        }))
      )
      assert.instanceOf(error, DecryptionFailed)
    }).pipe(Effect.provide(answering({ refresh_token: "canary-refresh-token" }).layer))
  )

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      assert.instanceOf(yield* Effect.flip(accessToken(ofForge)), StorageUnavailable)
    }).pipe(
      Effect.updateService(ConnectionStore, (store) => ({ ...store, grant: () => down })),
      Effect.provide(makeHost().layer)
    )
  )
})

describe("the API key of a tenant", () => {
  it.effect("is the fields of the credential that is connected, and of no other", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      yield* storeKey()
      yield* connectGauge(eve)
      for (const query of [ofGauge, ofEve(ofGauge)]) {
        const fields = yield* apiKey(query)
        const { api_key = Secret(""), site = Secret("") } = fields
        assert.deepStrictEqual(
          [yield* revealed(Effect.succeed(api_key)), yield* revealed(Effect.succeed(site))],
          ["good-key", "us.gauge.example"]
        )
        assert.notInclude(`${inspect(fields, { depth: 20 })} ${JSON.stringify(fields)}`, "good-key")
      }
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect(
    "is not there where nothing or another tenant is connected; by OAuth2 it is another call's",
    () =>
      Effect.gen(function* () {
        yield* storeKey()
        yield* connectForge()
        yield* connectGauge(eve)
        const none = yield* Effect.flip(apiKey(ofGauge))
        assert.deepStrictEqual(none, new NotConnected({ provider: ofGauge.provider }))
        const error = yield* Effect.flip(apiKey(ofForge))
        assert.instanceOf(error, OtherCredentialKind)
        assert.match(error.message, /by OAuth2\. Call token\(\)/)
        yield* disconnect(ann, yield* provider("forge"))
        assert.instanceOf(yield* Effect.flip(apiKey(ofForge)), NotConnected)
      }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("is not there where the connection is in error", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      const error = yield* Effect.flip(apiKey(ofGauge)).pipe(
        Effect.updateService(ConnectionStore, (store) => ({
          ...store,
          find: (key: Parameters<typeof store.find>[0]) =>
            Effect.map(store.find(key), (found) => ({ ...found, status: "error" as const }))
        }))
      )
      assert.instanceOf(error, NotConnected)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("is not there where it is disconnected between the two reads", () =>
    Effect.gen(function* () {
      yield* connectGauge(bob)
      const error = yield* Effect.flip(apiKey(ofGauge)).pipe(
        Effect.updateService(CredentialStore, (credentials) => ({
          ...credentials,
          find: () => Effect.fail(new CredentialNotFound())
        }))
      )
      assert.instanceOf(error, NotConnected)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-42 of another row does not open", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      yield* connectGauge(eve)
      const foreign = yield* (yield* ConnectionStore).find({
        ...ofEve(ofGauge),
        name: (yield* connectForge()).name
      })
      const error = yield* Effect.flip(apiKey(ofGauge)).pipe(
        Effect.updateService(CredentialStore, (credentials) => ({
          ...credentials,
          find: () =>
            credentials.find({
              ...ofEve(ofGauge),
              id: foreign.credentialId ?? assert.fail("not connected")
            })
        }))
      )
      assert.instanceOf(error, DecryptionFailed)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where either store cannot be reached", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      const errors = [
        yield* Effect.flip(apiKey(ofGauge)).pipe(
          Effect.updateService(ConnectionStore, (store) => ({ ...store, find: () => down }))
        ),
        yield* Effect.flip(apiKey(ofGauge)).pipe(
          Effect.updateService(CredentialStore, (store) => ({ ...store, find: () => down }))
        )
      ]
      for (const error of errors) assert.instanceOf(error, StorageUnavailable)
    }).pipe(Effect.provide(makeHost().layer))
  )
})
