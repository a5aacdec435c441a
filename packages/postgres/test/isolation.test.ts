import { describe, expect, it } from "@effect/vitest"
import { OAuthStateStore } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Duration, Effect, Layer } from "effect"
import { query } from "../../../test-support/postgres-query.ts"
import { connect, disconnect, freshTenant, newFlow } from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { securedDatabase } from "./support/secured.ts"
import { ways } from "./support/ways.ts"

const levels = ["repeatable read", "serializable"] as const

const setDefault = (url: string, level: string) =>
  Effect.promise(() =>
    query(
      url,
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_isolation = '${level}'`
    )
  )

const atOnce = 12
const terms = { lifetime: Duration.minutes(10), limits: { perUser: 20, perTenant: 200 } }

/** Many want the same rows: they begin flows of one user, connect one integration, and disconnect it. */
const burst = Effect.gen(function* () {
  const tenant = freshTenant()
  const flows = yield* OAuthStateStore
  const all = <E extends { readonly _tag: string }, R>(one: Effect.Effect<unknown, E, R>) =>
    Effect.forEach(
      Array.from({ length: atOnce }),
      () => Effect.match(one, { onSuccess: () => "done", onFailure: ({ _tag }) => _tag }),
      { concurrency: "unbounded" }
    )
  const counts = (outcomes: ReadonlyArray<string>) =>
    Object.fromEntries([...Map.groupBy(outcomes, (one) => one)].map(([k, v]) => [k, v.length]))
  return [
    yield* all(Effect.suspend(() => flows.start(newFlow(tenant), terms))),
    yield* all(connect(tenant)),
    yield* all(disconnect(tenant))
  ].map(counts)
})

const answers = [
  { done: atOnce },
  { done: 1, AlreadyConnected: atOnce - 1 },
  { done: 1, IntegrationNotFound: atOnce - 1 }
]

describe.each(levels)("Under default_transaction_isolation = %s", (level) => {
  it.live.each(ways)("three first starts at once through %s succeed", ([, optionsFor]) =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      yield* setDefault(url, level)
      yield* Effect.forEach(
        [1, 2, 3],
        () =>
          Effect.flatMap(optionsFor(url, 2), (options) =>
            Effect.scoped(Layer.build(postgres(options).layer))
          ),
        { concurrency: "unbounded" }
      )
    })
  )

  it.live.each(ways)("a burst on one integration through %s gets answers", ([, optionsFor]) =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      yield* setDefault(url, level)
      const options = yield* optionsFor(url, 10)
      const outcomes = yield* Effect.provide(burst, postgres(options).layer)
      expect(outcomes).toStrictEqual(answers)
    })
  )

  it.live("a burst under row-level security gets answers", () =>
    Effect.gen(function* () {
      const { app, url } = yield* securedDatabase
      yield* setDefault(url, level)
      const store = postgres({ url: app.url, migrate: "check", rowLevelSecurity: true })
      const outcomes = yield* Effect.provide(burst, store.layer)
      expect(outcomes).toStrictEqual(answers)
    })
  )
})
