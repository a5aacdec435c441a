import { migrationSql } from "@hawser/postgres"
import { Effect } from "effect"
import { appRole } from "./appRole.ts"
import { freshDatabase } from "./databases.ts"
import { hostPool } from "./pools.ts"

/** A database with policies, and an account that is neither superuser nor owner. */
export const securedDatabase = Effect.gen(function* () {
  const url = yield* freshDatabase
  const owner = yield* hostPool(url, { max: 1 })
  yield* Effect.promise(() => owner.query(migrationSql({ rowLevelSecurity: true })))
  const app = yield* appRole(url)
  yield* app.grant
  return { url, owner, app }
})
