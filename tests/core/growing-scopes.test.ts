import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  ConnectionStore,
  connect,
  type ConnectInput,
  disconnect,
  get,
  listConnections,
  type OAuth2Definition,
  type ProviderConfig,
  requireReader,
  StorageUnavailable,
  ValidationError
} from "@hawser/core"
import {
  type Admin,
  ann,
  comeBack,
  cookieUrl,
  eve,
  forge,
  gauge,
  makeHost,
  provider,
  storeKey,
  tokenResponse
} from "./support/host.ts"
import { refusedBecause, vendor } from "./support/vendor.ts"

/** A host that needs `a` and has configured four scopes. The vendor grants what `granted` says, or what was asked for. */
const growing = (definition: Partial<OAuth2Definition> = {}, scopes = ["a", "b", "c", "d"]) => {
  const vendor = { granted: undefined as string | undefined }
  const config: ProviderConfig = {
    ...forge,
    scopes,
    requiredScopes: [],
    definition: { ...forge.definition, ...definition }
  }
  const host = makeHost({
    providers: [config, gauge],
    answer: ({ url }) =>
      url.pathname === "/token"
        ? tokenResponse({ scope: vendor.granted })
        : new Response(null, { status: 200 })
  })
  return { ...host, vendor }
}

/** What a flow asks for. */
const asked = Effect.fnUntraced(function* (input: ConnectInput, by: Admin = ann) {
  const result = yield* connect(by, yield* provider("forge", by), {
    redirectUrl: cookieUrl,
    ...input
  })
  if (result._tag !== "Authorize") return yield* Effect.die("connected without a flow")
  const authorizationUrl = new URL(result.authorizationUrl)
  const outcome = yield* comeBack({ ...result, authorizationUrl })
  assert.strictEqual(outcome._tag, "Return")
  return authorizationUrl.searchParams.get("scope")
})

const shown = Effect.fnUntraced(function* () {
  return yield* get(yield* requireReader(ann, "tenant"), yield* provider("forge"))
})

const scopesOf = () => Effect.map(shown(), ({ scopes }) => scopes)

const more = (...scopes: ReadonlyArray<string>): ConnectInput => ({ reauthorize: true, scopes })
const exactly = (...scopes: ReadonlyArray<string>): ConnectInput => ({
  ...more(...scopes),
  replaceScopes: true
})

