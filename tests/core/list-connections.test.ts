import { assert, describe, it } from "@effect/vitest"
import { type ConnectionsQuery, disconnect, listConnections, ValidationError } from "@hawser/core"
import { Effect } from "effect"
import { inspect } from "node:util"
import { admin, connectForge, makeHost, provider } from "./support/host.ts"

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

  it.effect("a limit, status or cursor that cannot be used is named", () =>
    Effect.gen(function* () {
      for (const [query, path] of [
        [{ limit: 0 }, "limit"],
        [{ limit: 101 }, "limit"],
        [{ limit: 1.5 }, "limit"],
        [{ limit: "2" as unknown as number }, "limit"],
        [{ status: "gone" as "error" }, "status"],
        [{ cursor: "x" }, "cursor"],
        [{ cursor: Buffer.from('["a"]').toString("base64url") }, "cursor"]
      ] as const) {
        const error = yield* Effect.flip(listConnections(yield* provider("forge"), query))
        assert.deepStrictEqual(error, new ValidationError({ details: [{ path, code: "invalid" }] }))
      }
    }).pipe(Effect.provide(makeHost().layer))
  )
})
