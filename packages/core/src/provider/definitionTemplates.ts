import type { ProviderDefinition } from "./ProviderDefinition.ts"

/** The names allowed in a template beside the host's settings. */
type Named = "fields" | "captures" | "client_id" | "client_secret" | "access_token"

/** One template of a definition. */
export interface TemplatePlace {
  /** Its member: `revocation.endpoint`. */
  readonly member: string
  readonly template: string
  readonly isUrl: boolean
  readonly takes: ReadonlyArray<Named>
}

interface Rule {
  readonly isUrl: boolean
  readonly takes: ReadonlyArray<Named>
}

const url = (...takes: ReadonlyArray<Named>): Rule => ({ isUrl: true, takes })
const text = (...takes: ReadonlyArray<Named>): Rule => ({ isUrl: false, takes })

/** The members that are templates. `*` is each element of a list or record. */
const rules: Readonly<Record<string, Rule>> = {
  "api.baseUrl": url("fields", "captures"),
  "apiHeaders.*": text("fields", "captures"),
  "check.url": url("fields", "captures"),
  "check.headers.*": text(),
  issuer: url("fields"),
  authorizationEndpoint: url("fields"),
  "authorizationParameters.*": text("fields"),
  tokenEndpoint: url("fields"),
  pushedAuthorizationRequestEndpoint: url("fields"),
  refreshEndpoint: url("fields"),
  "tokenRequest.headers.*": text(),
  "tokenRequest.parameters.*": text("fields", "client_id"),
  "refreshRequest.headers.*": text(),
  "refreshRequest.parameters.*": text("fields", "client_id"),
  "introspection.endpoint": url("fields"),
  "tokenExchange.endpoint": url("fields"),
  "tokenExchange.parameters.*": text("access_token", "client_id", "client_secret"),
  "discovery.url": url("fields", "captures"),
  "discovery.headers.*": text(),
  "account.url": url("fields", "captures"),
  "account.headers.*": text(),
  "revocation.endpoint": url("fields", "captures", "client_id"),
  "revocation.parameters.*": text("fields", "captures", "client_id"),
  "revocation.headers.*": text(),
  "tokenHeader.template": text("access_token"),
  "headers.*": text("fields"),
  "basic.username": text("fields"),
  "basic.password": text("fields"),
  "query.*": text("fields"),
  "clientCredentials.tokenEndpoint": url("fields"),
  "clientCredentials.clientId": text("fields"),
  "clientCredentials.clientSecret": text("fields"),
  "clientCredentials.scope": text("fields"),
  "clientCredentials.headers.*": text(),
  "clientCredentials.parameters.*": text("fields"),
  "clientCredentials.tokenHeader.template": text("access_token")
}

/** The definition with `change` applied to each template. Decode the result again. */
export const mapTemplates = (
  definition: ProviderDefinition,
  change: (place: TemplatePlace) => string
): unknown => {
  const walk = (value: unknown, path: ReadonlyArray<string>): unknown => {
    if (typeof value === "string") {
      const member = path.join(".")
      const rule = rules[member] ?? rules[[...path.slice(0, -1), "*"].join(".")]
      return rule === undefined ? value : change({ member, template: value, ...rule })
    }
    if (Array.isArray(value)) return value.map((one, index) => walk(one, [...path, String(index)]))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, walk(one, [...path, name])])
    )
  }
  return walk(definition, [])
}

/** All templates of a definition. */
export const templatesOf = (definition: ProviderDefinition): ReadonlyArray<TemplatePlace> => {
  const places: Array<TemplatePlace> = []
  mapTemplates(definition, (place) => {
    places.push(place)
    return place.template
  })
  return places
}
