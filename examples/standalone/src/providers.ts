import type { ProviderConfig } from "hawser"
import * as helpers from "hawser/providers"
import type { ProviderEntry } from "./ConfigFile.ts"
import { Problem } from "./problem.ts"

type Definition = ProviderConfig["definition"]

const isDefinition = (one: object): one is Definition => "authType" in one

/** The catalogue, by id. */
export const catalogue: ReadonlyMap<string, Definition> = new Map(
  Object.values(helpers)
    .filter(isDefinition)
    .map((definition) => [definition.id, definition])
)

/** An entry of the file as `createHawser` takes it, which says itself when the client of a provider is missing. */
export const providerOf = (entry: ProviderEntry, where: string): ProviderConfig => {
  const { allowTenantHosts, id, settings, ...rest } = entry
  const { definition: own, ...client } = rest
  if ((own === undefined) === (id === undefined))
    throw new Problem(`${where}: Set either id or definition`)
  const definition = own ?? catalogue.get(id ?? "")
  if (definition === undefined)
    throw new Problem(
      `${where}.id: The catalogue has no such provider; docs/providers.md lists them`
    )
  const common = {
    ...(allowTenantHosts !== undefined && { allowTenantHosts }),
    ...(settings !== undefined && { settings })
  }
  if (definition.authType === "oauth2")
    return { ...common, definition, clientId: undefined, clientSecret: undefined, ...client }
  const [unused] = Object.keys(client)
  if (unused !== undefined) throw new Problem(`${where}.${unused}: An API key has no client`)
  return { ...common, definition }
}
