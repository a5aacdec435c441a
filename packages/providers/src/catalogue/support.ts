// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Crisp, by an API key of each tenant's.
 * See https://docs.crisp.chat/guides/rest-api/authentication/website-token/
 */
export const crispDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "crisp",
  "displayName": "Crisp",
  "category": "support",
  "description": "Conversations and people of a workspace.",
  "docsUrl": "https://docs.crisp.chat/guides/rest-api/authentication/website-token/",
  "brandColor": "#1972f5",
  "authType": "api_key",
  "fields": [
    {
      "name": "website_id",
      "label": "Workspace ID",
      "secret": false,
      "pattern": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
      "help": "Settings, Workspace Settings, Setup instructions"
    },
    {
      "name": "token_id",
      "label": "Token identifier",
      "help": "Settings, Workspace Settings, Advanced configuration, API Token"
    },
    {
      "name": "token_key",
      "label": "Token key",
      "help": "Shown once, when the token is made"
    }
  ],
  "basic": {
    "username": "{token_id}",
    "password": "{token_key}"
  },
  "api": {
    "baseUrl": "https://api.crisp.chat/v1"
  },
  "apiHeaders": {
    "X-Crisp-Tier": "website"
  },
  "check": {
    "url": "https://api.crisp.chat/v1/website/{website_id}"
  }
})

/** Crisp: Conversations and people of a workspace. Each tenant brings its own key. */
export const crisp = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: crispDefinition
})

/**
 * Freshdesk, by an API key of each tenant's.
 * See https://developers.freshdesk.com/api/
 */
export const freshdeskDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "freshdesk",
  "displayName": "Freshdesk",
  "category": "support",
  "description": "Tickets, contacts and agents.",
  "docsUrl": "https://developers.freshdesk.com/api/",
  "authType": "api_key",
  "fields": [
    {
      "name": "subdomain",
      "label": "Subdomain",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where your help desk is at acme.freshdesk.com"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Profile settings, View API key"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "X"
  },
  "api": {
    "baseUrl": "https://{subdomain}.freshdesk.com"
  },
  "check": {
    "url": "https://{subdomain}.freshdesk.com/api/v2/agents/me"
  }
})

/** Freshdesk: Tickets, contacts and agents. Each tenant brings its own key. */
export const freshdesk = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: freshdeskDefinition
})

/** Scopes that Front documents; others are taken as well. */
export type FrontScope = string

/**
 * Front, by an app of the host's.
 * See https://dev.frontapp.com/docs/oauth
 */
export const frontDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "front",
  "displayName": "Front",
  "category": "support",
  "description": "Conversations, contacts and channels of shared inboxes.",
  "docsUrl": "https://dev.frontapp.com/docs/oauth",
  "brandColor": "#001b38",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.frontapp.com/oauth/authorize",
  "tokenEndpoint": "https://app.frontapp.com/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [],
  "defaultTokenLifetime": 3600,
  "account": {
    "from": "request",
    "url": "https://api2.frontapp.com/me",
    "id": [
      "id"
    ],
    "label": [
      "name"
    ]
  },
  "check": {
    "url": "https://api2.frontapp.com/me"
  },
  "api": {
    "baseUrl": "https://api2.frontapp.com"
  }
})

/** Front: Conversations, contacts and channels of shared inboxes. Register your app's redirect URI at Front, and give its client here. */
export const front = (client: OAuthClient<FrontScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: frontDefinition
})

/**
 * Gorgias, by an API key of each tenant's.
 * See https://developers.gorgias.com/docs/access-tokens-api-keys
 */
export const gorgiasDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "gorgias",
  "displayName": "Gorgias",
  "category": "support",
  "description": "Tickets, customers and messages of a store's help desk.",
  "docsUrl": "https://developers.gorgias.com/docs/access-tokens-api-keys",
  "authType": "api_key",
  "fields": [
    {
      "name": "subdomain",
      "label": "Subdomain",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where your help desk is at acme.gorgias.com"
    },
    {
      "name": "email",
      "label": "Username",
      "secret": false,
      "help": "The email address shown under Settings, REST API"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, REST API"
    }
  ],
  "basic": {
    "username": "{email}",
    "password": "{api_key}"
  },
  "api": {
    "baseUrl": "https://{subdomain}.gorgias.com"
  },
  "check": {
    "url": "https://{subdomain}.gorgias.com/api/account"
  }
})

/** Gorgias: Tickets, customers and messages of a store's help desk. Each tenant brings its own key. */
export const gorgias = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: gorgiasDefinition
})

/** Scopes that Help Scout documents; others are taken as well. */
export type HelpScoutScope = string

/**
 * Help Scout, by an app of the host's.
 * See https://developer.helpscout.com/mailbox-api/overview/authentication/
 */
