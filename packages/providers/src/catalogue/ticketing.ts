// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Freshservice, by an API key of each tenant's.
 * See https://api.freshservice.com/
 */
export const freshserviceDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "freshservice",
  "displayName": "Freshservice",
  "category": "ticketing",
  "description": "Tickets, assets and requesters of an IT desk.",
  "docsUrl": "https://api.freshservice.com/",
  "authType": "api_key",
  "fields": [
    {
      "name": "subdomain",
      "label": "Subdomain",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where your service desk is at acme.freshservice.com"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Profile settings"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "X"
  },
  "api": {
    "baseUrl": "https://{subdomain}.freshservice.com"
  },
  "check": {
    "url": "https://{subdomain}.freshservice.com/api/v2/tickets?per_page=1"
  }
})

/** Freshservice: Tickets, assets and requesters of an IT desk. Each tenant brings its own key. */
export const freshservice = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: freshserviceDefinition
})

/** Scopes that Jira documents; others are taken as well. */
export type JiraScope =
  | "offline_access"
  | "read:me"
  | "read:account"
  | "read:jira-user"
  | "read:jira-work"
  | "write:jira-work"
  | "manage:jira-project"
  | "manage:jira-configuration"
  | "manage:jira-webhook"
  | "manage:jira-data-provider"
  | "read:servicedesk-request"
  | "write:servicedesk-request"
  | "manage:servicedesk-customer"
  | "read:servicemanagement-insight-objects"
  | "read:issue:jira"
  | "read:project:jira"
  | "read:user:jira"
  | "read:board-scope:jira-software"
  | "read:sprint:jira-software"

/**
 * Jira, by an app of the host's.
 * See https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
 */
export const jiraDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "jira",
  "displayName": "Jira",
  "category": "ticketing",
  "description": "Issues and projects of a Jira Cloud site.",
  "docsUrl": "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
  "brandColor": "#0052cc",
  "authType": "oauth2",
  "authorizationEndpoint": "https://auth.atlassian.com/authorize",
  "authorizationParameters": {
    "audience": "api.atlassian.com",
    "prompt": "consent"
  },
  "tokenEndpoint": "https://auth.atlassian.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "tokenRequest": {
    "encoding": "json"
  },
  "refreshRequest": {
    "encoding": "json"
  },
  "terminalErrors": [
    {
      "error": "unauthorized_client",
      "description": "refresh_token is invalid"
    }
  ],
  "defaultScopes": [
    "offline_access",
    "read:jira-user",
    "read:jira-work"
  ],
  "discovery": {
    "url": "https://api.atlassian.com/oauth/token/accessible-resources"
  },
  "captures": {
    "cloud_id": {
      "from": "request",
      "path": [
        {
          "only": true
        },
        "id"
      ],
      "pattern": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    }
  },
  "account": {
    "from": "request",
    "url": "https://api.atlassian.com/oauth/token/accessible-resources",
    "id": [
      {
        "only": true
      },
      "id"
    ],
    "label": [
      {
        "only": true
      },
      "url"
    ]
  },
  "check": {
    "url": "https://api.atlassian.com/ex/jira/{cloud_id}/rest/api/3/myself"
  },
  "api": {
    "baseUrl": "https://api.atlassian.com/ex/jira/{cloud_id}"
  }
})

/** Jira: Issues and projects of a Jira Cloud site. Register your app's redirect URI at Jira, and give its client here. */
export const jira = (client: OAuthClient<JiraScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: jiraDefinition
})

/**
 * Jira (API token), by an API key of each tenant's.
 * See https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/
 */
export const jiraApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "jira-api-key",
  "displayName": "Jira (API token)",
  "category": "ticketing",
  "description": "Issues and projects of a Jira Cloud site, by an API token.",
  "docsUrl": "https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/",
  "brandColor": "#0052cc",
  "authType": "api_key",
  "fields": [
    {
      "name": "subdomain",
      "label": "Site name",
      "help": "acme, where your site is at acme.atlassian.net",
      "secret": false,
      "format": "subdomain"
    },
    {
      "name": "email",
      "label": "Email address",
      "help": "Of the Atlassian account that the token was made for",
      "secret": false
    },
    {
      "name": "api_token",
      "label": "API token",
      "help": "id.atlassian.com/manage-profile/security/api-tokens, a token without scopes"
    }
  ],
  "basic": {
    "username": "{email}",
    "password": "{api_token}"
  },
  "api": {
    "baseUrl": "https://{subdomain}.atlassian.net"
  },
  "check": {
    "url": "https://{subdomain}.atlassian.net/rest/api/3/myself"
  }
})

/** Jira (API token): Issues and projects of a Jira Cloud site, by an API token. Each tenant brings its own key. */
export const jiraApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: jiraApiKeyDefinition
})

/** Scopes that Jira Data Center documents; others are taken as well. */
export type JiraDataCenterScope =
  | "READ"
  | "WRITE"
  | "ADMIN"
  | "SYSTEM_ADMIN"

/**
 * Jira Data Center, by an app of the host's.
 * See https://confluence.atlassian.com/adminjiraserver/jira-oauth-2-0-provider-api-1115659070.html
 */
export const jiraDataCenterDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "jira-data-center",
  "displayName": "Jira Data Center",
  "category": "ticketing",
  "description": "Issues and projects of a Jira that a customer runs.",
  "docsUrl": "https://confluence.atlassian.com/adminjiraserver/jira-oauth-2-0-provider-api-1115659070.html",
  "brandColor": "#0052cc",
  "authType": "oauth2",
  "fields": [
    {
      "name": "host",
      "label": "Host",
      "help": "jira.acme.example, where your Jira is at https://jira.acme.example",
      "secret": false,
      "format": "host"
    }
  ],
  "authorizationEndpoint": "https://{host}/rest/oauth2/latest/authorize",
  "tokenEndpoint": "https://{host}/rest/oauth2/latest/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "READ"
  ],
  "account": {
    "from": "request",
    "url": "https://{host}/rest/api/latest/myself",
    "id": [
      "key"
    ],
    "label": [
      "name"
    ]
  },
  "check": {
    "url": "https://{host}/rest/api/latest/myself"
  },
  "api": {
    "baseUrl": "https://{host}/rest/api/latest"
  }
})

