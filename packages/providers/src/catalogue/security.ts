// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf } from "../definitionOf.ts"

/**
 * CrowdStrike Falcon, by an API key of each tenant's.
 * See https://developer.crowdstrike.com/
 */
export const crowdstrikeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "crowdstrike",
  "displayName": "CrowdStrike Falcon",
  "category": "security",
  "description": "Hosts, detections and incidents.",
  "docsUrl": "https://developer.crowdstrike.com/",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Support and resources, API clients and keys"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Support and resources, API clients and keys"
    },
    {
      "name": "region",
      "label": "Cloud",
      "secret": false,
      "required": false,
      "choices": [
        "api.crowdstrike.com",
        "api.us-2.crowdstrike.com",
        "api.eu-1.crowdstrike.com",
        "api.laggar.gcw.crowdstrike.com",
        "api.us-gov-2.crowdstrike.mil"
      ],
      "default": "api.crowdstrike.com",
      "help": "The base URL that is shown with the secret"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://{region}/oauth2/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_post"
  },
  "check": {
    "url": "https://{region}/devices/queries/devices/v1?limit=1",
    "acceptedStatus": [
      200,
      403
    ],
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://{region}"
  }
})

/** CrowdStrike Falcon: Hosts, detections and incidents. Each tenant brings its own key. */
export const crowdstrike = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: crowdstrikeDefinition
})

/**
 * Semgrep, by an API key of each tenant's.
 * See https://semgrep.dev/api/v1/docs/
 */
export const semgrepDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "semgrep",
  "displayName": "Semgrep",
  "category": "security",
  "description": "Deployments, projects and findings.",
  "docsUrl": "https://semgrep.dev/api/v1/docs/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Settings, Tokens: one with the scope Web API"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://semgrep.dev/api/v1/deployments"
  },
  "api": {
    "baseUrl": "https://semgrep.dev/api/v1"
  }
})

/** Semgrep: Deployments, projects and findings. Each tenant brings its own key. */
export const semgrep = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: semgrepDefinition
})

/**
 * SentinelOne, by an API key of each tenant's.
 * See https://www.sentinelone.com/
 */
export const sentineloneDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "sentinelone",
  "displayName": "SentinelOne",
  "category": "security",
  "description": "Agents, threats and activities.",
  "docsUrl": "https://www.sentinelone.com/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Settings, Users, Service Users, or My User, API token operations"
    },
    {
      "name": "subdomain",
      "label": "Subdomain",
      "secret": false,
      "format": "subdomain",
      "help": "usea1-acme, where your console is at usea1-acme.sentinelone.net"
    }
  ],
  "headers": {
    "Authorization": "ApiToken {api_token}"
  },
  "check": {
    "url": "https://{subdomain}.sentinelone.net/web/api/v2.1/system/info"
  },
  "api": {
    "baseUrl": "https://{subdomain}.sentinelone.net/web/api/v2.1"
  }
})

/** SentinelOne: Agents, threats and activities. Each tenant brings its own key. */
export const sentinelone = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: sentineloneDefinition
})

/**
 * Snyk, by an API key of each tenant's.
 * See https://docs.snyk.io/developer-tools/snyk-api/authentication-for-api
 */
export const snykDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "snyk",
  "displayName": "Snyk",
  "category": "security",
  "description": "Projects, vulnerabilities and targets of an organization.",
  "docsUrl": "https://docs.snyk.io/developer-tools/snyk-api/authentication-for-api",
  "brandColor": "#4c4a73",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Account Settings, or the token of a service account"
    },
    {
      "name": "region",
      "label": "Region",
      "secret": false,
      "required": false,
      "choices": [
        "api.snyk.io",
        "api.us.snyk.io",
        "api.eu.snyk.io",
        "api.au.snyk.io"
      ],
      "default": "api.snyk.io",
      "help": "https://docs.snyk.io/developer-tools/snyk-api/rest-api/about-the-rest-api"
    }
  ],
  "headers": {
    "Authorization": "token {api_token}"
  },
  "check": {
    "url": "https://{region}/rest/self?version=2024-06-10"
  },
  "api": {
    "baseUrl": "https://{region}"
  }
})

/** Snyk: Projects, vulnerabilities and targets of an organization. Each tenant brings its own key. */
export const snyk = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: snykDefinition
})

/**
 * Tailscale, by an API key of each tenant's.
 * See https://tailscale.com/docs/features/oauth-clients
 */
export const tailscaleDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "tailscale",
  "displayName": "Tailscale",
  "category": "security",
  "description": "Devices, users and access rules of a tailnet.",
  "docsUrl": "https://tailscale.com/docs/features/oauth-clients",
  "brandColor": "#242424",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Settings, Trust credentials"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Settings, Trust credentials"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://api.tailscale.com/api/v2/oauth/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_post"
  },
  "check": {
    "url": "https://api.tailscale.com/api/v2/tailnet/-/devices",
    "acceptedStatus": [
      200,
      403
    ],
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://api.tailscale.com/api/v2"
  }
})

/** Tailscale: Devices, users and access rules of a tailnet. Each tenant brings its own key. */
export const tailscale = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: tailscaleDefinition
})

/**
 * Vanta, by an API key of each tenant's.
 * See https://developer.vanta.com/docs/concepts/authentication
 */
export const vantaDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "vanta",
  "displayName": "Vanta",
  "category": "security",
  "description": "Controls, tests, documents, vendors and people.",
  "docsUrl": "https://developer.vanta.com/docs/concepts/authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Settings, Developer Console, an application of the type Manage Vanta"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Settings, Developer Console, Generate client secret"
    },
    {
      "name": "region",
      "label": "Instance",
      "secret": false,
      "required": false,
      "choices": [
        "api.vanta.com",
        "api.vanta-gov.com"
      ],
      "default": "api.vanta.com",
      "help": "api.vanta-gov.com for Vanta Government Cloud"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://{region}/oauth/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_post",
    "scope": "vanta-api.all:read",
    "encoding": "json"
  },
  "check": {
    "url": "https://{region}/v1/frameworks?pageSize=1"
  },
  "api": {
    "baseUrl": "https://{region}/v1"
  }
})

/** Vanta: Controls, tests, documents, vendors and people. Each tenant brings its own key. */
export const vanta = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: vantaDefinition
})