export const helpScoutDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "help-scout",
  "displayName": "Help Scout",
  "category": "support",
  "description": "Conversations, customers and inboxes.",
  "docsUrl": "https://developer.helpscout.com/mailbox-api/overview/authentication/",
  "brandColor": "#1292ee",
  "authType": "oauth2",
  "authorizationEndpoint": "https://secure.helpscout.net/authentication/authorizeClientApplication",
  "tokenEndpoint": "https://api.helpscout.net/v2/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.helpscout.net/v2/users/me",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.helpscout.net/v2/users/me"
  },
  "api": {
    "baseUrl": "https://api.helpscout.net/v2"
  }
})

/** Help Scout: Conversations, customers and inboxes. Register your app's redirect URI at Help Scout, and give its client here. */
export const helpScout = (client: OAuthClient<HelpScoutScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: helpScoutDefinition
})

/** Scopes that Intercom documents; others are taken as well. */
export type IntercomScope = string

/**
 * Intercom, by an app of the host's.
 * See https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth
 */
export const intercomDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "intercom",
  "displayName": "Intercom",
  "category": "support",
  "description": "Conversations, contacts and companies of a workspace.",
  "docsUrl": "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth",
  "brandColor": "#1f8ded",
  "authType": "oauth2",
  "fields": [
    {
      "name": "region",
      "label": "Region",
      "help": "eu.intercom or au.intercom where your workspace's address begins with app.eu or app.au",
      "secret": false,
      "required": false,
      "choices": [
        "intercom",
        "eu.intercom",
        "au.intercom"
      ],
      "default": "intercom"
    }
  ],
  "authorizationEndpoint": "https://app.{region}.com/oauth",
  "tokenEndpoint": "https://api.{region}.io/auth/eagle/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.{region}.io/me",
    "id": [
      "app",
      "id_code"
    ],
    "label": [
      "app",
      "name"
    ]
  },
  "check": {
    "url": "https://api.{region}.io/me"
  },
  "revocation": {
    "endpoint": "https://api.{region}.io/auth/uninstall",
    "ends": "grant",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://api.{region}.io"
  }
})

/** Intercom: Conversations, contacts and companies of a workspace. Register your app's redirect URI at Intercom, and give its client here. */
export const intercom = (client: OAuthClient<IntercomScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: intercomDefinition
})

/**
 * Kustomer, by an API key of each tenant's.
 * See https://developer.kustomer.com/docs/get-started/authentication
 */
export const kustomerDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "kustomer",
  "displayName": "Kustomer",
  "category": "support",
  "description": "Conversations, customers and messages.",
  "docsUrl": "https://developer.kustomer.com/docs/get-started/authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "org",
      "label": "Organization name",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where you sign in at acme.kustomerapp.com"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Security, API Keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://{org}.api.kustomerapp.com"
  },
  "check": {
    "url": "https://{org}.api.kustomerapp.com/v1/auth/tokens/current"
  }
})

/** Kustomer: Conversations, customers and messages. Each tenant brings its own key. */
export const kustomer = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: kustomerDefinition
})

/** Scopes that LiveChat documents; others are taken as well. */
export type LivechatScope =
  | "accounts--my:ro"
  | "accounts--my:rw"
  | "accounts--all:ro"
  | "accounts--all:rw"
  | "agents--my:ro"
  | "agents--my:rw"
  | "agents--all:ro"
  | "agents--all:rw"
  | "agents-bot--all:ro"
  | "agents-bot--all:rw"
  | "groups--all:ro"
  | "groups--all:rw"
  | "chats--all:ro"
  | "chats--all:rw"
  | "chats--access:ro"
  | "chats--access:rw"
  | "customers:ro"
  | "customers:rw"
  | "properties--my:ro"
  | "properties--my:rw"
  | "properties--all:ro"
  | "webhooks--my:ro"
  | "webhooks--my:rw"
  | "webhooks--all:ro"
  | "webhooks--all:rw"

/**
 * LiveChat, by an app of the host's.
 * See https://platform.text.com/docs/authorization/agent-authorization/
 */
export const livechatDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "livechat",
  "displayName": "LiveChat",
  "category": "support",
  "description": "Chats, agents and customers.",
  "docsUrl": "https://platform.text.com/docs/authorization/agent-authorization/",
  "brandColor": "#ff5100",
  "authType": "oauth2",
  "authorizationEndpoint": "https://accounts.livechat.com/",
  "tokenEndpoint": "https://accounts.livechat.com/v2/token",
  "clientAuthentication": "client_secret_post",
  "grantedScopeSeparator": ",",
  "account": {
    "from": "token_response",
    "id": [
      "account_id"
    ]
  },
  "check": {
    "url": "https://accounts.livechat.com/v2/info"
  },
  "api": {
    "baseUrl": "https://api.livechatinc.com"
  },
  "defaultScopes": [],
  "revocation": {
    "endpoint": "https://accounts.livechat.com/v2/token",
    "ends": "token",
    "method": "DELETE",
    "authentication": "token",
    "tokenParameter": "none"
  }
})