/** Jira Data Center: Issues and projects of a Jira that a customer runs. Register your app's redirect URI at Jira Data Center, and give its client here. */
export const jiraDataCenter = (client: OAuthClient<JiraDataCenterScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: jiraDataCenterDefinition
})

/**
 * Jira (API token with scopes), by an API key of each tenant's.
 * See https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/
 */
export const jiraScopedApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "jira-scoped-api-key",
  "displayName": "Jira (API token with scopes)",
  "category": "ticketing",
  "description": "Issues and projects of a Jira Cloud site, by an API token that may do no more than its scopes say.",
  "docsUrl": "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
  "brandColor": "#0052cc",
  "authType": "api_key",
  "fields": [
    {
      "name": "cloud_id",
      "label": "Cloud ID",
      "help": "The id in https://acme.atlassian.net/_edge/tenant_info",
      "secret": false,
      "pattern": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    },
    {
      "name": "email",
      "label": "Email address",
      "help": "Of the Atlassian account that the token was made for",
      "secret": false
    },
    {
      "name": "api_token",
      "label": "API token",
      "help": "id.atlassian.com/manage-profile/security/api-tokens, a token with the scope read:jira-user at least"
    }
  ],
  "basic": {
    "username": "{email}",
    "password": "{api_token}"
  },
  "api": {
    "baseUrl": "https://api.atlassian.com/ex/jira/{cloud_id}"
  },
  "check": {
    "url": "https://api.atlassian.com/ex/jira/{cloud_id}/rest/api/3/myself"
  }
})

/** Jira (API token with scopes): Issues and projects of a Jira Cloud site, by an API token that may do no more than its scopes say. Each tenant brings its own key. */
export const jiraScopedApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: jiraScopedApiKeyDefinition
})

/** Scopes that Linear documents; others are taken as well. */
export type LinearScope =
  | "read"
  | "write"
  | "issues:create"
  | "comments:create"
  | "timeSchedule:write"
  | "admin"
  | "app:assignable"
  | "app:mentionable"

/**
 * Linear, by an app of the host's.
 * See https://linear.app/developers/oauth-2-0-authentication
 */
export const linearDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "linear",
  "displayName": "Linear",
  "category": "ticketing",
  "description": "Issues, projects and cycles of a workspace.",
  "docsUrl": "https://linear.app/developers/oauth-2-0-authentication",
  "brandColor": "#5e6ad2",
  "authType": "oauth2",
  "authorizationEndpoint": "https://linear.app/oauth/authorize",
  "tokenEndpoint": "https://api.linear.app/oauth/token",
  "clientAuthentication": "client_secret_post",
  "scopeSeparator": ",",
  "defaultScopes": [
    "read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.linear.app/graphql",
    "method": "POST",
    "body": "{\"query\":\"{ viewer { id email } }\"}",
    "id": [
      "data",
      "viewer",
      "id"
    ],
    "label": [
      "data",
      "viewer",
      "email"
    ]
  },
  "check": {
    "url": "https://api.linear.app/graphql",
    "method": "POST",
    "body": "{\"query\":\"{ viewer { id email } }\"}"
  },
  "revocation": {
    "endpoint": "https://api.linear.app/oauth/revoke",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://api.linear.app"
  }
})

/** Linear: Issues, projects and cycles of a workspace. Register your app's redirect URI at Linear, and give its client here. */
export const linear = (client: OAuthClient<LinearScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: linearDefinition
})

/**
 * Linear (API key), by an API key of each tenant's.
 * See https://linear.app/developers/graphql
 */
export const linearApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "linear-api-key",
  "displayName": "Linear (API key)",
  "category": "ticketing",
  "description": "Issues, projects and cycles of a workspace, by a personal key.",
  "docsUrl": "https://linear.app/developers/graphql",
  "brandColor": "#5e6ad2",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Security & access, Personal API keys"
    }
  ],
  "headers": {
    "Authorization": "{api_key}"
  },
  "api": {
    "baseUrl": "https://api.linear.app"
  },
  "check": {
    "url": "https://api.linear.app/graphql",
    "method": "POST",
    "body": "{\"query\":\"{ viewer { id email } }\"}"
  }
})

/** Linear (API key): Issues, projects and cycles of a workspace, by a personal key. Each tenant brings its own key. */
export const linearApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: linearApiKeyDefinition
})

/**
 * Shortcut, by an API key of each tenant's.
 * See https://developer.shortcut.com/api/rest/v3
 */
export const shortcutDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "shortcut",
  "displayName": "Shortcut",
  "category": "ticketing",
  "description": "Stories, epics and iterations of a workspace.",
  "docsUrl": "https://developer.shortcut.com/api/rest/v3",
  "brandColor": "#58b1e4",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Settings, API Tokens"
    }
  ],
  "headers": {
    "Shortcut-Token": "{api_token}"
  },
  "api": {
    "baseUrl": "https://api.app.shortcut.com/api/v3"
  },
  "check": {
    "url": "https://api.app.shortcut.com/api/v3/member"
  }
})

/** Shortcut: Stories, epics and iterations of a workspace. Each tenant brings its own key. */
export const shortcut = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: shortcutDefinition
})
