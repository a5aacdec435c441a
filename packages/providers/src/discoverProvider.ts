import {
  type ConfigurationError,
  DiscoveryFailed,
  discoverServer,
  type Egress,
  type MetadataDocument,
  type OAuth2Definition,
  type OAuth2ProviderConfig,
  type OAuth2Registration,
  isHawserError
} from "@hawser/core"
import { Effect } from "effect"
import { defineProvider } from "./defineProvider.ts"

type Encoded = typeof OAuth2Definition.Encoded

/** A definition without the members that the server's metadata has. A member that is given here takes precedence. */
export type DiscoveredDefinition = Omit<
  Encoded,
  | "authType"
  | "issuer"
  | "authorizationEndpoint"
  | "tokenEndpoint"
  | "pushedAuthorizationRequestEndpoint"
  | "issParameterSupported"
  | "clientAuthentication"
  | "fields"
> & {
  /** Compared with the metadata character by character (RFC 8414 §3.3). */
  readonly issuer: string
  /** Default: `client_secret_basic`, or what the metadata offers instead (RFC 8414 §2). */
  readonly clientAuthentication?: Encoded["clientAuthentication"]
  /** The metadata document: `openid-configuration`, the default (OpenID Connect Discovery §4), or that of RFC 8414 §3. */
  readonly metadata?: MetadataDocument
}

/**
 * A provider of the host whose endpoints come from its authorization server's metadata. It makes one request, at the start.
 * PKCE with S256 stays on; metadata that offers other methods only is refused, unless the definition says why it is off.
 *
 * Fails with `DiscoveryFailed` if there is no usable metadata, or if it names another issuer; with
 * `ConfigurationError` if the definition has an unknown key or a wrong type.
 */
export const discoverProvider = Effect.fn("Hawser.discoverProvider")(function* (
  { metadata: document = "openid-configuration", ...given }: DiscoveredDefinition,
  client: OAuth2Registration
): Effect.fn.Return<OAuth2ProviderConfig, ConfigurationError | DiscoveryFailed, Egress> {
  const { issuer } = given
  const metadata = yield* discoverServer(issuer, document)
  const refuse = (problem: string) =>
    new DiscoveryFailed({ issuer, reason: "invalid_metadata", problem })

  const authorizationEndpoint = endpointIn(metadata, "authorization_endpoint")
  const tokenEndpoint = endpointIn(metadata, "token_endpoint")
  const pushed = endpointIn(metadata, "pushed_authorization_request_endpoint")
  if (authorizationEndpoint === undefined)
    return yield* refuse("authorization_endpoint is not a URL")
  if (tokenEndpoint === undefined) return yield* refuse("token_endpoint is not a URL")
  if (metadata.pushed_authorization_request_endpoint !== undefined && pushed === undefined)
    return yield* refuse("pushed_authorization_request_endpoint is not a URL")
  const challenges = metadata.code_challenge_methods_supported
  if (challenges?.includes("S256") === false && given.pkce === undefined)
    return yield* refuse("code_challenge_methods_supported is without S256")
  const proofs: unknown = metadata["dpop_signing_alg_values_supported"]
  if (client.dpop === true && !(Array.isArray(proofs) && proofs.includes("ES256")))
    return yield* refuse("dpop is set, and dpop_signing_alg_values_supported is without ES256")
  const clientAuthentication =
    client.clientAuthentication?.method ??
    given.clientAuthentication ??
    methodIn(metadata.token_endpoint_auth_methods_supported)
  if (clientAuthentication === undefined) {
    return yield* refuse(
      "token_endpoint_auth_methods_supported has no method that the configured client can use"
    )
  }
  const definition = {
    ...given,
    authType: "oauth2" as const,
    authorizationEndpoint,
    tokenEndpoint,
    ...(pushed !== undefined && { pushedAuthorizationRequestEndpoint: pushed }),
    ...(metadata.authorization_response_iss_parameter_supported === true && {
      issParameterSupported: true
    }),
    clientAuthentication
  }
  return yield* Effect.try({
    try: () =>
      client.clientOf === undefined
        ? defineProvider(definition, client)
        : defineProvider(definition, client),
    catch: (cause) =>
      isHawserError(cause, "configuration_error") ? cause : refuse("it makes no definition")
  })
})

/** Metadata with a template could make Hawser fill in a tenant's field. */
const endpointIn = (
  metadata: Readonly<Record<string, unknown>>,
  member: string
): string | undefined => {
  const value = metadata[member]
  return typeof value === "string" && !/[{}]/.test(value) && URL.canParse(value) ? value : undefined
}

/** RFC 8414 §2: without this member, the method is Basic. */
const methodIn = (
  supported: ReadonlyArray<string> = ["client_secret_basic"]
): Encoded["clientAuthentication"] | undefined =>
  (["client_secret_basic", "client_secret_post"] as const).find((method) =>
    supported.includes(method)
  )
