import type { Effect } from "effect"
import type { OwnerKind } from "../model/index.ts"
import { ConnectSettings, program } from "../services/index.ts"
import type { ConfiguredProvider } from "./Provider.ts"
import type { Category, Field } from "./ProviderDefinition.ts"
import { ProviderRegistry } from "./ProviderRegistry.ts"

/** A field as the catalogue shows it to a form. */
export interface CatalogField {
  readonly name: string
  readonly label: string
  readonly required: boolean
  readonly secret: boolean
  readonly choices?: ReadonlyArray<string>
  /** A regular expression that the whole value must match, as HTML's `pattern` has it. */
  readonly pattern?: string
  readonly help?: string
}

/** A provider as the catalogue shows it, in the contract's members. */
export interface CatalogItem {
  readonly provider: string
  readonly displayName: string
  readonly category: Category
  readonly description: string
  /** The provider's own page about it. */
  readonly docsUrl?: string
  /** `#1f883d`. */
  readonly brandColor?: string
  readonly authType: "oauth2" | "api_key"
  /** OAuth2 only: what will be asked for. */
  readonly scopes?: ReadonlyArray<string>
  /** API keys only. */
  readonly requiredFields?: ReadonlyArray<string>
  /** All fields, the optional ones too, with what a form needs: of an API key, or of where the tenant lives. */
  readonly fields?: ReadonlyArray<CatalogField>
  /** Who may own connections, if it is not the tenant alone. */
  readonly ownedBy?: ReadonlyArray<OwnerKind>
  /** An owner may have several, told apart by their names. */
  readonly connections?: "many"
  /** The path of connect, as the world sees it. */
  readonly connectUrl: string
}

/** The providers that the host has configured, by display name. */
export const catalog = program("Hawser.catalog")(function* (query: {
  readonly category?: Category | undefined
}): Effect.fn.Return<ReadonlyArray<CatalogItem>, never, ConnectSettings | ProviderRegistry> {
  const registry = yield* ProviderRegistry
  const settings = yield* ConnectSettings
  return registry.all
    .filter(({ listed }) => listed)
    .filter(
      (provider) => query.category === undefined || provider.definition.category === query.category
    )
    .map((provider) => catalogItem(provider, settings.connectUrl(provider.id)))
    .toSorted((a, b) => (a.displayName < b.displayName ? -1 : 1))
})

const catalogItem = (provider: ConfiguredProvider, connectUrl: string): CatalogItem => ({
  provider: provider.id,
  displayName: provider.definition.displayName,
  category: provider.definition.category,
  description: provider.definition.description,
  ...(provider.definition.docsUrl !== undefined && { docsUrl: provider.definition.docsUrl }),
  ...(provider.definition.brandColor !== undefined && {
    brandColor: provider.definition.brandColor
  }),
  authType: provider.authType,
  ...("scopes" in provider
    ? { scopes: provider.scopes }
    : { requiredFields: provider.definition.fields.filter(isRequired).map(({ name }) => name) }),
  ...(provider.definition.fields !== undefined && {
    fields: provider.definition.fields.map(catalogField)
  }),
  // What a page needs to know of a provider that is not as by default.
  ...(provider.ownedBy.has("user") && { ownedBy: [...provider.ownedBy] }),
  ...(provider.connections === "many" && { connections: provider.connections }),
  connectUrl
})

const catalogField = (field: Field): CatalogField => ({
  name: field.name,
  label: field.label,
  required: isRequired(field),
  secret: field.secret !== false,
  ...(field.choices !== undefined && { choices: field.choices }),
  ...(field.pattern !== undefined && { pattern: field.pattern }),
  ...(field.help !== undefined && { help: field.help })
})

/** A field with a default need not be filled in. */
const isRequired = (field: Field): boolean =>
  field.required !== false && field.default === undefined
