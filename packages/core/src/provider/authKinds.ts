import { Effect, Schema } from "effect"
import type { Digest } from "effect/crypto"
import { ConfigurationError, hostOptions } from "../model/index.ts"
import { askHost } from "../services/index.ts"
import { checkCaptures } from "./captureChecks.ts"
import { type GithubAppProviderConfig, githubAppAddition } from "./githubApp.ts"
import { isPermission } from "./githubPermissions.ts"
import type { HostAuthKind } from "./HostAuthKind.ts"
import { checkKeyAccount, checkKeyCarriers } from "./keyChecks.ts"
import { configureOAuth2, type OAuth2ProviderConfig } from "./OAuth2Config.ts"
import { checkOAuth2 } from "./oauth2Checks.ts"
import type {
  ApiKeyProviderConfig,
  Availability,
  ConfiguredProvider,
  GrantProvider
} from "./Provider.ts"
import {
  ApiKeyDefinition,
  AuthKindId,
  OAuth2Definition,
  type ProviderDefinition
} from "./ProviderDefinition.ts"
import { commonOptions, githubAppOptions, oauth2Options } from "./providerOptions.ts"
import { checkRequests } from "./requestChecks.ts"
import { tenantChosenHost } from "./sharedClient.ts"

/** The host's own kinds. */
export type HostAuthKinds = ReadonlyArray<HostAuthKind>

export type ProviderConfig = OAuth2ProviderConfig | GithubAppProviderConfig | ApiKeyProviderConfig

/** A provider whose id the compiler knows. */
export interface HasProviderId<Id extends string> {
  /** For the compiler alone: no provider has it at run time. */
  readonly "~id"?: Id
}

/** The ids of these providers, or `string` if the compiler does not know all of them. */
export type ProviderIdOf<Providers extends ReadonlyArray<ProviderConfig>> = [
  Providers[number]
] extends [never]
  ? string
  : IdOf<Providers[number]>

type IdOf<Config> = Config extends HasProviderId<infer Id> ? Id : string

/** A provider as the host wrote it, with its checked definition. */
interface Configured<Config, Definition> {
  readonly config: Config
  readonly definition: Definition
  readonly availability: Availability
  readonly authKinds: HostAuthKinds
}

/**
 * An auth kind decodes and checks definitions and options before anything is sent. `auth` has the same kind at work: it uses,
 * renews, checks and revokes a credential, and may import the protocol.
 */
export interface DeclaredKind<
  Definition extends ProviderDefinition = ProviderDefinition,
  Config = ProviderConfig
> {
  readonly id: string
  /** How a connection begins: a person consents at the vendor, or a tenant's admin names a stored credential. */
  readonly begin: "consent" | "credential"
  /** Whether an access token or the token of a key can be replaced. */
  readonly isRenewable: boolean
  /** What a definition of it is called in a sentence. */
  readonly title: string
  readonly decode: (data: unknown) => Effect.Effect<Definition, Schema.SchemaError>
  /** Names that no field, capture or setting may have. */
  readonly reserved: ReadonlyArray<string>
  /** The headers that carry the credential. */
  readonly credentialHeaders: (definition: Definition) => ReadonlyArray<string>
  /** How a request carries the token, if the definition says so. */
  readonly tokenHeader: (definition: Definition) => OAuth2Definition["tokenHeader"]
  /** The member whose host a tenant chooses, although all tenants share one client. */
  readonly chosenHost: (definition: Definition) => ReturnType<typeof tenantChosenHost>
  /** What a definition cannot mean. */
  readonly checkDefinition: (definition: Definition) => string | undefined
  /** The same about what carries a key. */
  readonly checkCarriers: (definition: Definition) => string | undefined
  readonly checkOptions: (setting: string, config: unknown) => ConfigurationError | undefined
  readonly configure: (
    configured: Configured<Config, Definition>,
    refuse: (problem: string) => ConfigurationError
  ) => Effect.Effect<ConfiguredProvider, ConfigurationError, Digest.Digest>
}

const closed = { errors: "all", onExcessProperty: "error" } as const
const none = () => undefined

const oauth2: DeclaredKind<OAuth2Definition, OAuth2ProviderConfig> = {
  id: "oauth2",
  begin: "consent",
  isRenewable: true,
  title: "an OAuth2 definition",
  decode: Schema.decodeUnknownEffect(OAuth2Definition, closed),
  reserved: ["access_token", "client_id", "client_secret"],
  credentialHeaders: ({ tokenHeader }) => [tokenHeader?.name ?? "authorization"],
  tokenHeader: ({ tokenHeader }) => tokenHeader,
  chosenHost: tenantChosenHost,
  checkDefinition: (definition) =>
    checkOAuth2(definition) ??
    checkCaptures(definition, { confirmsCallback: false }) ??
    checkRequests(definition),
  checkCarriers: none,
  checkOptions: hostOptions<OAuth2ProviderConfig>(oauth2Options),
  configure: (configured, refuse) =>
    configureOAuth2(configured, { added: () => Effect.succeed({}), secrets: () => [] }, refuse)
}

