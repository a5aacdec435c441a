import { assert, describe, it } from "@effect/vitest"
import { type ConnectionsQuery, disconnect, listConnections, ValidationError } from "@hawser/core"
import { Effect } from "effect"
import { inspect } from "node:util"
import {
  admin,
  connectForge,
  connectGauge,
  forge,
  gauge,
  makeHost,
  provider,
  tokenResponse
} from "./support/host.ts"

const tenants = ["a", "b", "c", "d", "e"]

const connectAll = Effect.forEach(tenants, (tenant) => connectForge(admin(tenant, "ann")), {
  discard: true
})

describe("the tenants that are connected to a provider", () => {
  it.effect("come page by page, each once, and without a secret", () =>
    Effect.gen(function* () {
      yield* connectAll
      const seen: Array<string> = []
      const pages: Array<number> = []
      let cursor: string | undefined
      do {
        const page = yield* listConnections(yield* provider("forge"), { limit: 2, cursor })
        assert.notInclude(inspect(page, { depth: 9 }), "canary")
        seen.push(...page.items.map(({ tenantId }) => tenantId))
        pages.push(page.items.length)
        cursor = page.nextCursor
      } while (cursor !== undefined)
      assert.deepStrictEqual(seen, tenants)
      assert.deepStrictEqual(pages, [2, 2, 1])
      const all = yield* listConnections(yield* provider("forge"), {})
      assert.strictEqual(all.items.length, 5)
      assert.isUndefined(all.nextCursor)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("are those of one provider, and of one status if that is asked for", () =>
    Effect.gen(function* () {
      yield* connectAll
      const mill = yield* listConnections(yield* provider("mill"), {})
      assert.deepStrictEqual(mill.items, [])
      const failing = yield* listConnections(yield* provider("forge"), { status: "error" })
      assert.deepStrictEqual(failing.items, [])
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("are connected, if nothing else is asked for", () =>
    Effect.gen(function* () {
      yield* connectAll
      const forge = yield* provider("forge")
      yield* disconnect(admin("c", "ann"), forge)
      const tenantsOf = Effect.fnUntraced(function* (query: ConnectionsQuery) {
        return (yield* listConnections(forge, query)).items.map(({ tenantId }) => tenantId)
      })
      assert.deepStrictEqual<ReadonlyArray<string>>(yield* tenantsOf({}), ["a", "b", "d", "e"])
      assert.deepStrictEqual<ReadonlyArray<string>>(yield* tenantsOf({ status: "disconnected" }), [
        "c"
      ])
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("are those that lack what is configured now, page by page", () => {
    const granted = new Map<string, string>()
    const host = makeHost({
      providers: [
        {
          ...forge,
          requiredScopes: [],
          definition: {
            ...forge.definition,
            defaultScopes: ["offline_access", "repo", "email"],
            scopeAliases: { email: ["https://scopes.example/email"] },
            unnamedScopes: ["offline_access"]
          }
        },
        gauge
      ],
      answer: () => tokenResponse({ scope: granted.get("next") })
    })
    return Effect.gen(function* () {
      const scopes = ["repo", "repo email", "email", "https://scopes.example/email repo", "other"]
      for (const [index, tenant] of tenants.entries()) {
        granted.set("next", scopes[index] ?? "")
        yield* connectForge(admin(tenant, "ann"))
      }
      const page = Effect.fnUntraced(function* (query: ConnectionsQuery = {}) {
        return yield* listConnections(yield* provider("forge"), { missingScopes: true, ...query })
      })
      const { items, nextCursor } = yield* page({ limit: 2 })
      assert.deepStrictEqual(
        items.map(({ missingScopes, tenantId }) => [tenantId as string, missingScopes]),
        [
          ["a", ["email"]],
          ["c", ["repo"]]
        ]
      )
      const last = yield* page({ limit: 2, cursor: nextCursor })
      assert.deepStrictEqual(
        last.items.map(({ missingScopes, tenantId }) => [tenantId as string, missingScopes]),
        [["e", ["repo", "email"]]]
      )
      assert.isUndefined(last.nextCursor)
      // Nothing that is disconnected lacks anything, and no API key does.
      yield* disconnect(admin("a", "ann"), yield* provider("forge"))
      assert.deepStrictEqual((yield* page({ status: "disconnected" })).items, [])
      assert.strictEqual((yield* page()).items.length, 2)
      yield* connectGauge(admin("a", "ann"))
      const gauges = yield* listConnections(yield* provider("gauge"), { missingScopes: true })
      assert.deepStrictEqual(gauges.items, [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("a limit, status or cursor that cannot be used is named", () =>
    Effect.gen(function* () {
      for (const [query, path] of [
        [{ limit: 0 }, "limit"],
        [{ limit: 101 }, "limit"],
        [{ limit: 1.5 }, "limit"],
        [{ limit: "2" as unknown as number }, "limit"],
        [{ status: "gone" as "error" }, "status"],
        [{ missingScopes: "yes" as unknown as boolean }, "missingScopes"],
        [{ cursor: "x" }, "cursor"],
        [{ cursor: Buffer.from('["a"]').toString("base64url") }, "cursor"]
      ] as const) {
        const error = yield* Effect.flip(listConnections(yield* provider("forge"), query))
        assert.deepStrictEqual(error, new ValidationError({ details: [{ path, code: "invalid" }] }))
      }
    }).pipe(Effect.provide(makeHost().layer))
  )
})
