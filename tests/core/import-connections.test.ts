import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  apiKey,
  Cipher,
  ConnectionStore,
  tenantsDefault,
  disconnect,
  exportPage,
  findByAccount,
  grantContext,
  importConnections,
  type ImportProgress,
  Keeper,
  type OAuth2ProviderConfig,
  type PortableConnection,
  Secret,
  TenantId,
  type TokenConnection
} from "@hawser/core"
import { keyText } from "./support/crypto.ts"
import {
  ann,
  connectForge,
  connectGauge,
  eve,
  forge,
  gauge,
  makeHost,
  outbox,
  provider,
  tokenResponse
} from "./support/host.ts"

const acme = "acme"

const tokens = (changes: Partial<TokenConnection> = {}): TokenConnection => ({
  tenantId: acme,
  provider: "forge",
  connectedBy: "ann",
  accessToken: "canary-old-access",
  refreshToken: "canary-old-refresh",
  scopes: ["repo"],
  ...changes
})

const key = (changes: object = {}): PortableConnection => ({
  tenantId: acme,
  provider: "gauge",
  connectedBy: "ann",
  credentials: { api_key: "good-key" },
  label: "production",
  ...changes
})

const query = { tenantId: TenantId.make(acme), ...tenantsDefault, provider: forge.definition.id }

const read = Effect.map(accessToken(query), (token) => Redacted.value(token.accessToken))

const report = (imported: number, unchanged: number) => ({ imported, unchanged, refused: [] })

