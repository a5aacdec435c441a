import { assert, layer } from "@effect/vitest"
import { ConnectionStore, OAuthStateStore, type Stores } from "@hawser/core"
import { PgliteClient, PostgresStores } from "@hawser/postgres/effect"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { type Database, makeDatabase } from "../../packages/postgres/src/Database.ts"
import { makeDatabaseClient } from "../../packages/postgres/src/DatabaseClient.ts"
import { makeNamespace } from "../../packages/postgres/src/Namespace.ts"
import { makeConnectionStore } from "../../packages/postgres/src/PostgresConnectionStore.ts"
import { makeOAuthStateStore } from "../../packages/postgres/src/PostgresOAuthStateStore.ts"
import { advance } from "../../packages/postgres/test/support/advance.ts"
import { BrokenPromise } from "../../packages/testing/src/story/invariants.ts"
import { AnotherAnswer } from "../../packages/testing/src/story/tellStory.ts"
import { createPGlite } from "../../test-support/pglite.ts"
import {
  acquire,
  begin,
  choosing,
  connect,
  failureOf,
  one,
  renew,
  type Story,
  wait
} from "./told.ts"

type Statements = Database["statements"]

interface Fault {
  readonly statement: keyof Statements
  readonly original: string
  readonly replacement: string
}

const faults: ReadonlyArray<
  Fault & { readonly found: "by a promise" | "by what memory answers"; readonly story: Story }
> = [
  {
    found: "by what memory answers",
    story: [
      ...one(connect(0), acquire(0), { _tag: "Defer", place: 0, ambiguous: false }),
      ...wait(21),
      ...one(acquire(0))
    ],
    statement: "deferGrant",
    original: "failures = g.failures + 1",
    replacement: "failures = 0"
  },
  {
    found: "by what memory answers",
    story: one(connect(0), acquire(0), renew(0), acquire(0)),
    statement: "renewGrant",
    original: "interrupted = false",
    replacement: "interrupted = true"
  },
  {
    found: "by a promise",
    story: one(connect(0, { account: 0 }), connect(0, { account: 1, reauthorizes: true })),
    statement: "connectWithGrant",
    original: "(i.account_id = $16::text AND",
    replacement: "(true AND"
  },
  {
    found: "by a promise",
    story: one(begin(0), { _tag: "Burn", flow: 0 }, { _tag: "Burn", flow: 0 }),
    statement: "burnFlow",
    original: "status = 'pending'",
    replacement: "status <> 'parked'"
  },
  {
    found: "by a promise",
    story: [
      ...one(...choosing),
      ...wait(28),
      ...one({ _tag: "SweepFlows" }, { _tag: "RevokeAbandoned" })
    ],
    statement: "sweepFlows",
    original: "AND status <> 'choosing'",
    replacement: ""
  },
  {
    found: "by a promise",
    story: [...one(...choosing), ...wait(21), ...one({ _tag: "RevokeAbandoned" })],
    statement: "abandonedChoices",
    original: "status = 'choosing'",
    replacement: "status = 'parked'"
  },
  {
    found: "by a promise",
    story: [
      ...one(connect(2, { account: 1 }), ...choosing),
      ...wait(21),
      ...one({ _tag: "RevokeAbandoned" }, { _tag: "ClaimRevocations" })
    ],
    statement: "enqueueRevocation",
    original: "$12::text[]",
    replacement: "CASE WHEN $12::text[] IS NULL THEN NULL::text[] END"
  }
]

const client = Layer.unwrap(
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => createPGlite()),
      (db) => Effect.promise(() => db.close())
    ),
    PgliteClient.layerFrom
  )
)

const stores = Layer.provideMerge(PostgresStores.layer(), client)

/** The stores of the package with one statement that is another. */
const storesWith = ({ original, replacement, statement }: Fault) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const { run } = makeDatabaseClient((yield* SqlClient).withoutTransforms(), {})
      const database = makeDatabase(run, yield* makeNamespace({}))
      const sql = database.statements[statement]
      assert.include(sql, original)
      const statements = { ...database.statements, [statement]: sql.replace(original, replacement) }
      const faulty = { ...database, statements }
      return Context.make(ConnectionStore, makeConnectionStore(faulty)).pipe(
        Context.add(OAuthStateStore, makeOAuthStateStore(faulty))
      )
    })
  )

layer(stores, { excludeTestServices: true })(
  "a story finds a fault in a statement, and none without",
  (it) => {
    for (const { found, story, ...fault } of faults)
      it.effect(
        `${fault.statement} with ${fault.replacement}, ${found}`,
        Effect.fnUntraced(function* () {
          const given = Layer.succeedContext(yield* Effect.context<Stores | SqlClient>())
          const faulty = Layer.provideMerge(storesWith(fault), given)
          for (const isReadWhole of [true, false]) {
            const failure = yield* failureOf(story, { layer: faulty, advance }, true, isReadWhole)
            const isAsNamed =
              found === "by a promise"
                ? failure instanceof BrokenPromise
                : failure instanceof AnotherAnswer
            assert.isTrue(isAsNamed, String(failure))
            const without = failureOf(story, { layer: given, advance }, true, isReadWhole)
            assert.isUndefined(yield* without)
          }
        }),
        // The first statement of each kind takes its time in a database that has run nothing yet.
        60_000
      )
  }
)
