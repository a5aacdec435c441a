import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { workspace } from "../steps.ts"

/** A provider's two files as they stand on the disk: nothing of them is checked yet. */
export interface CatalogFiles {
  readonly id: string
  readonly definition: Readonly<Record<string, unknown>> | undefined
  readonly facts: Readonly<Record<string, unknown>>
}

export const catalogFolder = join(workspace, "packages/providers/catalog")

const read = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(folder, name), "utf8")) as Readonly<Record<string, unknown>>

/** One provider's files. What cannot be connected has facts and no definition. */
export const readFiles = (id: string, folder = catalogFolder): CatalogFiles => {
  const facts = read(folder, `${id}.facts.json`)
  return {
    id,
    definition: facts["authType"] === "unsupported" ? undefined : read(folder, `${id}.json`),
    facts
  }
}

/** The ids of all providers that have facts, in the order of the alphabet. */
export const catalogIds = (folder = catalogFolder): ReadonlyArray<string> =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".facts.json"))
    .map((name) => name.slice(0, -".facts.json".length))
    .toSorted()
