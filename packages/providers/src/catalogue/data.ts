// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Airtable documents; others are taken as well. */
export type AirtableScope =
  | "data.records:read"
  | "data.records:write"
  | "data.recordComments:read"
  | "data.recordComments:write"
  | "data.records:manage"
  | "schema.bases:read"
  | "schema.bases:write"
  | "webhook:manage"
  | "block:manage"
  | "user.email:read"
  | "workspacesAndBases:read"
  | "workspacesAndBases:write"
  | "workspacesAndBases:manage"
  | "workspacesAndBases.shares:manage"
  | "enterprise.account:read"
  | "enterprise.account:write"
  | "enterprise.auditLogs:read"
  | "enterprise.changeEvents:read"
  | "enterprise.groups:read"
  | "enterprise.groups:manage"
  | "enterprise.user:read"
  | "enterprise.user:write"

/**
 * Airtable, by an app of the host's.
 * See https://airtable.com/developers/web/api/oauth-reference
 */
export const airtableDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "airtable",
  "displayName": "Airtable",
  "category": "data",
  "description": "Records and tables of the bases that a user picks.",
  "docsUrl": "https://airtable.com/developers/web/api/oauth-reference",
  "brandColor": "#18bfff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://airtable.com/oauth2/v1/authorize",
  "tokenEndpoint": "https://airtable.com/oauth2/v1/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "data.records:read",
    "schema.bases:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.airtable.com/v0/meta/whoami",
    "id": [
      "id"
    ]
  },
  "check": {
    "url": "https://api.airtable.com/v0/meta/whoami"
  },
  "api": {
    "baseUrl": "https://api.airtable.com/v0",
    "hosts": [
      "content.airtable.com"
    ]
  },
  "tokenResponse": {
    "members": {
      "refresh_token_expires_in": [
        "refresh_expires_in"
      ]
    }
  }
})

/** Airtable: Records and tables of the bases that a user picks. Register your app's redirect URI at Airtable, and give its client here. */
export const airtable = (client: OAuthClient<AirtableScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: airtableDefinition
})

/**
 * Airtable (personal access token), by an API key of each tenant's.
 * See https://airtable.com/developers/web/guides/personal-access-tokens
 */
export const airtableApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "airtable-api-key",
  "displayName": "Airtable (personal access token)",
  "category": "data",
  "description": "Records and tables of bases, by a personal access token.",
  "docsUrl": "https://airtable.com/developers/web/guides/personal-access-tokens",
  "brandColor": "#18bfff",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Personal access token",
      "help": "airtable.com/create/tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.airtable.com/v0",
    "hosts": [
      "content.airtable.com"
    ]
  },
  "check": {
    "url": "https://api.airtable.com/v0/meta/whoami"
  }
})

/** Airtable (personal access token): Records and tables of bases, by a personal access token. Each tenant brings its own key. */
export const airtableApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: airtableApiKeyDefinition
})

/**
 * Algolia, by an API key of each tenant's.
 * See https://www.algolia.com/doc/rest-api/search
 */
export const algoliaDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "algolia",
  "displayName": "Algolia",
  "category": "data",
  "description": "Indices, records and search settings.",
  "docsUrl": "https://www.algolia.com/doc/rest-api/search",
  "brandColor": "#003dff",
  "authType": "api_key",
  "fields": [
    {
      "name": "application_id",
      "label": "Application ID",
      "help": "Settings, API keys",
      "secret": false,
      "pattern": "[A-Z0-9]{10}"
    },
    {
      "name": "host_id",
      "label": "Application ID in small letters",
      "help": "The same ID, as the API's host has it",
      "secret": false,
      "format": "subdomain"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, API keys; it needs the ACL listIndexes"
    }
  ],
  "headers": {
    "X-Algolia-API-Key": "{api_key}",
    "X-Algolia-Application-Id": "{application_id}"
  },
  "api": {
    "baseUrl": "https://{host_id}.algolia.net"
  },
  "check": {
    "url": "https://{host_id}.algolia.net/1/indexes"
  }
})

/** Algolia: Indices, records and search settings. Each tenant brings its own key. */
export const algolia = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: algoliaDefinition
})

/**
 * Confluent Cloud, by an API key of each tenant's.
 * See https://docs.confluent.io/cloud/current/api.html
 */
export const confluentCloudDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "confluent-cloud",
  "displayName": "Confluent Cloud",
  "category": "data",
  "description": "Environments, Kafka clusters and service accounts.",
  "docsUrl": "https://docs.confluent.io/cloud/current/api.html",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "secret": false,
      "help": "API keys, Cloud resource management"
    },
    {
      "name": "api_secret",
      "label": "API secret",
      "help": "Shown once, with the key"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "{api_secret}"
  },
  "check": {
    "url": "https://api.confluent.cloud/org/v2/environments?page_size=1"
  },
  "api": {
    "baseUrl": "https://api.confluent.cloud"
  }
})