const githubApp: DeclaredKind<OAuth2Definition, GithubAppProviderConfig> = {
  ...oauth2,
  id: "github_app",
  checkDefinition: (definition) =>
    checkOAuth2(definition) ??
    // GitHub is asked which installations the person may see.
    checkCaptures(definition, { confirmsCallback: true }) ??
    checkRequests(definition) ??
    (definition.authorizationOmits?.includes("scope") === true
      ? undefined
      : "authorizationOmits must hold scope: permissions are asked for with the installation's token"),
  checkOptions: hostOptions<GithubAppProviderConfig>(githubAppOptions),
  configure: (configured, refuse) => {
    const { mayBind, requiredScopes = [], scopes = [] } = configured.config
    const wrong = [...scopes, ...requiredScopes].find((scope) => !isPermission(scope))
    return wrong === undefined
      ? configureOAuth2(configured, githubAppAddition({ mayBind }), refuse)
      : Effect.fail(
          refuse(`scopes: "${wrong}" is not a permission of a GitHub App; write contents:read.`)
        )
  }
}

const apiKey: DeclaredKind<ApiKeyDefinition, ApiKeyProviderConfig> = {
  id: "api_key",
  begin: "credential",
  isRenewable: false,
  title: "an API-key definition",
  decode: Schema.decodeUnknownEffect(ApiKeyDefinition, closed),
  reserved: [],
  credentialHeaders: ({ basic, headers }) => [
    ...Object.keys(headers ?? {}),
    ...(basic === undefined ? [] : ["authorization"])
  ],
  tokenHeader: none,
  chosenHost: none,
  checkDefinition: (definition) =>
    definition.clientCredentials === undefined
      ? checkKeyAccount(definition)
      : `authKind: ${definition.authKind} does not know clientCredentials`,
  checkCarriers: checkKeyCarriers,
  checkOptions: hostOptions<ApiKeyProviderConfig>(commonOptions),
  configure: ({ availability, definition }) =>
    Effect.succeed({ authType: "api_key", id: definition.id, definition, ...availability })
}

const clientCredentials: DeclaredKind<ApiKeyDefinition, ApiKeyProviderConfig> = {
  ...apiKey,
  id: "client_credentials",
  isRenewable: true,
  credentialHeaders: (definition) => [
    ...apiKey.credentialHeaders(definition),
    definition.clientCredentials?.tokenHeader?.name ?? "authorization"
  ],
  tokenHeader: (definition) => definition.clientCredentials?.tokenHeader,
  checkDefinition: (definition) =>
    definition.clientCredentials === undefined
      ? "clientCredentials is missing"
      : checkKeyAccount(definition)
}

/** The declaration of every kind of a host's. What carries its fields is code. */
const ofHost: DeclaredKind<ApiKeyDefinition, ApiKeyProviderConfig> = {
  ...apiKey,
  id: "host",
  isRenewable: true,
  checkCarriers: none,
  configure: Effect.fnUntraced(function* ({ authKinds, availability, definition }, refuse) {
    const hostKind = authKinds.find(({ id }) => id === definition.authKind)
    if (hostKind === undefined) {
      return yield* refuse(
        `authKind: ${definition.authKind} is neither Hawser's nor in authKinds. Add it there.`
      )
    }
    const problem = yield* askHost({
      hook: "authKinds.configure",
      call: () => hostKind.configure(definition),
      read: (answer) => (typeof answer === "string" ? answer : undefined),
      details: { provider: definition.id }
    }).pipe(Effect.mapError(({ message }) => refuse(message)))
    if (problem !== undefined) return yield* refuse(problem)
    return { authType: "api_key", id: definition.id, definition, ...availability, hostKind }
  })
}

/** The four kinds by their ids. */
const kinds = {
  oauth2,
  api_key: apiKey,
  client_credentials: clientCredentials,
  github_app: githubApp
}
export type OwnAuthKindId = keyof typeof kinds

export const isOwnAuthKind = (id: string): id is OwnAuthKindId => Object.hasOwn(kinds, id)

/** The members by which a definition says its kind. */
interface SaysKind {
  readonly authType: ProviderDefinition["authType"]
  readonly authKind?: string
  readonly clientCredentials?: unknown
}

/** The id of a definition's auth kind. */
export const authKindIdOf = ({ authKind, authType, clientCredentials }: SaysKind): string =>
  authKind ?? (clientCredentials === undefined ? authType : "client_credentials")

/** The declared kind of a definition: the one place at which kinds are told apart before anything is sent. */
export const declaredKindOf = (definition: SaysKind): DeclaredKind => {
  const id = authKindIdOf(definition)
  // A definition was decoded by its kind, and the config is checked by it.
  return (isOwnAuthKind(id) ? kinds[id] : ofHost) as DeclaredKind
}

/** Whether a person begins a connection by consenting at the vendor, so that there are tokens of a grant. */
export const beginsByConsent = (provider: ConfiguredProvider): provider is GrantProvider =>
  declaredKindOf(provider.definition).begin === "consent"

const isKindId = Schema.is(AuthKindId)

/** Fails with `ConfigurationError` if an id of the host's kinds is malformed, is one of Hawser's, or comes twice. */
export const checkAuthKinds = (
  given: ReadonlyArray<HostAuthKind>
): Effect.Effect<void, ConfigurationError> => {
  const ids = given.map(({ id }) => id)
  const wrong = ids.findIndex(
    (id, index) => !isKindId(id) || isOwnAuthKind(id) || ids.indexOf(id) !== index
  )
  return wrong === -1
    ? Effect.void
    : Effect.fail(
        new ConfigurationError({
          setting: `authKinds[${wrong}].id`,
          problem:
            "Give each kind an id of its own in lower case, such as signed_request, that is not one of Hawser's."
        })
      )
}
