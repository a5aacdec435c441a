import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  accessToken,
  complete,
  CurrentEndpointLock,
  type EndpointLock,
  endpointsOf,
  type EgressRequest,
  type OAuth2Definition
} from "@hawser/core"
import {
  ann,
  comeBack,
  completeUrl,
  cookieUrl,
  forge,
  makeHost,
  provider,
  startFlow,
  tokenResponse,
  ofForge
} from "./support/host.ts"
import { refusedBecause } from "./support/vendor.ts"

/** Vendors whose callback names the region that the person belongs to: the code is good there alone. */

const regional = {
  ...forge.definition,
  fields: [
    {
      name: "region",
      label: "Region",
      secret: false,
      choices: ["forge.example", "forge.eu", "forge.in"]
    }
  ],
  authorizationEndpoint: "https://accounts.{region}/authorize",
  tokenEndpoint: "https://accounts.{region}/token",
  refreshEndpoint: "https://accounts.{region}/refresh",
  callbackRegion: {
    parameter: "accounts-server",
    field: "region",
    values: {
      "https://accounts.forge.example": "forge.example",
      "https://accounts.forge.eu": "forge.eu"
    }
  }
} as const satisfies OAuth2Definition

const hostOf = (definition: OAuth2Definition = regional) =>
  makeHost({
    providers: [{ ...forge, definition }],
    answer: () => tokenResponse({ refresh_token: "canary-refresh", expires_in: 3600 })
  })

const hosts = (sent: ReadonlyArray<EgressRequest>) => sent.map(({ url }) => url.host)

const flow = Effect.fnUntraced(function* (
  parameters: Readonly<Record<string, string>> = {},
  redirectUrl: string = cookieUrl
) {
  const started = yield* startFlow(redirectUrl, ann, "forge", { region: "forge.example" })
  const outcome = yield* comeBack(started, { parameters: { code: "canary-code", ...parameters } })
  if (outcome._tag !== "Return") throw new Error(outcome._tag)
  return new URL(outcome.url)
})

describe("S-06 the callback names another region of the enumerated set", () => {
  it.effect("the code goes to that one, and so does all that follows", () => {
    const host = hostOf()
    return Effect.gen(function* () {
      const at = yield* flow({ "accounts-server": "https://accounts.forge.eu" })
      assert.strictEqual(at.searchParams.get("status"), "connected")
      const token = yield* accessToken(ofForge)
      assert.deepStrictEqual(token.fields, { region: "forge.eu" })
      yield* accessToken(ofForge, { rejected: token })
      assert.deepStrictEqual(hosts(host.sent), ["accounts.forge.eu", "accounts.forge.eu"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("by complete as well, where it waits sealed", () => {
    const host = hostOf()
    return Effect.gen(function* () {
      const at = yield* flow({ "accounts-server": "https://accounts.forge.eu" }, completeUrl)
      const flowId = new URLSearchParams(at.hash.slice(1)).get("flowId") ?? ""
      yield* complete(ann, yield* provider("forge"), { flowId })
      assert.deepStrictEqual(hosts(host.sent), ["accounts.forge.eu"])
      assert.deepStrictEqual((yield* accessToken(ofForge)).fields, { region: "forge.eu" })
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("the same region, or none, changes nothing; iss may be that region's", () => {
    const host = hostOf()
    return Effect.gen(function* () {
      yield* flow({ "accounts-server": "https://accounts.forge.example" })
      assert.deepStrictEqual((yield* accessToken(ofForge)).fields, { region: "forge.example" })
      assert.deepStrictEqual(hosts(host.sent), ["accounts.forge.example"])
    }).pipe(Effect.provide(host.layer))
  })

  for (const named of [
    "https://accounts.evil.example",
    "https://accounts.forge.in",
    "forge.eu",
    "https://accounts.forge.eu/",
    "constructor",
    ""
  ]) {
    it.effect(
      `a region that the definition does not enumerate for it sends nothing: "${named}"`,
      () => {
        const host = hostOf()
        return Effect.gen(function* () {
          const at = yield* flow({ "accounts-server": named })
          assert.strictEqual(at.searchParams.get("error"), "invalid_response")
          assert.deepStrictEqual(host.sent, [])
        }).pipe(Effect.provide(host.layer))
      }
    )
  }

  it.effect("without the definition's word for it the callback chooses nothing", () => {
    const { callbackRegion: _, ...plain } = regional
    const host = hostOf(plain)
    return Effect.gen(function* () {
      yield* flow({ "accounts-server": "https://accounts.forge.eu", region: "forge.eu" })
      assert.deepStrictEqual(hosts(host.sent), ["accounts.forge.example"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-84 nor does it leave the lock", () => {
    const host = hostOf()
    const region = { ...regional.fields[0], choices: ["forge.example", "forge.in"] as const }
    const lock: EndpointLock = {
      version: 1,
      providers: { forge: endpointsOf({ ...regional, fields: [region] }) }
    }
    return Effect.gen(function* () {
      const started = yield* startFlow(cookieUrl, ann, "forge", { region: "forge.example" })
      const outcome = yield* comeBack(started, {
        parameters: { code: "canary-code", "accounts-server": "https://accounts.forge.eu" }
      }).pipe(Effect.provideService(CurrentEndpointLock, lock))
      assert(outcome._tag === "Return")
      assert.include(outcome.url, "error=provider_error")
      assert.deepStrictEqual(host.sent, [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("the start refuses values that the field does not have", () =>
    Effect.gen(function* () {
      const { callbackRegion, fields } = regional
      for (const changes of [
        { callbackRegion },
        { callbackRegion, fields: [{ ...fields[0], choices: ["forge.example"] as const }] },
        { callbackRegion: { ...callbackRegion, field: "site" }, fields }
      ] as const)
        assert.include(yield* refusedBecause(changes as never), "callbackRegion:")
    })
  )
})

describe("an installation that somebody else has yet to approve, or that was changed", () => {
  const installable = {
    ...forge.definition,
    installation: {
      parameter: "installation_id",
      action: { parameter: "setup_action", requested: "request", updated: "update" }
    },
    captures: { installation_id: { from: "callback", parameter: "installation_id" } }
  } as const satisfies OAuth2Definition

  const word = (parameters: Readonly<Record<string, string>>) => {
    const host = hostOf(installable)
    return Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow(), { parameters })
      assert(outcome._tag === "Return")
      const at = new URL(outcome.url).searchParams
      return [at.get("error") ?? at.get("status"), host.sent.length] as const
    }).pipe(Effect.provide(host.layer))
  }

  for (const [name, parameters] of [
    ["waits for an owner", { setup_action: "request" }],
    ["waits for an owner, with a code of who asked", { setup_action: "request", code: "c" }],
    ["was changed", { setup_action: "update", installation_id: "7" }]
  ] as const) {
    it.effect(`${name}: the flow ends with pending_approval, and nothing is sent`, () =>
      Effect.map(word(parameters), (found) =>
        assert.deepStrictEqual(found, ["pending_approval", 0])
      )
    )
  }

  for (const [name, parameters, expected] of [
    ["was made", { setup_action: "install", installation_id: "7", code: "c" }, "connected"],
    [
      "was changed, and brings a code",
      { setup_action: "update", installation_id: "7", code: "c" },
      "connected"
    ],
    ["says nothing of itself", { installation_id: "7" }, "invalid_response"],
    ["was refused", { error: "access_denied" }, "access_denied"]
  ] as const) {
    it.effect(`one that ${name} is none: ${expected}`, () =>
      Effect.map(word(parameters), ([found]) => assert.strictEqual(found, expected))
    )
  }
})
