import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  configureProvider,
  CryptoLive,
  type OAuth2Definition,
  type OAuth2Provider,
  type SharedClientConfig
} from "@hawser/core"
import { forge } from "./support/host.ts"

const configured = (
  definition: Partial<OAuth2Definition>,
  config: Partial<SharedClientConfig> = {}
) =>
  configureProvider(
    { ...forge, ...config, definition: { ...forge.definition, ...definition } },
    { unsafelyAllowLoopback: false }
  ).pipe(
    Effect.map((provider) => provider as OAuth2Provider),
    Effect.provide(CryptoLive)
  )

const problemOf = (
  definition: Partial<OAuth2Definition>,
  config: Partial<SharedClientConfig> = {}
) => Effect.map(Effect.flip(configured(definition, config)), ({ problem }) => problem)

const moved = { tokenEndpoint: "https://new.example/token" }
const formerTokenEndpoints = [forge.definition.tokenEndpoint] as const
const approvedFormerHosts = ["forge.example"]

describe("the client that a grant belongs to", () => {
  it.effect("S-38 is another one once the endpoint or the client id is another", () =>
    Effect.gen(function* () {
      const { acceptedFingerprints, clientFingerprint } = yield* configured({})
      assert.match(clientFingerprint, /^[0-9a-f]{64}$/)
      assert.deepStrictEqual([...acceptedFingerprints], [clientFingerprint])
      for (const other of [
        yield* configured(moved),
        yield* configured({}, { clientId: "another" }),
        yield* configured({ refreshEndpoint: "https://forge.example/refresh" })
      ]) {
        assert.notStrictEqual(other.clientFingerprint, clientFingerprint)
        assert.isFalse(other.acceptedFingerprints.has(clientFingerprint))
      }
      // What a change of secret, scopes or texts must not touch.
      for (const same of [
        yield* configured({}, { clientSecret: "rotated" }),
        yield* configured({ defaultScopes: [], displayName: "Forge 2", terminalErrors: ["x"] })
      ]) {
        assert.strictEqual(same.clientFingerprint, clientFingerprint)
      }
    })
  )

  it.effect("S-109 has a version for each secret or key, which tells nothing of it", () =>
    Effect.gen(function* () {
      const { clientVersion } = yield* configured({})
      assert.match(clientVersion, /^[0-9a-f]{64}$/)
      assert.strictEqual((yield* configured({})).clientVersion, clientVersion)
      assert.strictEqual(
        (yield* configured({ defaultScopes: [], displayName: "Forge 2" })).clientVersion,
        clientVersion
      )
      const others = yield* Effect.all([
        configured(moved),
        configured({}, { clientId: "another" }),
        configured({}, { clientSecret: "rotated" })
      ])
      const versions = new Set([clientVersion, ...others.map((one) => one.clientVersion)])
      assert.strictEqual(versions.size, 4)
      // Not a digest that a reader of the table could compare with guesses of the client id alone.
      assert.notStrictEqual(clientVersion, (yield* configured({})).clientFingerprint)
    })
  )

  it.effect("S-38 stays the same over a move that the definition names and the host approves", () =>
    Effect.gen(function* () {
      const { clientFingerprint: former } = yield* configured({})
      const named = { ...moved, formerTokenEndpoints }
      const accepts = (provider: OAuth2Provider) => provider.acceptedFingerprints.has(former)

      assert.isFalse(accepts(yield* configured(named)))
      assert.isFalse(accepts(yield* configured(named, { approvedFormerHosts: [] })))
      const approved = yield* configured(named, { approvedFormerHosts })
      assert.isTrue(accepts(approved))
      // New grants are the new endpoint's.
      assert.strictEqual(approved.clientFingerprint, (yield* configured(moved)).clientFingerprint)
      assert.isTrue(approved.acceptedFingerprints.has(approved.clientFingerprint))
      assert.isFalse(
        accepts(yield* configured(named, { approvedFormerHosts, clientId: "another" }))
      )
    })
  )

  it.effect("S-38 stays the same over a move to or with a refresh endpoint of its own", () =>
    Effect.gen(function* () {
      const refreshEndpoint = "https://forge.example/refresh"
      const { clientFingerprint: plain } = yield* configured({})
      const { clientFingerprint: withRefresh } = yield* configured({ refreshEndpoint })
      const { acceptedFingerprints } = yield* configured(
        { ...moved, formerTokenEndpoints, refreshEndpoint },
        { approvedFormerHosts }
      )
      assert.isTrue(acceptedFingerprints.has(plain))
      assert.isTrue(acceptedFingerprints.has(withRefresh))
    })
  )

  it.effect("S-38 each former host is approved by its own name", () =>
    Effect.gen(function* () {
      const former = [
        "https://a.example/token",
        "https://b.example:8443/token",
        "https://{site}.c.example/token"
      ] as const
      const fingerprints = yield* Effect.forEach(former, (tokenEndpoint) =>
        configured({
          tokenEndpoint,
          fields: [{ name: "site", label: "Site", secret: false, format: "subdomain" }]
        }).pipe(Effect.map(({ clientFingerprint }) => clientFingerprint))
      )
      const accepted = Effect.fnUntraced(function* (host: string) {
        const { acceptedFingerprints } = yield* configured(
          { ...moved, formerTokenEndpoints: former },
          { approvedFormerHosts: [host] }
        )
        return fingerprints.map((one) => acceptedFingerprints.has(one))
      })
      assert.deepStrictEqual(yield* accepted("a.example"), [true, false, false])
      assert.deepStrictEqual(yield* accepted("b.example:8443"), [false, true, false])
      assert.deepStrictEqual(yield* accepted("{site}.c.example"), [false, false, true])
      for (const host of ["b.example", "example", "A.EXAMPLE", "https://a.example", ""]) {
        assert.include(
          yield* problemOf(
            { ...moved, formerTokenEndpoints: former },
            { approvedFormerHosts: [host] }
          ),
          "no former token endpoint"
        )
      }
    })
  )
})