describe("importConnections", () => {
  it.effect("takes scopes by the vendor's names for those that are asked for", () => {
    const host = makeHost({
      providers: [
        {
          ...forge,
          definition: {
            ...forge.definition,
            grantedScopePrefix: "https://forge.example/",
            scopeAliases: { user: ["long.user"] }
          }
        }
      ]
    })
    return Effect.gen(function* () {
      const scopes = ["https://forge.example/repo", "long.user", "other"]
      assert.deepStrictEqual(yield* importConnections([tokens({ scopes })]), report(1, 0))
      const { scopes: kept } = yield* accessToken(query)
      assert.deepStrictEqual([...kept].toSorted(), ["other", "repo", "user"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("takes tokens over as they are: no request, no event, and the host reads them", () => {
    const host = makeHost()
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* importConnections([tokens(), key()]), report(2, 0))
      assert.deepStrictEqual([yield* read, host.sent.length], ["canary-old-access", 0])
      assert.deepStrictEqual(yield* outbox, [])
      const fields = yield* apiKey({ ...query, provider: gauge.definition.id })
      assert.strictEqual(Redacted.value(fields["api_key"] ?? Redacted.make("")), "good-key")
      // As if the tenant had filled them in: what was left out has its default.
      assert.strictEqual(Redacted.value(fields["site"] ?? Redacted.make("")), "us.gauge.example")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("keeps who connected and when, by date or text", () =>
    Effect.gen(function* () {
      const connectedAt = new Date("2020-01-02T03:04:05Z")
      yield* importConnections([
        tokens({ connectedAt }),
        { ...key({ tenantId: "other" }), connectedAt: "2020-01-02T03:04:05Z" }
      ])
      const { connections } = yield* exportPage(undefined)
      assert.deepStrictEqual(
        connections.map((one) => [one.connectedBy, one.connectedAt]),
        [
          ["ann", connectedAt],
          ["ann", connectedAt]
        ]
      )
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect(
    "may be repeated: what is connected is unchanged, also after its tokens were refreshed",
    () => {
      const host = makeHost({
        answer: () => tokenResponse({ access_token: "new-access", refresh_token: "new-refresh" })
      })
      return Effect.gen(function* () {
        const items = [tokens({ expiresAt: new Date(60_000) }), key()]
        yield* importConnections(items)
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(yield* read, "new-access")
        assert.deepStrictEqual(yield* importConnections(items), report(0, 2))
        assert.strictEqual(yield* read, "new-access")
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect(
    "never overwrites: another account is refused, and so is what was disconnected since",
    () =>
      Effect.gen(function* () {
        yield* importConnections([tokens({ account: { id: "octocat" } })])
        const other = tokens({ account: { id: "hubot" }, accessToken: "canary-other" })
        const [refusal] = (yield* importConnections([other])).refused
        assert.deepStrictEqual([refusal?.index, refusal?.code], [0, "already_connected"])
        assert.strictEqual(yield* read, "canary-old-access")
        yield* disconnect(ann, yield* provider("forge"))
        const again = yield* importConnections([other, tokens()])
        assert.deepStrictEqual(
          again.refused.map(({ code }) => code),
          ["disconnected", "disconnected"]
        )
        assert.strictEqual((yield* Effect.flip(read))._tag, "NotConnected")
      }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-125 refuses bad items by their places, takes the others, and repeats no value", () =>
    Effect.gen(function* () {
      const { credentials: _, ...withoutKey } = key() as { credentials: unknown }
      const items: ReadonlyArray<readonly [unknown, string, string]> = [
        ["canary-1", "validation_error", "item (invalid)"],
        [{ ...tokens(), provider: "canary-2" }, "provider_not_found", ""],
        [tokens({ tenantId: "" }), "validation_error", "tenantId (invalid)"],
        [tokens({ accessToken: "canary-3\0" }), "validation_error", "accessToken (invalid)"],
        ...[
          "canary\r\nx: y",
          "canary\ud800",
          "canary ",
          "canary\u007f",
          "c".repeat(65_537)
        ].flatMap(
          (hostile) =>
            [
              [tokens({ accessToken: hostile }), "validation_error", "accessToken (invalid)"],
              [tokens({ refreshToken: hostile }), "validation_error", "refreshToken (invalid)"],
              [tokens({ tokenType: hostile }), "validation_error", "tokenType (invalid)"],
              [tokens({ scopes: ["repo", hostile] }), "validation_error", "scopes (invalid)"]
            ] as const
        ),
        [{ ...tokens(), refreshtoken: "canary-4" }, "validation_error", "refreshtoken (unknown)"],
        [{ ...tokens(), expiresAt: "canary-5" }, "validation_error", "expiresAt (invalid)"],
        [
          { ...tokens(), expiresAt: "2027-01-02 03:04:05" },
          "validation_error",
          "expiresAt (invalid)"
        ],
        [{ ...tokens(), expiresAt: new Date(NaN) }, "validation_error", "expiresAt (invalid)"],
        [tokens({ scopes: ["user"] }), "validation_error", "scopes (missing)"],
        [tokens({ fields: { site: "canary-6" } }), "validation_error", "fields.site (unknown)"],
        [key({ credentials: { api_key: "CANARY 7" } }), "validation_error", "credentials.api_key"],
        [withoutKey, "validation_error", "credentials (missing)"],
        [{ ...tokens(), provider: "gauge" }, "validation_error", "credentials (missing)"],
        [key({ provider: "forge" }), "validation_error", "accessToken (missing)"],
        [null, "validation_error", "item (invalid)"]
      ]
      const { imported, refused } = yield* importConnections([
        ...items.map(([item]) => item),
        tokens()
      ])
      assert.strictEqual(imported, 1)
      assert.deepStrictEqual(
        refused.map(({ code, index }) => [index, code]),
        items.map(([, code], index) => [index, code])
      )
      for (const [index, [, , words]] of items.entries())
        assert.include(refused[index]?.message, words)
      assert.notMatch(JSON.stringify(refused), /canary(?!.*unknown)-\d|CANARY/)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("a dry run reports the same and writes nothing", () =>
    Effect.gen(function* () {
      const account = (id: string) => ({ account: { id } })
      const items = [
        tokens(account("octocat")),
        tokens(account("octocat")),
        tokens(account("hubot")),
        tokens({ tenantId: "" }),
        key()
      ]
      const dry = yield* importConnections(items, { dryRun: true })
      assert.deepStrictEqual((yield* exportPage(undefined)).connections, [])
      assert.deepStrictEqual(dry, yield* importConnections(items))
      assert.deepStrictEqual([dry.imported, dry.unchanged, dry.refused.length], [2, 1, 2])
      const after = yield* importConnections(items, { dryRun: true })
      assert.deepStrictEqual([after.imported, after.unchanged, after.refused.length], [0, 3, 2])
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("reads an async source to its end, and says how far it is", () =>
    Effect.gen(function* () {
      const source = async function* () {
        for (let i = 0; i < 25; i++) yield tokens({ tenantId: i === 7 ? "" : `tenant-${i}` })
      }
      const progress: Array<ImportProgress> = []
      yield* importConnections(source(), { onProgress: (now) => progress.push(now) })
      assert.lengthOf(progress, 25)
      assert.deepStrictEqual(progress.at(-1), { imported: 24, unchanged: 0, refused: 1 })
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("what expires is refreshed by its expiry, by the keeper", () => {
    let refreshed = 0
    const host = makeHost({
      answer: () => {
        refreshed++
        return tokenResponse({ access_token: "new-access", expires_in: 3600 })
      }
    })
    return Effect.gen(function* () {
      yield* importConnections([tokens({ expiresAt: new Date(3600_000) })])
      const keeper = yield* Keeper
      const tick = keeper.drain
      yield* TestClock.adjust("54 minutes")
      yield* tick
      assert.strictEqual(refreshed, 0)
      yield* TestClock.adjust("1 minute")
      yield* tick
      assert.strictEqual(refreshed, 1)
    }).pipe(Effect.provide(host.layer))
  })

  const expiring: OAuth2ProviderConfig = {
    ...forge,
    definition: { ...forge.definition, defaultTokenLifetime: 3600 }
  }
  it.effect(
    "a token of unknown expiry is refreshed before its first use where the provider's end",
    () => {
      const host = makeHost({
        providers: [expiring],
        answer: () => tokenResponse({ access_token: "new-access" })
      })
      return Effect.gen(function* () {
        yield* importConnections([tokens()])
        assert.strictEqual(yield* read, "new-access")
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-42 what was imported is sealed for its own tenant", () =>
    Effect.gen(function* () {
      yield* importConnections([tokens()])
      const integrations = yield* ConnectionStore
      const cipher = yield* Cipher
      const grant = yield* integrations.grant({ ...query, ...tenantsDefault })
      const open = (tenantId: string) =>
        cipher.open(
          grant.accessToken,
          grantContext(
            {
              ...grant,
              tenantId: TenantId.make(tenantId),
              provider: query.provider,
              ...tenantsDefault
            },
            "access_token"
          )
        )
      assert.strictEqual(Redacted.value(yield* open(acme)), "canary-old-access")
      assert.strictEqual((yield* Effect.flip(open("evil")))._tag, "DecryptionFailed")
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("what a vendor told when a connection was made elsewhere", () => {
  const captures = {
    cloud: { from: "token_response", path: ["cloud"], pattern: "[a-z]+" },
    host: { from: "callback", parameter: "host", hostBelow: [".forge.example"], required: false }
  } as const
  const telling = () =>
    makeHost({ providers: [{ ...forge, definition: { ...forge.definition, captures } }] })

  it.effect("is taken over with the tenant's fields, and exported with them", () =>
    Effect.gen(function* () {
      const fields = { cloud: "abc", host: "eu.forge.example" }
      assert.strictEqual((yield* importConnections([tokens({ fields })])).imported, 1)
      const { connections } = yield* exportPage(undefined)
      assert.deepStrictEqual(
        connections.map((one) => "fields" in one && one.fields),
        [fields]
      )
    }).pipe(Effect.provide(telling().layer))
  )

  it.effect("S-66 must be there, and as a flow would have taken it", () =>
    Effect.gen(function* () {
      for (const [fields, words] of [
        [{}, "fields.cloud (missing)"],
        [{ cloud: "../x" }, "fields.cloud (invalid)"],
        [{ cloud: "abc", host: "evil.example" }, "fields.host (invalid)"],
        [{ cloud: "abc", other: "x" }, "fields.other (unknown)"]
      ] as const) {
        const [refusal] = (yield* importConnections([tokens({ fields })])).refused
        assert.include(refusal?.message, words)
      }
    }).pipe(Effect.provide(telling().layer))
  )

  it.effect("an access token that is exchanged for new ones is refreshed as its own", () => {
    const host = makeHost({
      providers: [
        {
          ...forge,
          definition: {
            ...forge.definition,
            refreshRequest: { uses: "access_token" },
            defaultTokenLifetime: 3600
          }
        }
      ],
      answer: () => tokenResponse({ access_token: "new-access", expires_in: 3600 })
    })
    return Effect.gen(function* () {
      yield* importConnections([tokens({ accessToken: "long-lived" })])
      assert.strictEqual(yield* read, "new-access")
      assert.include(host.sent[0]?.body, "refresh_token=long-lived")
    }).pipe(Effect.provide(host.layer))
  })
})

describe("exportConnections", () => {
  it.effect(
    "gives what importConnections takes: another Hawser with other keys holds the same",
    () =>
      Effect.gen(function* () {
        yield* importConnections([
          tokens({
            expiresAt: new Date(3600_000),
            connectedAt: new Date(0),
            account: { id: "octocat", label: "Octo Cat" },
            grantSubject: "https://forge.example octocats-owner"
          }),
          {
            tenantId: "third",
            provider: "gauge",
            connectedBy: "ann",
            credentials: { api_key: "key" },
            account: { id: "org-7", label: "Org 7" }
          }
        ])
        yield* connectForge(eve)
        yield* connectGauge(eve)
        const { connections, next } = yield* exportPage(undefined)
        assert.strictEqual(next, undefined)
        assert.lengthOf(connections, 4)
        assert.deepInclude(
          connections.find(({ tenantId }) => tenantId === "third"),
          { account: { id: "org-7", label: "Org 7" } }
        )
        assert.deepInclude(
          connections.find(({ account }) => account?.id === "octocat"),
          { grantSubject: "https://forge.example octocats-owner" }
        )
        const there = yield* Effect.gen(function* () {
          assert.deepStrictEqual(yield* importConnections(connections), report(4, 0))
          return (yield* exportPage(undefined)).connections
        }).pipe(Effect.provide(makeHost().layer, { local: true }))
        assert.deepStrictEqual(there, connections)
      }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("goes page by page, each connection once", () =>
    Effect.gen(function* () {
      const items = Array.from({ length: 230 }, (_, i) => tokens({ tenantId: `tenant-${i}` }))
      yield* importConnections(items)
      const found: Array<string> = []
      let pages = 0
      let after: Parameters<typeof exportPage>[0]
      do {
        const page = yield* exportPage(after)
        found.push(...page.connections.map(({ tenantId }) => tenantId))
        after = page.next
        pages++
      } while (after !== undefined)
      assert.strictEqual(pages, 3)
      assert.sameMembers(
        found,
        items.map(({ tenantId }) => tenantId)
      )
      assert.lengthOf(found, 230)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where a secret does not open, and leaves nothing out in silence", () =>
    Effect.gen(function* () {
      yield* importConnections([tokens()])
      // A Hawser with another key, over the same store.
      const { layer } = makeHost({ encryptionKeys: [Secret(keyText(2))] })
      const other = yield* Effect.provide(Cipher, layer, { local: true })
      const error = yield* Effect.flip(Effect.provideService(exportPage(undefined), Cipher, other))
      assert.strictEqual(error._tag, "DecryptionFailed")
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("findByAccount", () => {
  it.effect("tells whose the account is", () =>
    Effect.gen(function* () {
      yield* importConnections([
        tokens({ account: { id: "octocat" } }),
        tokens({ tenantId: "other", account: { id: "octocat" } }),
        tokens({ tenantId: "third", account: { id: "hubot" } })
      ])
      const forgeProvider = yield* provider("forge")
      const found = yield* findByAccount(forgeProvider, "octocat")
      assert.deepStrictEqual(
        found.map(({ status, tenantId }) => [tenantId, status]),
        [
          [acme, "connected"],
          ["other", "connected"]
        ]
      )
      assert.deepStrictEqual(yield* findByAccount(forgeProvider, "octo\0cat"), [])
    }).pipe(Effect.provide(makeHost().layer))
  )
})
