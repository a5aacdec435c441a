import { Effect } from "effect"
import { Pool, type PoolConfig } from "pg"

/** A pool of node-postgres as a host makes it, ended with the scope. */
export const hostPool = (url: string, config: PoolConfig = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const pool = new Pool({ connectionString: url, ...config })
      // An idle connection that breaks is the host's to hear of.
      pool.on("error", () => {})
      return pool
    }),
    (pool) => Effect.promise(() => pool.end())
  )
