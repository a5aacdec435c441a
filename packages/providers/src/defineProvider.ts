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
 * A provider from the host's own definition, which may come from a JSON file, with what the host allows: for OAuth2 also your client.
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
 * }, { ownedBy: ["tenant", "user"] })
 */
export function defineProvider<const Id extends string>(
  definition: typeof ApiKeyDefinition.Encoded & { readonly id: Id },
  options?: Omit<ApiKeyProviderConfig, "definition">
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
  options?: OAuth2Registration | Omit<ApiKeyProviderConfig, "definition">
): ApiKeyProviderConfig | OAuth2ProviderConfig {
  // By the overloads it is one where the definition is OAuth2. Without a client id the start stops and says so, as for every other
  // provider.
  const client = (options ?? { clientId: "" }) as OAuth2Registration
  const decoded = Result.getOrThrow(
    Effect.runSync(
      Effect.result(
        decodeProviderDefinition(definition, `defineProvider(${definition.id})`, {
          sharedClient: client.clientOf === undefined
        })
      )
    )
  )
  if (decoded.authType === "api_key") return { ...options, definition: decoded }
  return { ...client, definition: decoded }
}
