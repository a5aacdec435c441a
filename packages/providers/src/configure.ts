import type { ApiKeyProviderConfig, OAuth2ProviderConfig } from "@hawser/core"
import { datadogDefinition } from "./definitions/datadog.ts"
import { githubDefinition } from "./definitions/github.ts"
import { pagerdutyApiKeyDefinition } from "./definitions/pagerduty-api-key.ts"
import { pagerdutyDefinition } from "./definitions/pagerduty.ts"

/** The host's registration at a provider, and what it asks for there. */
export interface OAuthClient {
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  /** Default: the definition's `defaultScopes`. */
  readonly scopes?: ReadonlyArray<string>
  /** Without each of these granted there is no connection. */
  readonly requiredScopes?: ReadonlyArray<string>
  /** The path of the registered redirect URI where it cannot change. Default `/v1/integrations/{provider}/callback`. */
  readonly callbackPath?: string
  /** Hosts that the provider has left, and whose refresh tokens may be sent to its new one. Default none. */
  readonly approvedFormerHosts?: ReadonlyArray<string>
}

/**
 * GitHub by an OAuth App of the host's, registered at https://github.com/settings/developers.
 *
 * @example
 * import { github } from "@hawser/providers"
 *
 * const provider = github({ clientId: "Ov23li…", clientSecret: "…", scopes: ["repo"] })
 */
export const github = (client: OAuthClient): OAuth2ProviderConfig => ({
  definition: githubDefinition,
  ...client
})

/** Datadog: each tenant brings an API key, an application key and its site. */
export const datadog = (): ApiKeyProviderConfig => ({ definition: datadogDefinition })

/**
 * PagerDuty by an app of the host's.
 *
 * Every scope asked for is required unless `requiredScopes` says otherwise, because PagerDuty does not refuse a scope that
 * the app has not been given: it grants `openid` alone, and each later call would be answered 403.
 *
 * @example
 * import { pagerduty } from "@hawser/providers"
 *
 * const provider = pagerduty({ clientId: "…", clientSecret: "…", scopes: ["incidents.read"] })
 */
export const pagerduty = (client: OAuthClient): OAuth2ProviderConfig => ({
  definition: pagerdutyDefinition,
  requiredScopes: client.scopes ?? pagerdutyDefinition.defaultScopes,
  ...client
})

/** PagerDuty: each tenant brings a REST API key and its service region. */
export const pagerdutyApiKey = (): ApiKeyProviderConfig => ({
  definition: pagerdutyApiKeyDefinition
})