describe("the definition's endpoints for refreshing and revoking", () => {
  const revocation = (endpoint: string) => ({
    revocation: { endpoint, ends: "token" as const }
  })

  it.effect("S-29 are https, and not on this machine unless that was asked for", () =>
    Effect.gen(function* () {
      for (const url of ["http://forge.example/x", "https://u:p@forge.example/x", "nonsense"]) {
        yield* problemOf({ refreshEndpoint: url })
        yield* problemOf(revocation(url))
        yield* problemOf({ formerTokenEndpoints: [url] })
      }
      for (const url of ["http://localhost/x", "https://127.0.0.1/x"]) {
        assert.include(yield* problemOf({ refreshEndpoint: url }), "on this machine")
        assert.include(yield* problemOf(revocation(url)), "on this machine")
      }
    })
  )

  it.effect("S-62 have places for known fields only", () =>
    Effect.gen(function* () {
      const url = "https://{site}.forge.example/x"
      assert.include(yield* problemOf({ refreshEndpoint: url }), "{site} is not the name")
      assert.include(yield* problemOf(revocation(url)), "{site} is not the name")
    })
  )

  it.effect("S-32 no parameter of the vendor's stands in for one of the protocol's", () =>
    Effect.gen(function* () {
      for (const name of [
        "client_secret",
        "client_assertion",
        "client_id",
        "grant_type",
        "scope"
      ]) {
        assert.include(
          yield* problemOf({ refreshRequest: { parameters: { [name]: "x" } } }),
          `refreshRequest.parameters may not set ${name}`
        )
      }
    })
  )

  it.effect("what revoking ends is one of three", () =>
    Effect.gen(function* () {
      const wrong = { endpoint: "https://forge.example/revoke", ends: "everything" }
      assert.include(yield* problemOf({ revocation: wrong as never }), "ends")
    })
  )
})
