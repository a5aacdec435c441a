// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf } from "../definitionOf.ts"

/**
 * Auth0 Management API, by an API key of each tenant's.
 * See https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens/get-management-api-access-tokens-for-production
 */
export const auth0ManagementDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "auth0-management",
  "displayName": "Auth0 Management API",
  "category": "identity",
  "description": "Users, applications and connections of a tenant.",
  "docsUrl": "https://auth0.com/docs/secure/tokens/access-tokens/management-api-access-tokens/get-management-api-access-tokens-for-production",
  "brandColor": "#eb5424",
  "authType": "api_key",
  "fields": [
    {
      "name": "domain",
      "label": "Domain",
      "secret": false,
      "pattern": "[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?(?:\\.[a-z]{2}(?:-[0-9])?)?\\.auth0\\.com",
      "format": "host",
      "help": "acme.eu.auth0.com: the domain of the tenant, not a custom one"
    },
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Applications, your machine to machine application, Settings"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Applications, your machine to machine application, Settings"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://{domain}/oauth/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_post",
    "parameters": {
      "audience": "https://{domain}/api/v2/"
    }
  },
  "check": {
    "url": "https://{domain}/api/v2/tenants/settings",
    "acceptedStatus": [
      200,
      403
    ],
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://{domain}/api/v2"
  }
})

/** Auth0 Management API: Users, applications and connections of a tenant. Each tenant brings its own key. */
export const auth0Management = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: auth0ManagementDefinition
})

/**
 * JumpCloud, by an API key of each tenant's.
 * See https://docs.jumpcloud.com/api/1.0/index.html
 */
export const jumpcloudDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "jumpcloud",
  "displayName": "JumpCloud",
  "category": "identity",
  "description": "Users, groups, devices and policies of an organization.",
  "docsUrl": "https://docs.jumpcloud.com/api/1.0/index.html",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Your initials, My API Key"
    },
    {
      "name": "region",
      "label": "Region",
      "secret": false,
      "required": false,
      "choices": [
        "console.jumpcloud.com",
        "console.eu.jumpcloud.com",
        "console.in.jumpcloud.com"
      ],
      "default": "console.jumpcloud.com",
      "help": "The host at which you sign in"
    }
  ],
  "headers": {
    "x-api-key": "{api_key}"
  },
  "check": {
    "url": "https://{region}/api/systemusers?limit=1"
  },
  "api": {
    "baseUrl": "https://{region}/api"
  }
})

/** JumpCloud: Users, groups, devices and policies of an organization. Each tenant brings its own key. */
export const jumpcloud = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: jumpcloudDefinition
})

/**
 * Okta, by an API key of each tenant's.
 * See https://developer.okta.com/docs/api/openapi/okta-management/guides/overview
 */
export const oktaDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "okta",
  "displayName": "Okta",
  "category": "identity",
  "description": "Users, groups and applications of an organization.",
  "docsUrl": "https://developer.okta.com/docs/api/openapi/okta-management/guides/overview",
  "brandColor": "#007dc1",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Admin Console, Security, API, Tokens"
    },
    {
      "name": "subdomain",
      "label": "Subdomain",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where your organization is at acme.okta.com"
    }
  ],
  "headers": {
    "Authorization": "SSWS {api_token}"
  },
  "check": {
    "url": "https://{subdomain}.okta.com/api/v1/users/me"
  },
  "api": {
    "baseUrl": "https://{subdomain}.okta.com"
  }
})

/** Okta: Users, groups and applications of an organization. Each tenant brings its own key. */
export const okta = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: oktaDefinition
})
