import { afterAll } from "vitest"
import { startPostgres } from "../../test-support/postgres-server.ts"
import { conformance } from "./support/conformance.ts"
import { mounts } from "./support/mounts.ts"
import { onPostgres } from "./support/stores.ts"

// The binaries of the oldest version come from npm for the platform of CI alone (package.json).
if (process.platform === "linux" && process.arch === "x64") {
  const server = await startPostgres({ version: "15" })
  afterAll(server.stop)

  for (const mount of Object.entries(mounts)) {
    conformance(mount, "PostgreSQL 15", onPostgres(server.url))
  }
}
