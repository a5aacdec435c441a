import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { generateKeyPairSync, verify } from "node:crypto"
import {
  type GithubAppProviderConfig,
  accessToken,
  type BindingRequest,
  configureProvider,
  CryptoLive,
  disconnect,
  type EgressRequest,
  finishCallback,
  importConnections,
  type OAuth2Definition,
  revokeQueued,
  type SharedClientConfig,
  tenantsDefault
} from "@hawser/core"
import {
  ann,
  comeBack,
  cookieUrl,
  eve,
  forge,
  makeHost,
  provider,
  startFlow,
  tokenResponse,
  type Admin
} from "./support/host.ts"

const app = generateKeyPairSync("rsa", { modulusLength: 2048 })

/** An app as GitHub has them: what a person consents to is that an installation is theirs. */
const config: SharedClientConfig & GithubAppProviderConfig = {
  clientId: "Iv1.app",
  clientSecret: "canary-client-secret",
  appPrivateKey: app.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
  scopes: [],
  definition: {
    ...forge.definition,
    authKind: "github_app",
    authorizationOmits: ["scope"],
    defaultScopes: [],
    captures: {
      installation_id: { from: "callback", parameter: "installation_id", pattern: "[0-9]+" }
    },
    account: { from: "capture", name: "installation_id" },
    api: { baseUrl: "https://api.forge.example" }
  }
}

const ada = { id: 501, login: "ada" }
const acme = { id: 77, login: "acme", type: "Organization" }
const owner = { state: "active", role: "admin", organization: acme }

const revocable: OAuth2Definition = {
  ...config.definition,
  revocation: {
    endpoint: "https://api.forge.example/installation/token",
    ends: "token",
    method: "DELETE",
    authentication: "token",
    tokenParameter: "none"
  }
}

interface Vendor {
  /** The installations that the person may see, page by page, as JSON. */
  readonly pages?: ReadonlyArray<ReadonlyArray<string>>
  /** Whose the installation is. */
  readonly account?: unknown
  /** What the person is in the organization; a number is the status of a refusal. */
  readonly membership?: object | number
  /** What the installation has by now. */
  readonly permissions?: () => Readonly<Record<string, string>>
  /** The status with which the person's token is ended; "silence" for no answer. */
  readonly ending?: number | "silence"
  /** How often a token can be made before the app is uninstalled. */
  readonly tokens?: number
  readonly expiresAt?: string
  readonly more?: Partial<SharedClientConfig & GithubAppProviderConfig>
}

const levels = ["read", "write", "admin"]

/** A vendor that makes a token for each request, and remembers what it was asked. */
const vendor = ({
  account = acme,
  ending = 204,
  expiresAt = new Date(3_600_000).toISOString(),
  membership = owner,
  more = {},
  pages = [["7"]],
  permissions = () => ({ contents: "read" }),
  tokens = 10
}: Vendor = {}) => {
  let made = 0
  const installationsOf = (ids: ReadonlyArray<string>) =>
    `{"installations":[${ids.map((id) => `{"id":${id},"account":${JSON.stringify(account)}}`).join()}]}`
  const tokenFor = (body: string | undefined): Response => {
    if (made >= tokens) return Response.json({ message: "Not Found" }, { status: 404 })
    const approved = permissions()
    const { permissions: asked = approved } = JSON.parse(body ?? "{}") as {
      permissions?: Readonly<Record<string, string>>
    }
    const isWider = ([name, level]: [string, string]) =>
      levels.indexOf(level) > levels.indexOf(approved[name] ?? "")
    if (Object.entries(asked).some(isWider))
      return Response.json({ message: "not granted to this installation" }, { status: 422 })
    made++
    return Response.json(
      {
        token: `of-the-installation-${made}`,
        expires_at: expiresAt,
        permissions: asked
      },
      { status: 201 }
    )
  }
  const answer = ({ body, url }: EgressRequest) => {
    switch (url.pathname) {
      case "/token":
        return tokenResponse({ access_token: "of-the-person" })
      case "/applications/Iv1.app/token":
        return ending === "silence" ? Effect.never : new Response(null, { status: ending })
      case "/user":
        return Response.json(ada)
      case "/user/installations":
        return new Response(installationsOf(pages[Number(url.searchParams.get("page")) - 1] ?? []))
      case "/user/memberships/orgs/acme":
        return typeof membership === "number"
          ? Response.json({ message: "no" }, { status: membership })
          : Response.json(membership)
      case "/app/installations/7":
        return Response.json({ id: 7, permissions: permissions() })
      default:
        return /^\/app\/installations\/\d+\/access_tokens$/.test(url.pathname)
          ? tokenFor(body)
          : Response.json({ message: "Not Found" }, { status: 404 })
    }
  }
  const host = makeHost({ providers: [{ ...config, ...more }], answer })
  return {
    ...host,
    /** The permissions that each request for a token named. */
    asked: () =>
      host.sent
        .filter(({ url }) => url.pathname.endsWith("/access_tokens"))
        .map(({ body }) => (body === undefined ? undefined : (JSON.parse(body) as unknown)))
  }
}

