import { afterAll } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { conformance } from "./support/conformance.ts"
import { nightly } from "./support/matrix.ts"
import { onPostgres } from "./support/stores.ts"

const database = await createDatabase()
afterAll(database.drop)

for (const mount of nightly("PostgreSQL")) {
  conformance(mount, "PostgreSQL", onPostgres(database.url))
}