/** LiveChat: Chats, agents and customers. Register your app's redirect URI at LiveChat, and give its client here. */
export const livechat = (client: OAuthClient<LivechatScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: livechatDefinition
})

/** Scopes that Zendesk documents; others are taken as well. */
export type ZendeskScope =
  | "read"
  | "write"
  | "impersonate"
  | "tickets:read"
  | "tickets:write"
  | "users:read"
  | "users:write"
  | "organizations:read"
  | "organizations:write"
  | "hc:read"
  | "hc:write"
  | "auditlogs:read"
  | "apps:read"
  | "apps:write"
  | "triggers:read"
  | "triggers:write"
  | "automations:read"
  | "automations:write"
  | "targets:read"
  | "targets:write"
  | "webhooks:read"
  | "webhooks:write"
  | "macros:read"
  | "macros:write"
  | "requests:read"
  | "requests:write"
  | "satisfaction_ratings:read"
  | "dynamic_content:read"
  | "any_channel:write"
  | "web_widget:write"

/**
 * Zendesk, by an app of the host's.
 * See https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
 */
export const zendeskDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "zendesk",
  "displayName": "Zendesk",
  "category": "support",
  "description": "Tickets, users and help centers of a customer's support desk.",
  "docsUrl": "https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/",
  "brandColor": "#03363d",
  "authType": "oauth2",
  "fields": [
    {
      "name": "subdomain",
      "label": "Subdomain",
      "help": "acme, where your help desk is at acme.zendesk.com",
      "secret": false,
      "format": "subdomain"
    }
  ],
  "authorizationEndpoint": "https://{subdomain}.zendesk.com/oauth/authorizations/new",
  "tokenEndpoint": "https://{subdomain}.zendesk.com/oauth/tokens",
  "clientAuthentication": "client_secret_post",
  "tokenRequest": {
    "parameters": {
      "expires_in": "86400",
      "refresh_token_expires_in": "5184000"
    }
  },
  "refreshRequest": {
    "parameters": {
      "expires_in": "86400",
      "refresh_token_expires_in": "5184000"
    }
  },
  "defaultScopes": [
    "read"
  ],
  "account": {
    "from": "request",
    "url": "https://{subdomain}.zendesk.com/api/v2/users/me",
    "id": [
      "user",
      "id"
    ],
    "label": [
      "user",
      "email"
    ]
  },
  "check": {
    "url": "https://{subdomain}.zendesk.com/api/v2/users/me.json",
    "acceptedBody": {
      "path": [
        "user",
        "id"
      ],
      "exists": true
    }
  },
  "revocation": {
    "endpoint": "https://{subdomain}.zendesk.com/api/v2/oauth/tokens/current.json",
    "ends": "token",
    "method": "DELETE",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://{subdomain}.zendesk.com"
  }
})

/** Zendesk: Tickets, users and help centers of a customer's support desk. Register your app's redirect URI at Zendesk, and give its client here. */
export const zendesk = (client: OAuthClient<ZendeskScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: zendeskDefinition
})

/**
 * Zendesk (API token), by an API key of each tenant's.
 * See https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/
 */
export const zendeskApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "zendesk-api-key",
  "displayName": "Zendesk (API token)",
  "category": "support",
  "description": "Tickets, users and help centers, by an API token.",
  "docsUrl": "https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/",
  "brandColor": "#03363d",
  "notices": [
    {
      "date": "2026-10-27",
      "text": "No account can make new API tokens; one that is not used for 30 days is switched off."
    },
    {
      "date": "2027-04-30",
      "text": "All API tokens stop working. Connect by OAuth before."
    }
  ],
  "authType": "api_key",
  "fields": [
    {
      "name": "subdomain",
      "label": "Subdomain",
      "help": "acme, where your help desk is at acme.zendesk.com",
      "secret": false,
      "format": "subdomain"
    },
    {
      "name": "email",
      "label": "Email address",
      "help": "Of the agent or admin in whose name requests are made",
      "secret": false
    },
    {
      "name": "api_token",
      "label": "API token",
      "help": "Admin Center, Apps and integrations, APIs, API tokens"
    }
  ],
  "basic": {
    "username": "{email}/token",
    "password": "{api_token}"
  },
  "api": {
    "baseUrl": "https://{subdomain}.zendesk.com"
  },
  "check": {
    "url": "https://{subdomain}.zendesk.com/api/v2/users/me.json",
    "acceptedBody": {
      "path": [
        "user",
        "id"
      ],
      "exists": true
    }
  }
})

/** Zendesk (API token): Tickets, users and help centers, by an API token. Each tenant brings its own key. */
export const zendeskApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: zendeskApiKeyDefinition
})
