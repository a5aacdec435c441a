import { readdirSync, readFileSync } from "node:fs"
import type { CheckedProvider } from "../../src/catalogue/index.ts"

const folder = new URL("../../../providers/catalog/", import.meta.url)

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), "utf8"))

/** The ids of the catalogue's providers, without those that cannot be connected. */
export const providerIds = (): ReadonlyArray<string> =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.endsWith(".facts.json"))
    .map((name) => name.slice(0, -".json".length))
    .toSorted()

/** The facts of a provider, of one that cannot be connected too. */
export const readFacts = (id: string): unknown => read(`${id}.facts.json`)

/** A provider as it stands in its two files. */
export const readProvider = (id: string): CheckedProvider & { readonly definition: object } => ({
  definition: read(`${id}.json`) as object,
  facts: readFacts(id),
  source: `${id}.json`
})
