import { datadog, github, pagerduty, pagerdutyApiKey, type ProviderConfig } from "hawser"
import type { ProviderEntry } from "./ConfigFile.ts"
import { Problem } from "./problem.ts"

type Client = Parameters<typeof github>[0]

/** The catalogue, by id: those that take a client of the host's, and those whose keys the tenants bring. */
const oauth2: ReadonlyMap<string, (client: Client) => ProviderConfig> = new Map([
  ["github", github],
  ["pagerduty", pagerduty]
])
const apiKey: ReadonlyMap<string, () => ProviderConfig> = new Map([
  ["datadog", datadog],
  ["pagerduty-api-key", pagerdutyApiKey]
])

export const catalogueIds: ReadonlyArray<string> = [...oauth2.keys(), ...apiKey.keys()].toSorted()

/** An entry of the file as `createHawser` takes it, which says itself when the client of a provider is missing. */
export const providerOf = (entry: ProviderEntry, where: string): ProviderConfig => {
  const { definition, id, ...given } = entry
  const client = { clientId: undefined, clientSecret: undefined, ...given }
  const needsClient = (config: ProviderConfig): ProviderConfig => {
    const [unused] = Object.keys(given)
    if (unused !== undefined) throw new Problem(`${where}.${unused}: An API key has no client`)
    return config
  }

  if (definition !== undefined) {
    if (id !== undefined) throw new Problem(`${where}: Set either id or definition`)
    return definition.authType === "oauth2"
      ? { definition, ...client }
      : needsClient({ definition })
  }
  if (id === undefined) throw new Problem(`${where}: Set either id or definition`)
  const makeOAuth2 = oauth2.get(id)
  if (makeOAuth2 !== undefined) return makeOAuth2(client)
  const makeApiKey = apiKey.get(id)
  if (makeApiKey !== undefined) return needsClient(makeApiKey())
  throw new Problem(`${where}.id: Expected one of ${catalogueIds.join(", ")}`)
}
