import {
  type ApiKeyDefinition,
  type ApiKeyProviderConfig,
  decodeProviderDefinition,
  type HasProviderId,
  type OAuth2Definition,
  type OAuth2ProviderConfig,
  type OAuth2Registration,
  type OneVendorUrl,
  type SharedClientConfig,
  type TenantClientsConfig
} from "@hawser/core"
import { Effect, Result } from "effect"

/** A definition whose endpoints are one vendor's, as far as the compiler can see their text. */
type OAuth2DefinitionOf<
  Id extends string,
  Authorization extends string,
  Token extends string,
  Fields
> = Omit<
  typeof OAuth2Definition.Encoded,
  "authorizationEndpoint" | "tokenEndpoint" | "fields" | "id"
> & {
  readonly id: Id
  readonly authorizationEndpoint: Authorization & OneVendorUrl<Authorization, Fields>
  readonly tokenEndpoint: Token & OneVendorUrl<Token, Fields>
  readonly fields?: Fields
}

/**
 * A provider from the host's own definition, which may come from a JSON file.
 *
 * Throws `ConfigurationError`, naming each member, on an unknown key, a wrong type or a URL that is not https, and if a
 * tenant could choose the host that sees your client's secret.
 *
 * @example
 * import { defineProvider } from "@hawser/providers"
 *
 * const provider = defineProvider({
 *   id: "acme",
 *   displayName: "Acme",
 *   category: "other",
 *   description: "Our own widgets.",
 *   authType: "api_key",
 *   fields: [{ name: "api_key", label: "API key" }],
 *   headers: { authorization: "Bearer {api_key}" },
 *   check: { url: "https://api.acme.example/me" }
 * })
 */
export function defineProvider<const Id extends string>(
  definition: typeof ApiKeyDefinition.Encoded & { readonly id: Id }
): ApiKeyProviderConfig & HasProviderId<Id>
export function defineProvider<const Id extends string>(
  definition: typeof OAuth2Definition.Encoded & { readonly id: Id },
  client: Omit<TenantClientsConfig, "definition">
): TenantClientsConfig & HasProviderId<Id>
export function defineProvider<
  const Id extends string,
  const Authorization extends string,
  const Token extends string,
  const Fields extends typeof OAuth2Definition.Encoded.fields
>(
  definition: OAuth2DefinitionOf<Id, Authorization, Token, Fields>,
  client: Omit<SharedClientConfig, "definition">
): SharedClientConfig & HasProviderId<Id>
export function defineProvider(
  definition: typeof ApiKeyDefinition.Encoded | typeof OAuth2Definition.Encoded,
  client: OAuth2Registration = { clientId: "" }
): ApiKeyProviderConfig | OAuth2ProviderConfig {
  const decoded = Result.getOrThrow(
    Effect.runSync(
      Effect.result(
        decodeProviderDefinition(definition, `defineProvider(${definition.id})`, {
          sharedClient: client.clientOf === undefined
        })
      )
    )
  )
  if (decoded.authType === "api_key") return { definition: decoded }
  // Without a client id the start stops and says so, as it does for every other provider.
  return { ...client, definition: decoded }
}