/** Confluent Cloud: Environments, Kafka clusters and service accounts. Each tenant brings its own key. */
export const confluentCloud = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: confluentCloudDefinition
})

/**
 * Contentful, by an API key of each tenant's.
 * See https://www.contentful.com/developers/docs/references/content-management-api/
 */
export const contentfulDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "contentful",
  "displayName": "Contentful",
  "category": "data",
  "description": "Spaces, content types and entries.",
  "docsUrl": "https://www.contentful.com/developers/docs/references/content-management-api/",
  "brandColor": "#0033ff",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Personal access token",
      "help": "Account settings, CMA tokens"
    },
    {
      "name": "api_host",
      "label": "API host",
      "help": "Of the region that your data is in",
      "secret": false,
      "required": false,
      "choices": [
        "api.contentful.com",
        "api.eu.contentful.com"
      ],
      "default": "api.contentful.com"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/users/me"
  }
})

/** Contentful: Spaces, content types and entries. Each tenant brings its own key. */
export const contentful = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: contentfulDefinition
})

/**
 * Databricks, by an API key of each tenant's.
 * See https://docs.databricks.com/aws/en/dev-tools/auth/pat
 */
export const databricksDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "databricks",
  "displayName": "Databricks",
  "category": "data",
  "description": "Jobs, clusters, SQL warehouses and catalogs of a workspace.",
  "docsUrl": "https://docs.databricks.com/aws/en/dev-tools/auth/pat",
  "brandColor": "#ff3621",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Access token",
      "help": "Settings, Developer, Access tokens"
    },
    {
      "name": "workspace",
      "label": "Workspace",
      "secret": false,
      "format": "subdomain",
      "help": "dbc-a1b2345c-d6e7, where your workspace is at dbc-a1b2345c-d6e7.cloud.databricks.com"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://{workspace}.cloud.databricks.com/api/2.0/preview/scim/v2/Me"
  },
  "api": {
    "baseUrl": "https://{workspace}.cloud.databricks.com"
  }
})

/** Databricks: Jobs, clusters, SQL warehouses and catalogs of a workspace. Each tenant brings its own key. */
export const databricks = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: databricksDefinition
})

/**
 * MongoDB Atlas, by an API key of each tenant's.
 * See https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/
 */
export const mongodbAtlasDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "mongodb-atlas",
  "displayName": "MongoDB Atlas",
  "category": "data",
  "description": "Projects, clusters and alerts of an organization.",
  "docsUrl": "https://www.mongodb.com/docs/atlas/api/service-accounts/generate-oauth2-token/",
  "brandColor": "#47a248",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Organization, Access Manager, Service Accounts"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Organization, Access Manager, Service Accounts"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://cloud.mongodb.com/api/oauth/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_basic"
  },
  "check": {
    "url": "https://cloud.mongodb.com/api/atlas/v2/orgs",
    "headers": {
      "Accept": "application/vnd.atlas.2023-01-01+json"
    }
  },
  "api": {
    "baseUrl": "https://cloud.mongodb.com/api/atlas/v2"
  },
  "apiHeaders": {
    "Accept": "application/vnd.atlas.2025-03-12+json"
  }
})

/** MongoDB Atlas: Projects, clusters and alerts of an organization. Each tenant brings its own key. */
export const mongodbAtlas = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: mongodbAtlasDefinition
})

/**
 * Neon, by an API key of each tenant's.
 * See https://neon.com/docs/reference/api/get-started
 */
export const neonDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "neon",
  "displayName": "Neon",
  "category": "data",
  "description": "Postgres projects, branches and endpoints.",
  "docsUrl": "https://neon.com/docs/reference/api/get-started",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Account or organization settings, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://console.neon.tech/api/v2/auth"
  },
  "api": {
    "baseUrl": "https://console.neon.tech/api/v2"
  }
})

/** Neon: Postgres projects, branches and endpoints. Each tenant brings its own key. */
export const neon = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: neonDefinition
})

/**
 * PlanetScale, by an API key of each tenant's.
 * See https://planetscale.com/docs/api/reference/service-tokens
 */
