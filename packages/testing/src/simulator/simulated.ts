import type {
  GithubAppClient,
  ApiKeyDefinition,
  OAuth2Definition,
  ProviderConfig,
  SharedClientConfig
} from "@hawser/core"
import { localHost, localUrl } from "./localUrl.ts"
import { madeUpAssertion, publicKeyOf } from "./madeUpKeys.ts"
import type { Registered, Registration } from "./Registration.ts"

/** A provider in the options of a host: of `hawser`, whose ids are plain strings, or of `@hawser/core`. */
export interface HostProvider {
  readonly definition: {
    readonly id: string
    readonly authType: ProviderConfig["definition"]["authType"]
  }
}

/** What the helpers of the catalogue are: `github`, `datadog`. */
export type Helper<Config extends HostProvider> = (client: SimulatedClient) => Config

/** What a helper is called with. */
export interface SimulatedClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly settings: Record<string, string>
}

export interface SimulateOptions {
  /** Hawser's own public URL, below which providers send browsers back. */
  readonly publicUrl: string
}

interface Surroundings extends SimulateOptions {
  readonly port: number
  /** The samples of what the host settles. */
  readonly settings: Readonly<Record<string, string>>
}

/** A provider of the host's whose vendor is the simulator. */
export interface Simulated<Config> {
  readonly config: Config
  /** The client to register there; undefined if the tenants bring theirs. */
  readonly registration: Partial<Registration> | undefined
}

/** What a helper of the catalogue gives, or what the host has made of it already. */
export const configOf = <Config extends HostProvider>(
  given: Config | Helper<Config>
): Config & ProviderConfig => {
  // Both kinds of types are of the same values.
  if (typeof given !== "function") return given as Config & ProviderConfig
  const config = given({
    clientId: "simulated-client",
    clientSecret: "simulated-secret",
    settings: {}
  }) as Config & ProviderConfig
  const { definition, settings } = config
  // A provider whose tenants bring keys has no client of the host's.
  return definition.authType === "oauth2"
    ? config
    : ({ definition, settings } as Config & ProviderConfig)
}

/** The same provider with all of its URLs at the simulator. */
export const simulated = <Config extends ProviderConfig>(
  config: Config,
  { port, publicUrl, settings }: Surroundings
): Simulated<Config> => {
  const { id } = config.definition
  const local = {
    ...config,
    definition: localDefinition(config.definition, port),
    // No tenant's host is reached: what it names has `.localhost` after it.
    allowTenantHosts: true,
    ...(Object.keys(settings).length > 0 && { settings: { ...settings, ...config.settings } })
  }
  if (!isSharedClient(local)) return { config: local, registration: undefined }
  const client = clientOf(local)
  return {
    config: { ...local, ...client.configured },
    registration: {
      ...client.registered,
      redirectUris: [
        local.callbackPath === undefined
          ? `${publicUrl.replace(/\/$/, "")}/v1/integrations/${id}/callback`
          : `${new URL(publicUrl).origin}${local.callbackPath}`
      ]
    }
  }
}

/** With the key that the simulator has made for an app. */
export const withAppKey = <Config extends ProviderConfig>(
  config: Config,
  { privateKey }: Registered
): Config => (privateKey === undefined ? config : { ...config, appPrivateKey: privateKey })

const isSharedClient = (config: ProviderConfig): config is SharedClientConfig =>
  config.definition.authType === "oauth2" &&
  (!("clientOf" in config) || config.clientOf === undefined)

/** The client as the host has it, and as the vendor knows it; what is missing is made up. */
const clientOf = ({
  appPrivateKey,
  clientAuthentication,
  clientId = "simulated-client",
  clientSecret = "simulated-secret",
  definition
}: SharedClientConfig & Partial<Pick<GithubAppClient, "appPrivateKey">>) => {
  const assertion =
    clientAuthentication ??
    (definition.clientAuthentication === "private_key_jwt"
      ? madeUpAssertion(definition.issuer)
      : undefined)
  return {
    configured:
      assertion === undefined
        ? { clientId, clientSecret }
        : { clientId, clientSecret: undefined, clientAuthentication: assertion },
    registered: {
      clientId,
      clientSecret: assertion === undefined ? clientSecret : undefined,
      ...publicKeyOf(appPrivateKey ?? assertion?.privateKey)
    }
  }
}

type At = (url: string) => string

/** The member with its URL elsewhere; none stays none. */
const moved = <Name extends string, Part extends Partial<Record<Name, string>>>(
  part: Part | undefined,
  name: Name,
  at: At
): Part | undefined =>
  part?.[name] === undefined ? part : { ...part, [name]: at(part[name] ?? "") }

/** Leaves out what is undefined, which the closed schema of a definition does not take. */
const defined = <Members extends object>(members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members

const localDefinition = <Definition extends OAuth2Definition | ApiKeyDefinition>(
  definition: Definition,
  port: number
): Definition => {
  const at: At = (url) => localUrl(url, port)
  const api = moved(definition.api, "baseUrl", at)
  const common = {
    check: moved(definition.check, "url", at),
    api:
      api?.hosts === undefined
        ? api
        : { ...api, hosts: api.hosts.map((host) => localHost(host, port)) }
  }
  return defined({
    // oxlint-disable-next-line typescript/no-misused-spread -- A definition is plain data.
    ...definition,
    ...common,
    ...(definition.authType === "oauth2"
      ? localOAuth2(definition, at)
      : { clientCredentials: moved(definition.clientCredentials, "tokenEndpoint", at) })
  })
}

/** The issuer stays: it is a name, which nothing is sent to. */
const localOAuth2 = (definition: OAuth2Definition, at: At) => {
  const { account, pushedAuthorizationRequestEndpoint: pushed, refreshEndpoint } = definition
  return {
    authorizationEndpoint: at(definition.authorizationEndpoint),
    tokenEndpoint: at(definition.tokenEndpoint),
    refreshEndpoint: refreshEndpoint === undefined ? undefined : at(refreshEndpoint),
    pushedAuthorizationRequestEndpoint: pushed === undefined ? undefined : at(pushed),
    revocation: moved(definition.revocation, "endpoint", at),
    introspection: moved(definition.introspection, "endpoint", at),
    tokenExchange: moved(definition.tokenExchange, "endpoint", at),
    discovery: moved(definition.discovery, "url", at),
    account: account?.from === "request" ? moved(account, "url", at) : account
  }
}
