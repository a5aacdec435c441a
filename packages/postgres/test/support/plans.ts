import { Effect } from "effect"
import { Pool, type PoolClient } from "pg"
import { query } from "../../../../test-support/postgres-query.ts"

/** A plan that was run, after what its first moments had left out. */
interface RanPlan {
  readonly statement: string
  readonly plan: PlanNode
}

interface PlanNode {
  readonly "Relation Name"?: string
  readonly Plans?: ReadonlyArray<PlanNode>
  readonly "Target Tables"?: ReadonlyArray<{ readonly "Relation Name": string }>
}

/** The tables that it reads or writes, as often as it names them. */
export const relationsIn = (plan: PlanNode): ReadonlyArray<string> => [
  ...(plan["Relation Name"] === undefined ? [] : [plan["Relation Name"]]),
  ...(plan["Target Tables"] ?? []).map((target) => target["Relation Name"]),
  ...(plan.Plans ?? []).flatMap(relationsIn)
]

/** Has the server tell of every statement how it ran, in a notice to whoever sent it. */
const explaining = [
  "session_preload_libraries = 'auto_explain'",
  "auto_explain.log_min_duration = 0",
  "auto_explain.log_analyze = on",
  "auto_explain.log_timing = off",
  "auto_explain.log_buffers = off",
  "auto_explain.log_format = 'json'",
  "auto_explain.log_level = 'notice'"
]

interface Explained {
  readonly "Query Text": string
  readonly Plan: PlanNode
}

/** A host's pool on a database whose server tells each plan to `tell`. */
export const explainedPool = Effect.fnUntraced(function* (
  url: string,
  tell: (ran: RanPlan) => void
) {
  const database = new URL(url).pathname.slice(1)
  for (const setting of explaining)
    yield* Effect.promise(() => query(url, `ALTER DATABASE ${database} SET ${setting}`))
  const onConnect = (client: PoolClient): void => {
    client.on("notice", ({ message = "" }) => {
      if (!message.startsWith("duration: ")) return
      const explained = JSON.parse(message.slice(message.indexOf("{"))) as Explained
      tell({ statement: explained["Query Text"], plan: explained.Plan })
    })
  }
  return yield* Effect.acquireRelease(
    Effect.sync(() => new Pool({ connectionString: url }).on("connect", onConnect)),
    (pool) => Effect.promise(() => pool.end())
  )
})
