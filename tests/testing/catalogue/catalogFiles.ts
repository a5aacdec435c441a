import { catalogIds, readFiles } from "../../../scripts/providers/catalog.ts"
import type { CheckedProvider } from "../../../packages/testing/src/catalogue/index.ts"

/** The ids of the catalogue's providers, without those that cannot be connected. */
export const providerIds = (): ReadonlyArray<string> =>
  catalogIds().filter((id) => readFiles(id).definition !== undefined)

/** The facts of a provider, of one that cannot be connected too. */
export const readFacts = (id: string): unknown => readFiles(id).facts

/** A provider as it stands in its two files. */
export const readProvider = (id: string): CheckedProvider & { readonly definition: object } => {
  const { definition, facts } = readFiles(id)
  if (definition === undefined) throw new Error(`${id} cannot be connected`)
  return { definition, facts, source: `${id}.json` }
}
