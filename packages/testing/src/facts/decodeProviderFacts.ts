import { ConfigurationError } from "@hawser/core"
import { Effect, Schema } from "effect"
import { ApiKeyFacts, OAuth2Facts, type ProviderFacts, UnsupportedFacts } from "./ProviderFacts.ts"

const closed = { errors: "all", onExcessProperty: "error" } as const
const decodeOAuth2 = Schema.decodeUnknownEffect(OAuth2Facts, closed)
const decodeApiKey = Schema.decodeUnknownEffect(ApiKeyFacts, closed)
const decodeUnsupported = Schema.decodeUnknownEffect(UnsupportedFacts, closed)

const typeOf = (data: unknown): unknown =>
  typeof data === "object" && data !== null && "authType" in data ? data.authType : undefined

const refusing =
  (source: string) =>
  ({ message }: Schema.SchemaError) =>
    new ConfigurationError({ setting: source, problem: message })

/** The facts of a provider, from data such as a JSON file. Fails with `ConfigurationError`, which names `source`. */
export const decodeProviderFacts = (
  data: unknown,
  source: string
): Effect.Effect<ProviderFacts, ConfigurationError> =>
  typeOf(data) === "api_key"
    ? Effect.mapError(decodeApiKey(data), refusing(source))
    : Effect.mapError(decodeOAuth2(data), refusing(source))

/** The facts of one that cannot be connected. Fails with `ConfigurationError`, which names `source`. */
export const decodeUnsupportedFacts = (
  data: unknown,
  source: string
): Effect.Effect<UnsupportedFacts, ConfigurationError> =>
  Effect.mapError(decodeUnsupported(data), refusing(source))
