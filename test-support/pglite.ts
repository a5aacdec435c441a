import { PGlite } from "@electric-sql/pglite"
import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * An empty PGlite in memory, for the caller to close.
 * Its initdb takes 4 to 8 s, so a fresh data folder is kept and loaded (under 1 s) from then on.
 */
export const createPGlite = async (): Promise<PGlite> => {
  const dump = cachedDump()
  if (dump !== undefined) return PGlite.create({ loadDataDir: new Blob([dump]) })
  const db = await PGlite.create()
  const fresh = await db.dumpDataDir("none")
  keep(new Uint8Array(await fresh.arrayBuffer()))
  return db
}

const packageJson = join(
  dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite"))),
  "../package.json"
)
const { version } = JSON.parse(readFileSync(packageJson, "utf8")) as { version: string }
const file = fileURLToPath(
  new URL(`../node_modules/.cache/hawser/pglite-${version}.tar`, import.meta.url)
)

const cachedDump = (): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return new Uint8Array(readFileSync(file))
  } catch {
    return undefined
  }
}

/** Another test process may do the same at this moment: the file appears whole or not at all. */
const keep = (dump: Uint8Array): void => {
  mkdirSync(dirname(file), { recursive: true })
  const partial = `${file}.${randomBytes(4).toString("hex")}`
  writeFileSync(partial, dump)
  renameSync(partial, file)
}
