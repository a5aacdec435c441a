import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import {
  AccountMismatch,
  type ApiKeyProviderConfig,
  apiKey,
  configureProvider,
  ConfigurationError,
  connect,
  CredentialId,
  CredentialRejected,
  CredentialStore,
  CryptoLive,
  type EgressError,
  type EgressFailure,
  type EgressRequest,
  findByAccount,
  StorageUnavailable,
  storeCredentials,
  type StoredCredential,
  swapCredential,
  ValidationError,
  type ValidationDetail,
  tenantsDefault,
  tenantsOwn
} from "@hawser/core"
import { noAnswer } from "./support/answeringEgress.ts"
import { revealed } from "./support/crypto.ts"
import {
  ann,
  gauge,
  type HostOptions,
  makeHost,
  outbox,
  provider,
  storeKey
} from "./support/host.ts"

const store = Effect.fnUntraced(function* (
  credentials: Readonly<Record<string, unknown>>,
  label?: string
) {
  return yield* storeCredentials(ann, yield* provider("gauge"), { credentials, label })
})

/** Storing fails as not valid; with these details. */
const details = Effect.fnUntraced(function* (credentials: Readonly<Record<string, unknown>>) {
  const error = yield* Effect.flip(store(credentials))
  if (!(error instanceof ValidationError)) return assert.fail(error._tag)
  return error.details
})

/** What was written to the credential store while `effect` ran. */
const recordingInserts = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const inserted: Array<unknown> = []
  return Effect.map(
    effect.pipe(
      Effect.updateService(CredentialStore, (credentials) => ({
        ...credentials,
        insert: (credential: Parameters<typeof credentials.insert>[0]) => {
          inserted.push(credential)
          return credentials.insert(credential)
        }
      }))
    ),
    (result) => ({ inserted, result })
  )
}

/** A host whose API-key provider differs. */
const hostWith = (
  changes: Partial<ApiKeyProviderConfig["definition"]>,
  answer?: HostOptions["answer"]
) =>
  makeHost({
    providers: [{ definition: { ...gauge.definition, ...changes } }],
    ...(answer !== undefined && { answer })
  })

/** What becomes of a key that the provider answers so. */
const verdict = (
  answer: (request: EgressRequest) => Response | EgressError,
  check: NonNullable<ApiKeyProviderConfig["definition"]["check"]> = gauge.definition.check
) =>
  store({ api_key: "some-key" }).pipe(
    Effect.match({ onFailure: ({ _tag }) => _tag, onSuccess: ({ status }) => status }),
    Effect.provide(hostWith({ check }, answer).layer)
  )

