import {
  ApiKeyDefinition,
  type ApiKeyProviderConfig,
  ConfigurationError,
  OAuth2Definition,
  type OAuth2ProviderConfig,
  type OneVendorUrl,
  tenantChosenHost
} from "@hawser/core"
import { Result, Schema } from "effect"

const closed = { errors: "all", onExcessProperty: "error" } as const
const decodeOAuth2 = Schema.decodeUnknownResult(OAuth2Definition, closed)
const decodeApiKey = Schema.decodeUnknownResult(ApiKeyDefinition, closed)

const definitionOr = <A>(id: string, decoded: Result.Result<A, Schema.SchemaError>): A =>
  Result.getOrThrowWith(
    decoded,
    ({ message }) => new ConfigurationError({ setting: `defineProvider(${id})`, problem: message })
  )

/** A definition whose endpoints are one vendor's, as far as the compiler can see their text (S-23). */
type OAuth2DefinitionOf<Authorization extends string, Token extends string, Fields> = Omit<
  typeof OAuth2Definition.Encoded,
  "authorizationEndpoint" | "tokenEndpoint" | "fields"
> & {
  readonly authorizationEndpoint: Authorization & OneVendorUrl<Authorization, Fields>
  readonly tokenEndpoint: Token & OneVendorUrl<Token, Fields>
  readonly fields?: Fields
}

/**
 * A provider of the host's own, from a definition that is data: it may come from a JSON file.
 *
 * Throws `ConfigurationError`, naming each member, on an unknown key, a wrong type or a URL that is not https, and where a tenant
 * would choose the host that your client is used at.
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
export function defineProvider(definition: typeof ApiKeyDefinition.Encoded): ApiKeyProviderConfig
export function defineProvider<
  const Authorization extends string,
  const Token extends string,
  const Fields extends typeof OAuth2Definition.Encoded.fields
>(
  definition: OAuth2DefinitionOf<Authorization, Token, Fields>,
  client: Omit<OAuth2ProviderConfig, "definition">
): OAuth2ProviderConfig
export function defineProvider(
  definition: typeof ApiKeyDefinition.Encoded | typeof OAuth2Definition.Encoded,
  client?: Omit<OAuth2ProviderConfig, "definition">
): ApiKeyProviderConfig | OAuth2ProviderConfig {
  if (definition.authType === "api_key") {
    return { definition: definitionOr(definition.id, decodeApiKey(definition)) }
  }
  const decoded = definitionOr(definition.id, decodeOAuth2(definition))
  const chosen = tenantChosenHost(decoded)
  if (chosen !== undefined) {
    const { member, problem } = chosen
    throw new ConfigurationError({ setting: `defineProvider(${decoded.id}).${member}`, problem })
  }
  // Without a client id the start stops and says so, as it does for every other provider.
  return {
    clientId: "",
    ...client,
    definition: decoded
  }
}
