import { nearest, type ProviderDefinition } from "@hawser/core"
import { type CatalogueId, catalogueIds, factsOf } from "@hawser/testing/facts"
import type { RunningSimulator } from "@hawser/testing/simulator"
import * as catalogue from "hawser/providers"
import type { ProviderConfig } from "hawser"
import { Problem } from "../Problem.ts"

type Helper = (client: {
  readonly clientId: string
  readonly clientSecret: string
  readonly settings: Record<string, string>
}) => ProviderConfig

/** `pagerduty-api-key` to `pagerdutyApiKey`. */
export const helperName = (id: string): string =>
  id.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const helperOf = (id: string): Helper =>
  (catalogue as unknown as Readonly<Record<string, Helper>>)[helperName(id)] as Helper

export const isCatalogueId = (id: string): id is CatalogueId =>
  catalogueIds.includes(id as CatalogueId)

/** Says that the catalogue has no such provider, and which one may be meant. */
export const unknownProvider = (id: string): Problem => {
  const close = nearest(id, catalogueIds)
  return new Problem({
    code: "provider_unknown",
    problem: `The catalogue has no provider ${id}.${close === undefined ? "" : ` Do you mean ${close}?`}`,
    next: "npx hawser providers search finds those that it has; npx hawser providers add writes one of your own."
  })
}

/** A provider of the catalogue, as data. */
export const definitionOfCatalogue = (id: CatalogueId): ProviderDefinition =>
  (catalogue as unknown as Readonly<Record<string, ProviderDefinition>>)[
    `${helperName(id)}Definition`
  ] as ProviderDefinition

/** The same with a client of one's own. */
export const configOfCatalogue = (id: CatalogueId, client: Parameters<Helper>[0]): ProviderConfig =>
  helperOf(id)(client)

export const factsOfAll = (ids: ReadonlyArray<CatalogueId>) => ids.map(factsOf)

/** These providers, with all of their URLs at the simulator. */
export const simulatedProviders = (
  simulator: RunningSimulator,
  ids: ReadonlyArray<CatalogueId>,
  publicUrl: string
): ReadonlyArray<ProviderConfig> => ids.map((id) => simulator.simulate(helperOf(id), { publicUrl }))