export const planetscaleDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "planetscale",
  "displayName": "PlanetScale",
  "category": "data",
  "description": "Databases, branches and deploy requests of an organization.",
  "docsUrl": "https://planetscale.com/docs/api/reference/service-tokens",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "service_token_id",
      "label": "Service token ID",
      "secret": false,
      "help": "Settings, Service tokens"
    },
    {
      "name": "service_token",
      "label": "Service token",
      "help": "Settings, Service tokens"
    }
  ],
  "headers": {
    "Authorization": "{service_token_id}:{service_token}"
  },
  "check": {
    "url": "https://api.planetscale.com/v1/organizations"
  },
  "api": {
    "baseUrl": "https://api.planetscale.com/v1"
  }
})

/** PlanetScale: Databases, branches and deploy requests of an organization. Each tenant brings its own key. */
export const planetscale = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: planetscaleDefinition
})

/**
 * Sanity, by an API key of each tenant's.
 * See https://www.sanity.io/docs/http-auth
 */
export const sanityDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "sanity",
  "displayName": "Sanity",
  "category": "data",
  "description": "Documents and assets of a project.",
  "docsUrl": "https://www.sanity.io/docs/http-auth",
  "brandColor": "#f03e2f",
  "authType": "api_key",
  "fields": [
    {
      "name": "project_id",
      "label": "Project ID",
      "help": "zp7mbokg, at sanity.io/manage",
      "secret": false,
      "format": "subdomain"
    },
    {
      "name": "token",
      "label": "API token",
      "help": "Project settings, API, Tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {token}"
  },
  "api": {
    "baseUrl": "https://{project_id}.api.sanity.io"
  },
  "check": {
    "url": "https://{project_id}.api.sanity.io/v2021-06-07/users/me",
    "acceptedBody": {
      "path": [
        "id"
      ],
      "exists": true
    }
  }
})

/** Sanity: Documents and assets of a project. Each tenant brings its own key. */
export const sanity = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: sanityDefinition
})

/** Scopes that Snowflake documents; others are taken as well. */
export type SnowflakeScope =
  | "refresh_token"
  | "session:role:PUBLIC"

/**
 * Snowflake, by an app of the host's.
 * See https://docs.snowflake.com/en/user-guide/oauth-custom
 */
export const snowflakeDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "snowflake",
  "displayName": "Snowflake",
  "category": "data",
  "description": "Databases and queries of a user's role.",
  "docsUrl": "https://docs.snowflake.com/en/user-guide/oauth-custom",
  "brandColor": "#29b5e8",
  "authType": "oauth2",
  "fields": [
    {
      "name": "account",
      "label": "Account identifier",
      "secret": false,
      "format": "subdomain",
      "help": "myorg-account1, where your account is at myorg-account1.snowflakecomputing.com; an underscore becomes a hyphen"
    }
  ],
  "authorizationEndpoint": "https://{account}.snowflakecomputing.com/oauth/authorize",
  "tokenEndpoint": "https://{account}.snowflakecomputing.com/oauth/token-request",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "refresh_token"
  ],
  "account": {
    "from": "token_response",
    "id": [
      "username"
    ]
  },
  "check": {
    "url": "https://{account}.snowflakecomputing.com/api/v2/statements",
    "method": "POST",
    "body": "{\"statement\":\"SELECT 1\"}"
  },
  "api": {
    "baseUrl": "https://{account}.snowflakecomputing.com"
  },
  "apiHeaders": {
    "X-Snowflake-Authorization-Token-Type": "OAUTH"
  }
})

/** Snowflake: Databases and queries of a user's role. Register your app's redirect URI at Snowflake, and give its client here. */
export const snowflake = (client: OAuthClient<SnowflakeScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: snowflakeDefinition
})

/** Scopes that Supabase documents; others are taken as well. */
export type SupabaseScope = string

/**
 * Supabase, by an app of the host's.
 * See https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration
 */
export const supabaseDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "supabase",
  "displayName": "Supabase",
  "category": "data",
  "description": "Projects, databases and functions of an organization.",
  "docsUrl": "https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration",
  "brandColor": "#3fcf8e",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.supabase.com/v1/oauth/authorize",
  "tokenEndpoint": "https://api.supabase.com/v1/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.supabase.com/v1/organizations",
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
      "name"
    ]
  },
  "check": {
    "url": "https://api.supabase.com/v1/projects"
  },
  "revocation": {
    "endpoint": "https://api.supabase.com/v1/oauth/revoke",
    "ends": "grant",
    "encoding": "json",
    "clientAuthentication": "client_secret_post",
    "tokenParameter": "refresh_token",
    "tokens": "refresh_token",
    "sendsHint": false
  },
  "api": {
    "baseUrl": "https://api.supabase.com/v1"
  }
})

/** Supabase: Projects, databases and functions of an organization. Register your app's redirect URI at Supabase, and give its client here. */
export const supabase = (client: OAuthClient<SupabaseScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: supabaseDefinition
})
