import type { ProviderFacts } from "./ProviderFacts.ts"
import { factTexts } from "./factTexts.ts"

export type { ConfigurationError } from "@hawser/core"
export { decodeProviderFacts, decodeUnsupportedFacts } from "./decodeProviderFacts.ts"
export * from "./ProviderFacts.ts"

/** The ids of the catalogue. */
export type CatalogueId = keyof typeof factTexts

/** The facts of a provider of the catalogue: what its vendor's pages say, with the sample answers of a simulation. */
export const factsOf = (id: CatalogueId): ProviderFacts =>
  JSON.parse(factTexts[id]) as ProviderFacts

/** The ids of all providers of the catalogue that can be connected. */
export const catalogueIds = Object.keys(factTexts) as ReadonlyArray<CatalogueId>
