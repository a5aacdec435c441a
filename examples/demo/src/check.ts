import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { encryptionKeyIn } from "@hawser/cli/sample"
import { pglite, postgres } from "hawser"
import { dropSchema } from "./drop-schema.ts"
import { startDemo } from "./host.ts"
import { askedOnceMore } from "./story/asked-once-more.ts"
import { makeCast } from "./story/cast.ts"
import { endings } from "./story/endings.ts"
import { firstConnections } from "./story/first-connections.ts"
import { ownersAndNames } from "./story/owners-and-names.ts"
import { stepsDone } from "./story/step.ts"

/** The story of the page, told without a person, through `hawser/client`. */

const databaseUrl = process.env["DATABASE_URL"] ?? ""
const startedAt = performance.now()

const folder = await mkdtemp(join(tmpdir(), "hawser-demo-"))
// Never the person's own data: a folder, or a schema, of this run.
const schema = `hawser_demo_check_${crypto.randomUUID().slice(0, 8)}`
console.log(
  databaseUrl === "" ? "Starting PGlite …" : `On the PostgreSQL of DATABASE_URL, schema ${schema} …`
)
try {
  const demo = await startDemo({
    store: databaseUrl === "" ? pglite() : postgres({ url: databaseUrl, schema }),
    encryptionKey: encryptionKeyIn(folder)
  })
  try {
    const cast = await makeCast(demo)
    await firstConnections(cast)
    await ownersAndNames(cast)
    await askedOnceMore(cast)
    await endings(cast)
  } finally {
    await demo.close()
  }
  console.log(
    `${stepsDone()} steps, all as they should be, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  )
} catch {
  console.log(`The story broke off after ${stepsDone()} steps.`)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true })
  if (databaseUrl !== "") await dropSchema(databaseUrl, schema)
}