describe("storing an API key", () => {
  it.effect("asks the provider, and gives back all but the secret", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2024, 3, 1, 10, 5))
      const { inserted, result } = yield* recordingInserts(
        store({ api_key: "good-key", site: "eu.gauge.example" }, "Production")
      )
      assert.match(result.id, /^crd_[0-9A-HJKMNP-TV-Z]{26}$/)
      const { createdAt, id: _, ...rest } = result
      assert.deepStrictEqual(rest, {
        tenantId: ann.tenantId,
        owner: tenantsOwn,
        provider: gauge.definition.id,
        label: "Production",
        status: "validated",
        createdBy: ann.userId
      })
      assert.strictEqual(createdAt.epochMilliseconds, Date.UTC(2024, 3, 1, 10, 5))
      assert.strictEqual(inserted.length, 1)
      assert.strictEqual(sent.length, 1)
      assert.deepStrictEqual(yield* outbox, [])
      assert.notInclude(inspect(result, { depth: 20 }), "good-key")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-41 writes the fields sealed, for this tenant, provider and credential", () =>
    Effect.gen(function* () {
      const { inserted, result } = yield* recordingInserts(store({ api_key: "good-key" }))
      const [credential] = inserted as ReadonlyArray<StoredCredential>
      const sealed = Buffer.from(credential?.sealedFields ?? []).toString("latin1")
      assert.notInclude(sealed, "good-key")
      assert.isAbove(sealed.length, 0)
      // Nothing but the connection that uses it opens it again.
      yield* connect(ann, yield* provider("gauge"), { credentialId: result.id })
      const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: gauge.definition.id }
      const { api_key, site } = yield* apiKey(query)
      if (api_key === undefined || site === undefined) return assert.fail("a field is missing")
      assert.strictEqual(yield* revealed(Effect.succeed(api_key)), "good-key")
      assert.strictEqual(yield* revealed(Effect.succeed(site)), "us.gauge.example")
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-125 refuses a label that no database can store, or that is too long", () =>
    Effect.gen(function* () {
      for (const label of ["a\0", "a\ud800", "x".repeat(201)]) {
        const error = yield* Effect.flip(store({ api_key: "good-key" }, label))
        assert.deepInclude(error, { details: [{ path: "label", code: "invalid" }] })
      }
      yield* store({ api_key: "good-key" }, "x".repeat(200))
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("two keys are two credentials", () =>
    Effect.gen(function* () {
      assert.notStrictEqual((yield* storeKey()).id, (yield* storeKey()).id)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails for a provider of OAuth2, whatever is sent", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      const error = yield* Effect.flip(
        storeCredentials(ann, yield* provider("forge"), { credentials: { api_key: "good-key" } })
      )
      assert.instanceOf(error, ValidationError)
      assert.deepStrictEqual(error.details, [{ path: "provider", code: "not_allowed" }])
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(store({ api_key: "good-key" })).pipe(
        Effect.updateService(CredentialStore, (credentials) => ({
          ...credentials,
          insert: () => Effect.fail(new StorageUnavailable({ cause: "down" }))
        }))
      )
      assert.instanceOf(error, StorageUnavailable)
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("a field that is not valid is named, and nothing is asked or stored", () => {
  const invalid = (path: string): ValidationDetail => ({ path, code: "invalid" })
  const apiKeyInvalid = [invalid("credentials.api_key")]
  const table: ReadonlyArray<
    readonly [string, Readonly<Record<string, unknown>>, ReadonlyArray<ValidationDetail>]
  > = [
    ["missing", {}, [{ path: "credentials.api_key", code: "missing" }]],
    ["undefined", { api_key: undefined }, [{ path: "credentials.api_key", code: "missing" }]],
    ["empty", { api_key: "" }, apiKeyInvalid],
    ["null", { api_key: null }, apiKeyInvalid],
    ["a number", { api_key: 1 }, apiKeyInvalid],
    ["a list", { api_key: ["good-key"] }, apiKeyInvalid],
    ["an object", { api_key: { toString: "good-key" } }, apiKeyInvalid],
    ["against its pattern", { api_key: "GOOD" }, apiKeyInvalid],
    ["within its pattern only in part", { api_key: "good-key GOOD" }, apiKeyInvalid],
    ["its pattern and a newline", { api_key: "good-key\n" }, apiKeyInvalid],
    [
      "unknown, and then not told back",
      { api_key: "good-key", "canary-name": "x" },
      [{ path: "credentials", code: "unknown" }]
    ],
    [
      "unknown, and told where a field's name was probably meant",
      { api_key: "good-key", apikey: "x" },
      [{ path: "credentials.apikey", code: "unknown" }]
    ],
    [
      "of every object's own",
      { api_key: "good-key", constructor: "x", toString: "y" },
      [
        { path: "credentials", code: "unknown" },
        { path: "credentials", code: "unknown" }
      ]
    ],
    [
      "inherited and not sent",
      Object.create({ api_key: "good-key" }) as Record<string, unknown>,
      [{ path: "credentials.api_key", code: "missing" }]
    ],
    [
      "`__proto__`",
      JSON.parse('{"api_key":"good-key","__proto__":{"site":"x"}}') as Record<string, unknown>,
      [{ path: "credentials", code: "unknown" }]
    ],
    [
      "more than one",
      { api_key: 1, site: "x", other: 1 },
      [{ path: "credentials", code: "unknown" }, ...apiKeyInvalid, invalid("credentials.site")]
    ]
  ]
  for (const [name, credentials, expected] of table) {
    it.effect(name, () => {
      const { layer, sent } = makeHost()
      return Effect.gen(function* () {
        const { inserted, result } = yield* recordingInserts(details(credentials))
        assert.deepStrictEqual(result, expected)
        assert.deepStrictEqual(inserted, [])
        assert.deepStrictEqual(sent, [])
        assert.notInclude(JSON.stringify(result), "canary")
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("longer than 16 KiB, with NUL, half a character or a control character", () => {
    const changes = {
      fields: [{ name: "api_key", label: "API key" }],
      check: { url: "https://api.gauge.example/validate" }
    } as const
    const { layer, sent } = hostWith(changes, () => noAnswer("timeout"))
    return Effect.gen(function* () {
      assert.strictEqual((yield* store({ api_key: "k".repeat(16_384) })).status, "unverified")
      const values = [
        "k".repeat(16_385),
        "a\0b",
        "\ud800",
        "a\r\nx-injected: b",
        "a\nb",
        "a\tb",
        "a\u007fb"
      ]
      for (const api_key of values) {
        assert.deepStrictEqual(yield* details({ api_key }), apiKeyInvalid)
      }
      assert.strictEqual(sent.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("an optional field may be left out, and is then not stored", () => {
    const fields = [
      { name: "api_key", label: "API key" },
      { name: "note", label: "Note", required: false }
    ] as const
    return Effect.gen(function* () {
      const { id: credentialId } = yield* store({ api_key: "good-key" })
      yield* connect(ann, yield* provider("gauge"), { credentialId })
      const stored = yield* apiKey({
        tenantId: ann.tenantId,
        ...tenantsDefault,
        provider: gauge.definition.id
      })
      assert.deepStrictEqual(Object.keys(stored), ["api_key"])
    }).pipe(
      Effect.provide(
        hostWith({ fields, check: { url: "https://api.gauge.example/validate" } }).layer
      )
    )
  })
})

describe("S-62 what a tenant chooses of a provider's hosts", () => {
  it.effect("is one of the sites in the definition, and nothing else", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      const corpus = [
        "evil.example",
        "evil.example/",
        "a.evil.example#",
        "x@evil.example",
        "us.gauge.example@evil.example",
        "us.gauge.example.evil.example",
        "evil.example/us.gauge.example",
        "us.gauge.example/../..",
        "us.gauge.example:8443",
        "us.gauge.example.",
        ".us.gauge.example",
        "us.gauge.example ",
        "US.GAUGE.EXAMPLE",
        "us%2egauge.example",
        "us.gаuge.example",
        "xn--us-gauge.example",
        "a".repeat(64),
        "127.0.0.1",
        "[::1]",
        "0x7f.1",
        "localhost",
        "",
        "\\\\evil.example",
        "us.gauge.example\r\n",
        "{api_key}"
      ]
      for (const site of corpus) {
        assert.deepStrictEqual(yield* details({ api_key: "good-key", site }), [
          { path: "credentials.site", code: "invalid" }
        ])
      }
      assert.deepStrictEqual(sent, [])
      yield* store({ api_key: "good-key", site: "eu.gauge.example" })
      const [request] = sent
      assert.strictEqual(request?.url.href, "https://api.eu.gauge.example/validate")
      assert.deepStrictEqual(request?.hosts, ["api.eu.gauge.example"])
    }).pipe(Effect.provide(layer))
  })

  const definitions: ReadonlyArray<
    readonly [string, ApiKeyProviderConfig["definition"]["fields"]]
  > = [
    ["free text", [{ name: "site", label: "Site", secret: false }]],
    ["text of a pattern", [{ name: "site", label: "Site", secret: false, pattern: "[a-z]+" }]],
    ["a secret", [{ name: "site", label: "Site", choices: ["us.gauge.example"] }]],
    [
      "a choice that may be left out",
      [
        {
          name: "site",
          label: "Site",
          secret: false,
          required: false,
          choices: ["us.gauge.example"]
        }
      ]
    ]
  ]
  for (const [name, fields] of definitions) {
    it.effect(`is never ${name}: the definition is refused`, () =>
      Effect.gen(function* () {
        const definition = { ...gauge.definition, fields, headers: { "x-api-key": "none" } }
        const error = yield* Effect.flip(
          configureProvider({ definition }, { unsafelyAllowLoopback: false })
        )
        assert.instanceOf(error, ConfigurationError)
        assert.match(error.message, /\{site\} stands in a URL and/)
      }).pipe(Effect.provide(CryptoLive))
    )
  }
})

describe("S-67 the live check", () => {
  it.effect("is one GET of the definition, with the key where the definition says", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      yield* store({ api_key: "good-key" })
      assert.deepStrictEqual(
        sent.map(({ url, ...request }) => ({ ...request, url: url.href })),
        [
          {
            method: "GET",
            url: "https://api.us.gauge.example/validate",
            headers: { accept: "application/json", "x-api-key": "good-key" },
            hosts: ["api.us.gauge.example"],
            maxBodyBytes: 1024 * 1024
          }
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("tells accepted, rejected and unavailable apart by the status", () =>
    Effect.gen(function* () {
      const table = [
        [200, "validated"],
        [401, "CredentialRejected"],
        [403, "CredentialRejected"],
        [201, "unverified"],
        [204, "unverified"],
        [400, "unverified"],
        [404, "unverified"],
        [429, "unverified"],
        [500, "unverified"],
        [503, "unverified"]
      ] as const
      for (const [status, expected] of table) {
        assert.strictEqual(
          yield* verdict(() => new Response(null, { status })),
          expected,
          String(status)
        )
      }
      const check = {
        ...gauge.definition.check,
        acceptedStatus: [204],
        rejectedStatus: [400]
      } as const
      for (const [status, expected] of [
        [204, "validated"],
        [400, "CredentialRejected"],
        [200, "unverified"],
        [401, "unverified"]
      ] as const) {
        assert.strictEqual(yield* verdict(() => new Response(null, { status }), check), expected)
      }
    })
  )

  it.effect("calls a key unverified, and stores it, where no answer came", () =>
    Effect.gen(function* () {
      const reasons: ReadonlyArray<EgressFailure> = [
        "host_not_allowed",
        "address_blocked",
        "insecure_protocol",
        "redirect_refused",
        "timeout",
        "response_too_large",
        "connection_failed"
      ]
      for (const reason of reasons) {
        assert.strictEqual(yield* verdict(() => noAnswer(reason)), "unverified", reason)
      }
    })
  )

  it.effect("calls a key unverified, and asks nobody, where no check is known", () => {
    const { check: _, ...definition } = gauge.definition
    const { layer, sent } = makeHost({ providers: [{ definition }] })
    return Effect.gen(function* () {
      assert.strictEqual((yield* store({ api_key: "some-key" })).status, "unverified")
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("looks at one member of the body where the vendor answers 200 to a wrong key", () =>
    Effect.gen(function* () {
      const check = {
        ...gauge.definition.check,
        acceptedBody: { path: ["data", "valid"], equals: true }
      } as const
      const table: ReadonlyArray<readonly [string, string]> = [
        ['{"data":{"valid":true}}', "validated"],
        ['{"data":{"valid":false}}', "CredentialRejected"],
        ['{"data":{"valid":"true"}}', "CredentialRejected"],
        ['{"data":null}', "CredentialRejected"],
        ["{}", "CredentialRejected"],
        ["null", "CredentialRejected"],
        ["<html>", "unverified"],
        ["", "unverified"]
      ]
      for (const [body, expected] of table) {
        assert.strictEqual(yield* verdict(() => new Response(body), check), expected, body)
      }
    })
  )

  it.effect("lets nothing of the answer out, and stores no rejected key", () => {
    const { layer } = hostWith(
      {},
      () => new Response("canary-body", { status: 401, statusText: "canary" })
    )
    return Effect.gen(function* () {
      const { inserted, result: error } = yield* recordingInserts(
        Effect.flip(store({ api_key: "canary-key" }))
      )
      assert.instanceOf(error, CredentialRejected)
      assert.strictEqual(
        error.message,
        "gauge rejected the credentials. Check them and try again; nothing was stored."
      )
      assert.notInclude(inspect(error, { depth: 20 }), "canary")
      assert.deepStrictEqual(inserted, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("lets nothing of an accepting answer out either", () =>
    Effect.gen(function* () {
      const credential = yield* store({ api_key: "canary-key" })
      assert.notInclude(inspect(credential, { depth: 20 }), "canary")
      assert.isTrue(CredentialId.make(credential.id) === credential.id)
    }).pipe(
      Effect.provide(
        hostWith({}, () => new Response("canary-body", { headers: { canary: "canary" } })).layer
      )
    )
  )
})

describe("whom a stored key belongs to", () => {
  const known = {
    ...gauge.definition,
    check: { url: "https://accounts.gauge.example/me" },
    account: { id: ["id"], label: ["name"] }
  } as const
  const answering = (accountOf: (key: string) => unknown) =>
    makeHost({
      providers: [{ definition: known }],
      answer: ({ headers }) => Response.json(accountOf(headers["x-api-key"] ?? ""))
    })
  const byKey = answering((key) => ({ id: key.split("-")[0], name: `Name of ${key}` }))

  it.effect("is kept beside it, and becomes the connection's", () =>
    Effect.gen(function* () {
      const credential = yield* store({ api_key: "one-a" })
      assert.notProperty(credential, "account")
      const connected = yield* connect(ann, yield* provider("gauge"), {
        credentialId: credential.id
      })
      assert(connected._tag === "Connected")
      assert.deepStrictEqual(connected.integration.account, { id: "one", label: "Name of one-a" })
      const holders = yield* findByAccount(yield* provider("gauge"), "one")
      assert.deepStrictEqual(
        holders.map(({ integrationId }) => integrationId),
        [connected.integration.id]
      )
    }).pipe(Effect.provide(byKey.layer))
  )

  it.effect("S-27 decides whether it may take the place of the one in use", () =>
    Effect.gen(function* () {
      const gauged = yield* provider("gauge")
      const { id: first } = yield* store({ api_key: "one-a" })
      yield* connect(ann, gauged, { credentialId: first })
      const { id: other } = yield* store({ api_key: "two-a" })
      assert.deepStrictEqual(
        yield* Effect.flip(swapCredential(ann, gauged, other)),
        new AccountMismatch({ provider: gauge.definition.id })
      )
      const { id: same } = yield* store({ api_key: "one-b" })
      assert.deepStrictEqual((yield* swapCredential(ann, gauged, same)).account, {
        id: "one",
        label: "Name of one-b"
      })
    }).pipe(Effect.provide(byKey.layer))
  )

  it.effect("cannot be named where nothing is asked, or where one id may be two accounts", () =>
    Effect.gen(function* () {
      const { check: _, ...unchecked } = known
      const refusal = Effect.fnUntraced(function* (definition: ApiKeyProviderConfig["definition"]) {
        const options = { unsafelyAllowLoopback: false }
        return (yield* Effect.flip(configureProvider({ definition }, options))).message
      })
      assert.include(yield* refusal(unchecked), "account is read from the answer to check")
      // Below another path the same id may be another account.
      assert.include(
        yield* refusal({ ...known, check: { url: "https://gauge.example/{site}/me" } }),
        "account: the path of check.url holds {site}"
      )
    }).pipe(Effect.provide(CryptoLive))
  )
})
