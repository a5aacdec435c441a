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

/** By provider: what the host configures besides, such as `ownedBy`. */
export type Settings = Readonly<
  Partial<Record<CatalogueId, Partial<Pick<ProviderConfig, "connections" | "ownedBy">>>>
>

/** These providers, with all of their URLs at the simulator. */
export const simulatedProviders = (
  simulator: RunningSimulator,
  ids: ReadonlyArray<CatalogueId>,
  { publicUrl, settings }: { readonly publicUrl: string; readonly settings: Settings }
): ReadonlyArray<ProviderConfig> =>
  ids.map((id) => ({
    ...withSamples(simulator.simulate(helperOf(id), { publicUrl }), simulator.fields(id)),
    ...settings[id]
  }))

/** The form says what the simulation takes: it knows one account, and no other keys than that one's. */
const withSamples = (
  config: ProviderConfig,
  samples: Readonly<Record<string, string>>
): ProviderConfig => {
  const { definition } = config
  if (definition.fields === undefined) return config
  const fields = definition.fields.map((field) => ({
    ...field,
    help: `The simulation takes ${samples[field.name]} alone.`
  }))
  // Of either kind, and with as many fields as before: more than the types can follow.
  const plain: object = definition
  return { ...config, definition: { ...plain, fields } } as unknown as ProviderConfig
}
