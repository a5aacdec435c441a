import { postgres } from "@hawser/postgres"
import { storeConformance } from "@hawser/testing"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { describe, expect, it } from "vitest"
import { crossTenantStatements } from "../src/CrossTenantStatements.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { sealedValueStatements } from "../src/SealedValueStatements.ts"
import { tenantStatements } from "../src/TenantStatements.ts"
import { rotationAcrossTenants, statementsAcrossTenants } from "./support/acrossTenants.ts"
import { advance } from "./support/advance.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { partitionedStatements, partitionOf } from "./support/partitioned.ts"
import { explainedPool, relationsIn } from "./support/plans.ts"
import { quietEventBus } from "./support/quiet.ts"

/** By statement, the most partitions that one of its plans has named. */
const named = new Map<string, number>()

storeConformance("a schema that is partitioned by tenant", {
  layer: Layer.unwrap(
    Effect.gen(function* () {
      const url = yield* freshDatabase
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        for (const statement of partitionedStatements) yield* sql.unsafe(statement)
      }).pipe(Effect.provide(clientOf(url)), Effect.orDie)
      const pool = yield* explainedPool(url, ({ plan, statement }) => {
        const partitions = new Set(relationsIn(plan).flatMap(partitionOf))
        named.set(statement, Math.max(partitions.size, named.get(statement) ?? 0))
      })
      return quietEventBus.pipe(
        Layer.provideMerge(postgres({ pool }).layer),
        Layer.provideMerge(clientOf(url))
      )
    })
  ),
  advance,
  timeout: 60_000
})

describe("On a schema that is partitioned by tenant", () => {
  const { tables } = canonicalNamespace
  const { columns, inUse } = sealedValueStatements(tables)

  it.each(Object.entries(tenantStatements(tables)))(
    "%s prunes to one partition, in each of its plans",
    (_, statement) => {
      expect(named.get(statement)).toBeLessThanOrEqual(1)
    }
  )

  it("those that do not are listed, each with its reason", () => {
    const listed: Readonly<Record<string, string>> = {
      ...statementsAcrossTenants,
      ...rotationAcrossTenants
    }
    const names = new Map([
      ...Object.entries(crossTenantStatements(tables)).map(([name, sql]) => [sql, name] as const),
      ...columns.map(({ batch }) => [batch, "batch"] as const),
      [inUse, "inUse"] as const
    ])
    const spread = [...named].filter(([, partitions]) => partitions > 1)
    expect(spread.length).toBeGreaterThan(10)
    const unlisted = spread.filter(([statement]) => !((names.get(statement) ?? "") in listed))
    expect(unlisted).toStrictEqual([])
  })
})
