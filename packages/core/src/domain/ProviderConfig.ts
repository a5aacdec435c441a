import { Effect, Schema } from "effect"
import { Digest } from "effect/crypto"
import { lengthPrefixed } from "../crypto/lengthPrefixed.ts"
import { ConfigurationError } from "./Errors.ts"
import type { Provider } from "./Provider.ts"
import {
  type ApiKeyDefinition,
  isLoopback,
  type OAuth2Definition,
  ProviderDefinition
} from "./ProviderDefinition.ts"
import { Secret } from "./Sealed.ts"

/** An OAuth2 provider as a host configures it. */
export interface OAuth2ProviderConfig {
  readonly definition: OAuth2Definition
  /** The start refuses what is undefined, so that an environment variable may be written here as it is. */
  readonly clientId: string | undefined
  /** Left out only where the definition's client authentication is `none`. */
  readonly clientSecret?: string | undefined
  /** What to ask for; default the definition's `defaultScopes`. */
  readonly scopes?: ReadonlyArray<string>
  /** Without each of these granted there is no connection; default none. */
  readonly requiredScopes?: ReadonlyArray<string>
}

/** An API-key provider as a host configures it. */
export interface ApiKeyProviderConfig {
  readonly definition: ApiKeyDefinition
}

export type ProviderConfig = OAuth2ProviderConfig | ApiKeyProviderConfig

const decodeDefinition = Schema.decodeUnknownEffect(ProviderDefinition, {
  errors: "all",
  onExcessProperty: "error"
})

const placeholders = (template: string): ReadonlyArray<string> =>
  [...template.matchAll(/(?<=\{)[a-z][a-z0-9_]*(?=\})/g)].map(([name]) => name)

const isRegularExpression = (pattern: string): boolean => {
  try {
    return new RegExp(pattern, "v").source !== ""
  } catch {
    return false
  }
}

const urlsOf = (definition: ProviderDefinition): ReadonlyArray<string> =>
  definition.authType === "oauth2"
    ? [definition.authorizationEndpoint, definition.tokenEndpoint]
    : definition.check === undefined
      ? []
      : [definition.check.url]

/** What the schema of one member cannot see: templates against fields, patterns that do not compile, host parts. */
const contradiction = (definition: ProviderDefinition): string | undefined => {
  if (definition.authType === "oauth2") {
    const templated = urlsOf(definition).find((url) => placeholders(url).length > 0)
    return templated === undefined
      ? undefined
      : `${templated} has a placeholder, and OAuth2 definitions have no fields`
  }
  const fields = new Map(definition.fields.map((field) => [field.name, field]))
  if (fields.size !== definition.fields.length) return "two fields have the same name"
  for (const template of [...Object.values(definition.headers), ...urlsOf(definition)]) {
    const unknown = placeholders(template).find((name) => !fields.has(name))
    if (unknown !== undefined) return `{${unknown}} is not the name of a field`
  }
  for (const name of urlsOf(definition).flatMap(placeholders)) {
    // A secret in a URL ends in logs (S-32), and free text in a host leads anywhere (S-62).
    const field = fields.get(name)
    if (field?.secret !== false) return `{${name}} stands in a URL and is a secret`
    if (field.choices === undefined) return `{${name}} stands in a URL and has no list of choices`
    // Nothing in its place would make another host of what stands around it.
    if (field.required === false && field.default === undefined)
      return `{${name}} stands in a URL and may be left out`
  }
  for (const field of definition.fields) {
    if (field.pattern !== undefined) {
      if (!isRegularExpression(field.pattern)) {
        return `the pattern of field ${field.name} is not a regular expression`
      }
    }
  }
  return undefined
}

/**
 * Turns what the host configured into a provider the programs can use.
 *
 * Fails with `ConfigurationError`, naming provider and member, on an unknown key, a wrong type, an unknown placeholder,
 * an http URL, or a missing client secret. Plain http on loopback is for development only and must be asked for.
 */
export const configureProvider = Effect.fnUntraced(function* (
  config: ProviderConfig,
  options: { readonly unsafelyAllowLoopback: boolean }
): Effect.fn.Return<Provider, ConfigurationError, Digest.Digest> {
  const setting = `providers[${String(config.definition.id)}]`
  const refuse = (problem: string) => new ConfigurationError({ setting, problem })

  const definition = yield* Effect.mapError(decodeDefinition(config.definition), (error) =>
    refuse(error.message)
  )
  const wrong = contradiction(definition)
  if (wrong !== undefined) return yield* refuse(`${wrong}.`)
  const insecure = urlsOf(definition).find((url) => isLoopback(new URL(url).hostname))
  if (insecure !== undefined && !options.unsafelyAllowLoopback) {
    return yield* refuse(
      `${insecure} is on this machine. For development, set unsafelyAllowLoopback.`
    )
  }

  if (definition.authType === "api_key")
    return { authType: "api_key", id: definition.id, definition }

  if (!("clientId" in config)) return yield* refuse("Set clientId.")
  const clientId = config.clientId ?? ""
  if (clientId === "") return yield* refuse("Set clientId.")
  const clientSecret = config.clientSecret ?? ""
  if (definition.clientAuthentication !== "none" && clientSecret === "")
    return yield* refuse("Set clientSecret.")
  const digest = yield* Digest.Digest
  return {
    authType: "oauth2",
    id: definition.id,
    definition,
    client: {
      clientId,
      clientSecret: clientSecret === "" ? undefined : Secret(clientSecret)
    },
    clientFingerprint: yield* digest.digestHex(
      Digest.sha256,
      lengthPrefixed([definition.tokenEndpoint, clientId])
    ),
    scopes: config.scopes ?? definition.defaultScopes,
    requiredScopes: config.requiredScopes ?? []
  }
})
