import { type HawserOptions, postgres } from "hawser"
import { createDatabase } from "../../../../test-support/postgres.ts"

/** An empty database on the run's PostgreSQL, which is dropped with the run. */
export const freshPostgres = async (): Promise<HawserOptions["store"]> =>
  postgres({ url: (await createDatabase()).url })