describe("scopes that grow", () => {
  it.effect("S-102 ask for what is granted and configured, and what is asked for besides", () => {
    const { layer, vendor } = growing()
    return Effect.gen(function* () {
      vendor.granted = "a b outside"
      assert.strictEqual(yield* asked({ scopes: ["a", "b"] }), "a b")
      vendor.granted = undefined
      // What the vendor granted beyond the configuration is not asked for again.
      assert.strictEqual(yield* asked(more("c")), "a b c")
      assert.deepStrictEqual(yield* scopesOf(), ["a", "b", "c"])
      // Nothing besides: the same again.
      assert.strictEqual(yield* asked(more()), "a b c")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-102 a scope that was dropped stays dropped when others are added", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* asked({}), "a b c d")
      assert.strictEqual(yield* asked(exactly("a", "b")), "a b")
      assert.strictEqual(yield* asked(more("d")), "a b d")
      assert.deepStrictEqual(yield* scopesOf(), ["a", "b", "d"])
      // Only whoever asks for it, or for everything, gets it back.
      assert.strictEqual(yield* asked(more("c")), "a b d c")
      assert.strictEqual(yield* asked(exactly("a")), "a")
      assert.strictEqual(yield* asked({ reauthorize: true }), "a b c d")
    }).pipe(Effect.provide(growing().layer))
  )

  it.effect("S-102 a scope that the host no longer configures is not asked for again", () =>
    Effect.gen(function* () {
      yield* asked({})
      const forged = yield* provider("forge")
      const narrowed = { ...forged, scopes: ["a", "b"] } as typeof forged
      const ask = (input: ConnectInput) =>
        connect(ann, narrowed, { redirectUrl: cookieUrl, ...input })
      const result = yield* ask(more("b"))
      assert(result._tag === "Authorize")
      assert.strictEqual(new URL(result.authorizationUrl).searchParams.get("scope"), "a b")
      assert.deepStrictEqual(
        yield* Effect.flip(ask(more("c"))),
        new ValidationError({ details: [{ path: "scopes", code: "not_allowed" }] })
      )
    }).pipe(Effect.provide(growing().layer))
  )

  it.effect("S-102 the granted scopes are the tenant's own, as they are when it connects", () =>
    Effect.gen(function* () {
      yield* asked({}, eve)
      assert.strictEqual(yield* asked(more("b")), "b")
      yield* disconnect(ann, yield* provider("forge"))
      assert.strictEqual(yield* asked(more("c")), "c")
    }).pipe(Effect.provide(growing().layer))
  )

  it.effect("compare scopes by all names that the vendor has for them", () => {
    const { layer, vendor } = growing(
      {
        scopeAliases: { email: ["https://scopes.example/email"] },
        grantedScopePrefix: "https://graph.example/",
        unnamedScopes: ["offline_access"]
      },
      ["offline_access", "email", "User.Read", "Mail.Read"]
    )
    return Effect.gen(function* () {
      vendor.granted = "https://scopes.example/email https://graph.example/User.Read"
      // Stored by other names than the configuration has, as an earlier configuration asked for them.
      const earlier = yield* provider("forge")
      const config = {
        ...earlier,
        scopes: ["https://scopes.example/email", "https://graph.example/User.Read"]
      } as typeof earlier
      const started = yield* connect(ann, config, { redirectUrl: cookieUrl })
      assert(started._tag === "Authorize")
      yield* comeBack({ ...started, authorizationUrl: new URL(started.authorizationUrl) })
      assert.deepStrictEqual(yield* scopesOf(), [
        "https://scopes.example/email",
        "https://graph.example/User.Read"
      ])
      // Without the scope that it never names, the next grant could not be refreshed.
      assert.strictEqual(
        yield* asked(more("Mail.Read")),
        "offline_access email User.Read Mail.Read"
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("take a scope as granted that another one includes, as the vendor does", () => {
    const includedScopes = { a: ["b"], c: ["d"] } as const
    const host = makeHost({
      providers: [
        {
          ...forge,
          scopes: ["a", "b", "c", "d"],
          requiredScopes: ["b"],
          definition: { ...forge.definition, includedScopes }
        }
      ],
      answer: () => tokenResponse({ scope: "a" })
    })
    return Effect.gen(function* () {
      // The vendor discards what `a` includes, and the required scope is there all the same.
      assert.strictEqual(yield* asked({ scopes: ["a", "b"] }), "a b")
      const { missingScopes, scopes } = yield* shown()
      assert.deepStrictEqual([scopes, missingScopes], [["a"], ["c", "d"]])
      const lacking = yield* listConnections(yield* provider("forge"), { missingScopes: true })
      assert.deepStrictEqual(
        lacking.items.map((one) => one.missingScopes),
        [["c", "d"]]
      )
      assert.strictEqual(yield* asked(more("d")), "a b d")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("name the member that cannot be", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [ConnectInput, string, "missing" | "not_allowed"]> = [
        [{ replaceScopes: true, scopes: ["a"] }, "replaceScopes", "not_allowed"],
        [
          { replaceScopes: true, reauthorize: false, scopes: ["a"] },
          "replaceScopes",
          "not_allowed"
        ],
        [{ replaceScopes: true, reauthorize: true }, "scopes", "missing"],
        [exactly(), "scopes", "missing"],
        // Nothing is connected, so there is nothing that this adds to.
        [more(), "scopes", "missing"],
        [more("e"), "scopes", "not_allowed"],
        [exactly("a", "e"), "scopes", "not_allowed"]
      ]
      for (const [input, path, code] of cases)
        assert.deepStrictEqual(
          yield* Effect.flip(asked(input)),
          new ValidationError({ details: [{ path, code }] })
        )
      const { id: credentialId } = yield* storeKey()
      assert.deepStrictEqual(
        yield* Effect.flip(
          connect(ann, yield* provider("gauge"), { credentialId, replaceScopes: false })
        ),
        new ValidationError({ details: [{ path: "replaceScopes", code: "not_allowed" }] })
      )
    }).pipe(Effect.provide(growing().layer))
  )

  it.effect("never ask for less than the host requires", () => {
    const host = makeHost({ providers: [{ ...forge, requiredScopes: ["repo"] }] })
    return Effect.gen(function* () {
      yield* asked({})
      assert.strictEqual(yield* asked(more("user")), "repo user")
      assert.deepStrictEqual(
        yield* Effect.flip(asked(exactly("user"))),
        new ValidationError({ details: [{ path: "scopes", code: "missing" }] })
      )
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("fail where the store cannot be reached", () =>
    Effect.gen(function* () {
      assert.instanceOf(yield* Effect.flip(asked(more("b"))), StorageUnavailable)
    }).pipe(
      Effect.updateService(ConnectionStore, (store) => ({
        ...store,
        find: () => Effect.fail(new StorageUnavailable({ cause: "down" }))
      })),
      Effect.provide(growing().layer)
    )
  )
})

describe("what a vendor wants of a request of a connected account", () => {
  const searchOf = Effect.fnUntraced(function* (input: ConnectInput) {
    const result = yield* connect(ann, yield* provider("forge"), {
      redirectUrl: cookieUrl,
      ...input
    })
    if (result._tag !== "Authorize") return yield* Effect.die("connected without a flow")
    const authorizationUrl = new URL(result.authorizationUrl)
    yield* comeBack({ ...result, authorizationUrl })
    return authorizationUrl.searchParams.get("again")
  })

  it.effect("is sent with each, and not with the first", () =>
    Effect.gen(function* () {
      assert.isNull(yield* searchOf({}))
      for (const input of [{ reauthorize: true }, more("b"), exactly("a")])
        assert.strictEqual(yield* searchOf(input), "yes")
    }).pipe(Effect.provide(growing({ reauthorization: { parameters: { again: "yes" } } }).layer))
  )

  it.effect("S-102 is not sent where the vendor would add what was dropped", () =>
    Effect.gen(function* () {
      assert.isNull(yield* searchOf({}))
      assert.strictEqual(yield* searchOf(more("b")), "yes")
      assert.isNull(yield* searchOf(exactly("a", "b", "c")))
      assert.isNull(yield* searchOf(more("b")))
      assert.strictEqual(yield* searchOf(more("d")), "yes")
      assert.isNull(yield* searchOf(exactly("a", "b", "c", "d")))
      assert.strictEqual(yield* searchOf({ reauthorize: true }), "yes")
    }).pipe(
      Effect.provide(
        growing({ reauthorization: { parameters: { again: "yes" }, addsGranted: true } }).layer
      )
    )
  )
})

describe("scopes of a vendor whose tokens are for one API", () => {
  const graph = "https://graph.example/"
  const start = (...scopes: ReadonlyArray<string>) =>
    refusedBecause({ oneResource: true, grantedScopePrefix: graph }, { scopes, requiredScopes: [] })
  const taken = (...scopes: ReadonlyArray<string>) =>
    vendor({ oneResource: true, grantedScopePrefix: graph }, { scopes, requiredScopes: [] })

  it.effect("are refused at the start where they are of two", () =>
    Effect.gen(function* () {
      const mail = "https://mail.example/IMAP.AccessAsUser.All"
      assert.include(
        yield* start("openid", "User.Read", mail),
        "scopes: a token of this vendor is for one API, and these are of https://graph.example and https://mail.example."
      )
      assert.include(yield* start("api://one/read", "api://two/read"), "api://one and api://two")
      yield* taken("offline_access", "User.Read", `${graph}Mail.Read`)
      yield* taken("openid", "email", mail)
      yield* vendor({ grantedScopePrefix: graph }, { scopes: ["repo", mail] })
    })
  )
})