const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: forge.definition.id }

const installed = Effect.fnUntraced(function* (
  parameters: Readonly<Record<string, string>> = {},
  by: Admin = ann
) {
  const outcome = yield* comeBack(yield* startFlow(cookieUrl, by), {
    parameters: {
      code: "canary-code",
      installation_id: "7",
      setup_action: "install",
      ...parameters
    }
  })
  return outcome._tag === "Return" ? new URL(outcome.url).searchParams.get("error") : "no flow"
})

describe("a GitHub App", () => {
  it.effect("is connected with the installation's token, made with the app's key", () => {
    const host = vendor()
    return Effect.gen(function* () {
      assert.isNull(yield* installed())
      const token = yield* accessToken(query)
      assert.strictEqual(Redacted.value(token.accessToken), "of-the-installation-1")
      assert.strictEqual(token.lifetime, 3600)
      assert.strictEqual(token.fields["installation_id"], "7")
      const made = host.sent.find(({ url }) => url.pathname.endsWith("/access_tokens"))
      const bearer = made?.headers["authorization"]?.slice("Bearer ".length) ?? ""
      const [header = "", claims = "", signature = ""] = bearer.split(".")
      assert.deepStrictEqual(JSON.parse(Buffer.from(claims, "base64url").toString()), {
        iss: "Iv1.app",
        iat: -60,
        exp: 540
      })
      const signed = Buffer.from(`${header}.${claims}`)
      assert.isTrue(verify("sha256", signed, app.publicKey, Buffer.from(signature, "base64url")))
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("finds the installation on a later page", () =>
    Effect.gen(function* () {
      assert.isNull(yield* installed())
    }).pipe(
      Effect.provide(
        vendor({ pages: [["11", "12", "13", "14", "15", "16", "17", "18", "19", "20"], ["7"]] })
          .layer
      )
    )
  )

  it.effect(
    "S-27 does not believe the number in the address: the person must see that installation",
    () => {
      const host = vendor({ pages: [["8", "70"]] })
      return Effect.gen(function* () {
        assert.strictEqual(yield* installed(), "invalid_response")
        assert.strictEqual((yield* Effect.flip(accessToken(query)))._tag, "NotConnected")
        assert.isFalse(host.sent.some(({ url }) => url.pathname.startsWith("/app/")))
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("gets another token of the installation, again and again", () =>
    Effect.gen(function* () {
      yield* installed()
      const first = yield* accessToken(query)
      const second = yield* accessToken(query, { rejected: first })
      const third = yield* accessToken(query, { rejected: second })
      assert.strictEqual(Redacted.value(third.accessToken), "of-the-installation-3")
    }).pipe(Effect.provide(vendor().layer))
  )

  it.effect("S-34 is over in an hour where nobody can read when it is", () =>
    Effect.gen(function* () {
      yield* installed()
      assert.strictEqual((yield* accessToken(query)).lifetime, 3600)
    }).pipe(Effect.provide(vendor({ expiresAt: "in a while" }).layer))
  )

  it.effect("ends where it was uninstalled", () =>
    Effect.gen(function* () {
      yield* installed()
      const first = yield* accessToken(query)
      const error = yield* Effect.flip(accessToken(query, { rejected: first }))
      assert.strictEqual(error._tag, "ReconnectRequired")
    }).pipe(Effect.provide(vendor({ tokens: 1 }).layer))
  )

  for (const appPrivateKey of [undefined, "", "canary-key"]) {
    it.effect(`does not start with ${appPrivateKey ?? "no"} key`, () =>
      Effect.gen(function* () {
        const wrong = { ...config, appPrivateKey } as GithubAppProviderConfig
        const configured = configureProvider(wrong, { unsafelyAllowLoopback: false })
        const error = yield* Effect.flip(Effect.provide(configured, CryptoLive))
        assert.match(error.message, /^providers\[forge\]: .*appPrivateKey/)
        assert.notInclude(error.message, "canary-key")
      })
    )
  }
})

describe("S-126 the token of the person who installed a GitHub App is ended", () => {
  const ended = ({ sent }: ReturnType<typeof vendor>) =>
    sent.filter(({ method, url }) => method === "DELETE" && url.pathname.endsWith("/token"))

  const outcomes: ReadonlyArray<readonly [string, Vendor, string | null]> = [
    ["once the installation is connected", {}, null],
    ["where the person may not give it", { membership: 404 }, "account_not_permitted"],
    ["where the person does not see it", { pages: [[]] }, "invalid_response"],
    ["where GitHub fails meanwhile", { membership: 500 }, "provider_unavailable"],
    ["though GitHub refuses to", { ending: 500 }, null]
  ]
  for (const [name, how, error] of outcomes) {
    it.effect(name, () => {
      const host = vendor(how)
      return Effect.gen(function* () {
        assert.strictEqual(yield* installed(), error)
        const [request, ...others] = ended(host)
        assert(request !== undefined)
        assert.lengthOf(others, 0)
        assert.strictEqual(request.url.href, "https://api.forge.example/applications/Iv1.app/token")
        assert.strictEqual(
          request.headers["authorization"],
          `Basic ${btoa("Iv1.app:canary-client-secret")}`
        )
        assert.deepStrictEqual(JSON.parse(request.body ?? ""), { access_token: "of-the-person" })
        // Nothing needs it afterwards.
        assert.isFalse(
          host.sent
            .slice(host.sent.indexOf(request) + 1)
            .some(({ headers }) => headers["authorization"] === "Bearer of-the-person")
        )
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("or the host's log says that it was not, and nobody waits for it", () => {
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    const host = vendor({ ending: "silence" })
    return Effect.gen(function* () {
      const connecting = yield* Effect.forkChild(installed(), { startImmediately: true })
      while (ended(host).length === 0) yield* Effect.promise(() => new Promise(setImmediate))
      yield* TestClock.adjust("3 seconds")
      assert.isNull(yield* Fiber.join(connecting))
      assert.match(JSON.stringify(logged), /person who installed a GitHub App could not be ended/)
      assert.notMatch(JSON.stringify(logged), /of-the-person|canary-client-secret/)
    }).pipe(Effect.provide(Layer.merge(host.layer, Logger.layer([logger]))))
  })
})

describe("S-104 an installation is bound by whose it is", () => {
  const refused: ReadonlyArray<readonly [string, Vendor]> = [
    ["an outside collaborator", { membership: 404 }],
    ["a member who is not an owner", { membership: { ...owner, role: "member" } }],
    ["a billing manager", { membership: { ...owner, role: "billing_manager" } }],
    ["an owner who has only been invited", { membership: { ...owner, state: "pending" } }],
    ["an app that may not read members", { membership: 403 }],
    [
      "an owner of what has taken over the organization's login",
      { membership: { ...owner, organization: { id: 770 } } }
    ],
    ["another user", { account: { id: 502, login: "bob", type: "User" } }],
    [
      "a user whose id begins with the person's",
      { account: { id: 5010, login: "bob", type: "User" } }
    ],
    ["an enterprise", { account: { id: 77, slug: "acme", name: "Acme" } }],
    ["an enterprise that says it is one", { account: { ...acme, type: "Enterprise" } }],
    ["a bot with the person's id", { account: { ...ada, type: "Bot" } }],
    ["nobody", { account: null }]
  ]
  for (const [who, side] of refused) {
    it.effect(`and not by ${who}: account_not_permitted, and no token is made`, () => {
      const host = vendor(side)
      return Effect.gen(function* () {
        assert.strictEqual(yield* installed(), "account_not_permitted")
        assert.deepStrictEqual(host.asked(), [])
        assert.strictEqual((yield* Effect.flip(accessToken(query)))._tag, "NotConnected")
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("by an organization's owner, and by the user who has it", () =>
    Effect.gen(function* () {
      for (const side of [{}, { account: { ...ada, type: "User" }, membership: 404 }])
        assert.isNull(yield* Effect.provide(installed(), vendor(side).layer))
    })
  )

  it.effect("and the log names the permission that the app lacks", () => {
    const logged: Array<unknown> = []
    const log = Logger.layer([Logger.make(({ message }) => void logged.push(message))])
    return Effect.gen(function* () {
      yield* installed()
      assert.include(JSON.stringify(logged), "Members (read)")
    }).pipe(Effect.provide(Layer.merge(vendor({ membership: 403 }).layer, log)))
  })

  it.effect("whatever setup_action says", () =>
    Effect.gen(function* () {
      const host = vendor({ membership: 404 })
      for (const setup_action of ["install", "update", "request", ""]) {
        const error = yield* Effect.provide(installed({ setup_action }), host.layer)
        assert.strictEqual(error, "account_not_permitted")
      }
    })
  )

  for (const setup_action of ["install", "update", "request"]) {
    it.effect(`and a visit without state connects nothing (${setup_action})`, () => {
      const host = vendor()
      return Effect.gen(function* () {
        const outcome = yield* finishCallback("forge", {
          parameters: new URLSearchParams({ code: "c", installation_id: "7", setup_action }),
          isPosted: false,
          browserSecret: () => undefined
        })
        assert.strictEqual(outcome._tag, "NoFlow")
        assert.deepStrictEqual(host.sent, [])
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("and where GitHub fails, it is GitHub that is told of", () =>
    Effect.gen(function* () {
      const error = yield* Effect.provide(installed(), vendor({ membership: 500 }).layer)
      assert.strictEqual(error, "provider_unavailable")
    })
  )
})

describe("S-104 numbers of installations are compared whole", () => {
  const pages = (ids: ReadonlyArray<string>): Vendor => ({ pages: [ids] })

  for (const [named, seen] of [
    ["12345678", "1234"],
    ["1234", "12345678"],
    ["9007199254740993", "9007199254740992"],
    ["1000", "1e3"],
    ["7", "7.0"]
  ] as const) {
    it.effect(`${named} is not ${seen}`, () => {
      const host = vendor(pages([seen]))
      return Effect.gen(function* () {
        assert.include(
          ["invalid_response", "provider_unavailable"],
          yield* installed({ installation_id: named })
        )
        assert.deepStrictEqual(host.asked(), [])
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("past 2^53 too", () =>
    Effect.gen(function* () {
      const host = vendor(pages(["9007199254740992", "9007199254740993"]))
      assert.isNull(
        yield* Effect.provide(installed({ installation_id: "9007199254740993" }), host.layer)
      )
      assert.isTrue(
        host.sent.some(
          ({ url }) => url.pathname === "/app/installations/9007199254740993/access_tokens"
        )
      )
    })
  )

  // Without a pattern of the definition's: what the code itself takes for a number.
  const loose = {
    definition: {
      ...config.definition,
      captures: { installation_id: { from: "callback", parameter: "installation_id" } }
    }
  } as const
  for (const named of [
    "7e0",
    "07",
    " 7",
    "7 ",
    "７",
    "-7",
    "+7",
    "7/../8",
    "0",
    "123456789012345678901"
  ]) {
    it.effect(`"${named}" is none`, () => {
      const host = vendor({ more: loose })
      return Effect.gen(function* () {
        assert.strictEqual(yield* installed({ installation_id: named }), "invalid_response")
        assert.isFalse(host.sent.some(({ url }) => /^\/(?:app|user)\b/.test(url.pathname)))
      }).pipe(Effect.provide(host.layer))
    })
  }
})

describe("S-104 a host's mayBind", () => {
  it.effect("answers in place of the rule, and is told who wants what", () => {
    const asked: Array<BindingRequest> = []
    const mayBind = (request: BindingRequest) => asked.push(request) > 0
    const host = vendor({ membership: 404, more: { mayBind } })
    return Effect.gen(function* () {
      assert.isNull(yield* installed())
      assert.deepStrictEqual(asked, [
        {
          tenantId: ann.tenantId,
          userId: ann.userId,
          provider: "forge",
          person: { id: "501", login: "ada" },
          installation: { id: "7", owner: { ...acme, id: "77" } }
        }
      ])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is not asked of an installation that the person does not see", () => {
    const host = vendor({ pages: [["8"]], more: { mayBind: () => true } })
    return Effect.gen(function* () {
      assert.strictEqual(yield* installed(), "invalid_response")
    }).pipe(Effect.provide(host.layer))
  })

  const noes: ReadonlyArray<readonly [string, () => unknown]> = [
    ["false", () => false],
    ["a word", () => "yes"],
    ["undefined", () => undefined],
    ["a promise of a number", () => Promise.resolve(1)],
    [
      "an error",
      () => {
        throw new Error("canary")
      }
    ],
    ["a rejection", () => Promise.reject(new Error("canary"))]
  ]
  for (const [what, answer] of noes) {
    it.effect(`that answers ${what} permits nothing`, () => {
      const host = vendor({ more: { mayBind: answer as () => boolean } })
      return Effect.gen(function* () {
        assert.strictEqual(yield* installed(), "account_not_permitted")
        assert.deepStrictEqual(host.asked(), [])
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("S-71 mayBind that answers after five seconds has permitted nothing", () => {
    const late = Promise.withResolvers<boolean>()
    const host = vendor({ more: { mayBind: () => late.promise } })
    return Effect.gen(function* () {
      const waiting = yield* Effect.forkChild(installed(), { startImmediately: true })
      while (waiting.pollUnsafe() === undefined) {
        yield* Effect.promise(() => new Promise(setImmediate))
        yield* TestClock.adjust("1 second")
      }
      late.resolve(true)
      yield* Effect.promise(() => new Promise(setImmediate))
      assert.strictEqual(yield* Fiber.join(waiting), "account_not_permitted")
      assert.deepStrictEqual(host.asked(), [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("stands beside GitHub Apps alone", () =>
    Effect.gen(function* () {
      const other = { ...forge, mayBind: () => true }
      const error = yield* Effect.flip(configureProvider(other, { unsafelyAllowLoopback: false }))
      assert.include(error.message, "mayBind")
    }).pipe(Effect.provide(CryptoLive))
  )
})

describe("S-104 permissions are those that were granted when it was connected", () => {
  it.effect("and what an owner approves later is not taken", () => {
    let approved: Readonly<Record<string, string>> = { contents: "read" }
    const host = vendor({ permissions: () => approved })
    return Effect.gen(function* () {
      yield* installed()
      approved = { contents: "write", administration: "write" }
      const first = yield* accessToken(query)
      assert.deepStrictEqual(first.scopes, ["contents:read"])
      const second = yield* accessToken(query, { rejected: first })
      assert.deepStrictEqual(second.scopes, ["contents:read"])
      assert.deepStrictEqual(host.asked(), [undefined, { permissions: { contents: "read" } }])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("those that the host configured, where it has", () => {
    const permissions = () => ({ contents: "write", issues: "write" })
    const host = vendor({ permissions, more: { scopes: ["contents:read"] } })
    return Effect.gen(function* () {
      const started = yield* startFlow()
      assert.isFalse(started.authorizationUrl.searchParams.has("scope"))
      yield* installed()
      const first = yield* accessToken(query)
      yield* accessToken(query, { rejected: first })
      const asked = { permissions: { contents: "read" } }
      assert.deepStrictEqual(host.asked(), [asked, asked])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("and of those that came from elsewhere, what the host configured", () => {
    const permissions = () => ({ contents: "write", issues: "write" })
    const more = { scopes: ["contents:read", "members:read"] }
    const host = vendor({ permissions, more })
    return Effect.gen(function* () {
      const { refused } = yield* importConnections([
        {
          tenantId: query.tenantId,
          provider: query.provider,
          connectedBy: "ann",
          accessToken: "of-before",
          refreshToken: "7",
          expiresAt: new Date(0),
          scopes: ["contents:write", "issues:read"],
          fields: { installation_id: "7" }
        }
      ])
      assert.deepStrictEqual(refused, [])
      assert.deepStrictEqual((yield* accessToken(query)).scopes, ["contents:read"])
      assert.deepStrictEqual(host.asked(), [{ permissions: { contents: "read" } }])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("and one that the installation lacks makes no connection: insufficient_scope", () =>
    Effect.gen(function* () {
      const host = vendor({ more: { scopes: ["contents:read", "issues:write"] } })
      assert.strictEqual(yield* Effect.provide(installed(), host.layer), "insufficient_scope")
    })
  )

  it.effect("and where the app gives one up, the others go on", () => {
    let approved: Readonly<Record<string, string>> = { contents: "write", issues: "read" }
    const host = vendor({ permissions: () => approved })
    return Effect.gen(function* () {
      yield* installed()
      approved = { contents: "read", members: "read" }
      const first = yield* accessToken(query)
      const second = yield* accessToken(query, { rejected: first })
      assert.deepStrictEqual(second.scopes, ["contents:read"])
      assert.deepStrictEqual(host.asked().at(-1), { permissions: { contents: "read" } })
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("but without a required one nothing is renewed, and nothing ends", () => {
    let approved: Readonly<Record<string, string>> = { contents: "read", issues: "read" }
    const more = { requiredScopes: ["issues:read"] }
    const host = vendor({ permissions: () => approved, more })
    return Effect.gen(function* () {
      yield* installed()
      approved = { contents: "read" }
      const first = yield* accessToken(query)
      const error = yield* Effect.flip(accessToken(query, { rejected: first }))
      assert.strictEqual(error._tag, "Misconfigured")
      assert.strictEqual(host.asked().length, 2)
      assert.strictEqual((yield* accessToken(query)).generation, 1)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("and what is not a permission stops the start", () =>
    Effect.gen(function* () {
      for (const scope of ["repo", "contents", "contents:all", "Contents:read"]) {
        const wrong = { ...config, scopes: [scope] }
        const error = yield* Effect.flip(configureProvider(wrong, { unsafelyAllowLoopback: false }))
        assert.include(error.message, scope)
      }
    }).pipe(Effect.provide(CryptoLive))
  )
})

describe("S-104 an installation is one tenant's at a time", () => {
  const ofEve = { ...query, tenantId: eve.tenantId }

  it.effect(
    "another's owner gets account_not_permitted, and the token just made is revoked",
    () => {
      const host = vendor({ more: { definition: revocable } })
      return Effect.gen(function* () {
        assert.isNull(yield* installed())
        assert.strictEqual(yield* installed({}, eve), "account_not_permitted")
        assert.strictEqual((yield* Effect.flip(accessToken(ofEve)))._tag, "NotConnected")
        yield* revokeQueued
        assert.strictEqual(
          host.sent.at(-1)?.headers["authorization"],
          "Bearer of-the-installation-2"
        )
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("of two at once one is connected", () =>
    Effect.gen(function* () {
      const outcomes = yield* Effect.all([installed({}, ann), installed({}, eve)], {
        concurrency: "unbounded"
      })
      assert.sameMembers([...outcomes], [null, "account_not_permitted"])
    }).pipe(Effect.provide(vendor().layer))
  )

  it.effect("and free for another once the first has disconnected", () =>
    Effect.gen(function* () {
      yield* installed()
      yield* disconnect(ann, yield* provider("forge"))
      assert.isNull(yield* installed({}, eve))
      assert.strictEqual(yield* installed(), "account_not_permitted")
    }).pipe(Effect.provide(vendor().layer))
  )

  it.effect("an import takes none that another tenant has", () => {
    const item = (tenantId: string) => ({
      tenantId,
      provider: query.provider,
      connectedBy: "ann",
      accessToken: "of-before",
      refreshToken: "7",
      fields: { installation_id: "7" }
    })
    return Effect.gen(function* () {
      const first = yield* importConnections([item("acme"), item("acme")])
      assert.deepStrictEqual([first.imported, first.refused], [1, []])
      const report = yield* importConnections([item("evil")])
      assert.strictEqual(report.imported, 0)
      assert.deepStrictEqual(
        report.refused.map(({ code }) => code),
        ["account_not_permitted"]
      )
    }).pipe(Effect.provide(vendor().layer))
  })
})
