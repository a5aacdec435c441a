// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Apollo.io, by an API key of each tenant's.
 * See https://docs.apollo.io/reference/authentication
 */
export const apolloDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "apollo",
  "displayName": "Apollo.io",
  "category": "crm",
  "description": "People, companies and sequences for sales.",
  "docsUrl": "https://docs.apollo.io/reference/authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Integrations, API Keys"
    }
  ],
  "headers": {
    "X-Api-Key": "{api_key}"
  },
  "api": {
    "baseUrl": "https://api.apollo.io/api/v1"
  },
  "check": {
    "url": "https://api.apollo.io/api/v1/auth/health",
    "acceptedBody": {
      "path": [
        "is_logged_in"
      ],
      "equals": true
    }
  }
})

/** Apollo.io: People, companies and sequences for sales. Each tenant brings its own key. */
export const apollo = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: apolloDefinition
})

/** Scopes that Attio documents; others are taken as well. */
export type AttioScope = string

/**
 * Attio, by an app of the host's.
 * See https://docs.attio.com/docs/oauth/authorize
 */
export const attioDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "attio",
  "displayName": "Attio",
  "category": "crm",
  "description": "Records, lists and notes of a workspace.",
  "docsUrl": "https://docs.attio.com/docs/oauth/authorize",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.attio.com/authorize",
  "tokenEndpoint": "https://app.attio.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.attio.com/v2/self",
    "id": [
      "workspace_id"
    ],
    "label": [
      "workspace_name"
    ]
  },
  "check": {
    "url": "https://api.attio.com/v2/self",
    "acceptedBody": {
      "path": [
        "active"
      ],
      "equals": true
    }
  },
  "revocation": {
    "endpoint": "https://app.attio.com/oauth/revoke",
    "ends": "token",
    "clientAuthentication": "none",
    "sendsHint": false
  },
  "api": {
    "baseUrl": "https://api.attio.com/v2"
  }
})

/** Attio: Records, lists and notes of a workspace. Register your app's redirect URI at Attio, and give its client here. */
export const attio = (client: OAuthClient<AttioScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: attioDefinition
})

/**
 * Attio, by an API key of each tenant's.
 * See https://docs.attio.com/rest-api/guides/authentication
 */
export const attioApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "attio-api-key",
  "displayName": "Attio",
  "category": "crm",
  "description": "Records, lists and notes of a workspace.",
  "docsUrl": "https://docs.attio.com/rest-api/guides/authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Workspace settings, Developers, Access tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.attio.com/v2"
  },
  "check": {
    "url": "https://api.attio.com/v2/self",
    "acceptedBody": {
      "path": [
        "active"
      ],
      "equals": true
    }
  }
})

/** Attio: Records, lists and notes of a workspace. Each tenant brings its own key. */
export const attioApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: attioApiKeyDefinition
})

/**
 * Close, by an API key of each tenant's.
 * See https://developer.close.com/api/overview/api-key-authentication
 */
export const closeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "close",
  "displayName": "Close",
  "category": "crm",
  "description": "Leads, contacts, opportunities and calls.",
  "docsUrl": "https://developer.close.com/api/overview/api-key-authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Developer, API Keys"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://api.close.com/api/v1"
  },
  "check": {
    "url": "https://api.close.com/api/v1/me/"
  }
})

/** Close: Leads, contacts, opportunities and calls. Each tenant brings its own key. */
export const close = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: closeDefinition
})

/**
 * Gong, by an API key of each tenant's.
 * See https://help.gong.io/docs/receive-access-to-the-api
 */
export const gongDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "gong",
  "displayName": "Gong",
  "category": "crm",
  "description": "Calls, transcripts and users.",
  "docsUrl": "https://help.gong.io/docs/receive-access-to-the-api",
  "brandColor": "#8039e9",
  "authType": "api_key",
  "fields": [
    {
      "name": "company",
      "label": "Company host",
      "help": "us-12345, where Admin center, Settings, Ecosystem, API shows https://us-12345.api.gong.io as the base URL",
      "secret": false,
      "format": "subdomain"
    },
    {
      "name": "access_key",
      "label": "Access key",
      "help": "Admin center, Settings, Ecosystem, API"
    },
    {
      "name": "access_key_secret",
      "label": "Access key secret",
      "help": "Shown once, when the key is made"
    }
  ],
  "basic": {
    "username": "{access_key}",
    "password": "{access_key_secret}"
  },
  "api": {
    "baseUrl": "https://{company}.api.gong.io"
  },
  "check": {
    "url": "https://{company}.api.gong.io/v2/users"
  }
})

/** Gong: Calls, transcripts and users. Each tenant brings its own key. */
export const gong = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: gongDefinition
})

/** Scopes that HubSpot documents; others are taken as well. */
export type HubspotScope =
  | "oauth"
  | "crm.objects.contacts.read"
  | "crm.objects.contacts.write"
  | "crm.objects.companies.read"
  | "crm.objects.companies.write"
  | "crm.objects.deals.read"
  | "crm.objects.deals.write"
  | "crm.objects.owners.read"
  | "crm.objects.custom.read"
  | "crm.objects.custom.write"
  | "crm.objects.line_items.read"
  | "crm.objects.quotes.read"
  | "crm.objects.users.read"
  | "crm.lists.read"
  | "crm.lists.write"
  | "crm.schemas.contacts.read"
  | "crm.schemas.companies.read"
  | "crm.schemas.deals.read"
  | "crm.schemas.custom.read"
  | "crm.import"
  | "crm.export"
  | "tickets"
  | "files"
  | "forms"
  | "content"
  | "automation"
  | "timeline"
  | "e-commerce"
  | "sales-email-read"
  | "conversations.read"
  | "conversations.write"
  | "settings.users.read"
  | "account-info.security.read"
  | "business-intelligence"
  | "communication_preferences.read"
  | "hubdb"
  | "transactional-email"

/**
 * HubSpot, by an app of the host's.
 * See https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens
 */
export const hubspotDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "hubspot",
  "displayName": "HubSpot",
  "category": "crm",
  "description": "Contacts, companies and deals of an account.",
  "docsUrl": "https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens",
  "brandColor": "#ff7a59",
  "notices": [
    {
      "date": "2027-02-16",
      "text": "HubSpot ends version 1 of its OAuth endpoints. This entry uses those that came after it."
    }
  ],
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.hubspot.com/oauth/authorize",
  "tokenEndpoint": "https://api.hubapi.com/oauth/2026-03/token",
  "clientAuthentication": "client_secret_post",
  "tokenResponse": {
    "error": [
      "status"
    ]
  },
  "terminalErrors": [
    "BAD_REFRESH_TOKEN",
    "BAD_HUB"
  ],
  "defaultScopes": [
    "oauth",
    "crm.objects.contacts.read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.hubapi.com/account-info/2026-03/details",
    "id": [
      "portalId"
    ]
  },
  "check": {
    "url": "https://api.hubapi.com/account-info/2026-03/details"
  },
  "revocation": {
    "endpoint": "https://api.hubapi.com/oauth/2026-03/token/revoke",
    "ends": "token",
    "tokens": "refresh_token"
  },
  "api": {
    "baseUrl": "https://api.hubapi.com"
  }
})

/** HubSpot: Contacts, companies and deals of an account. Register your app's redirect URI at HubSpot, and give its client here. */
export const hubspot = (client: OAuthClient<HubspotScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: hubspotDefinition
})

/** Scopes that Outreach documents; others are taken as well. */
export type OutreachScope =
  | "accounts.read"
  | "accounts.all"
  | "calls.read"
  | "calls.all"
  | "events.read"
  | "events.all"
  | "mailings.read"
  | "mailings.all"
  | "opportunities.read"
  | "opportunities.all"
  | "prospects.read"
  | "prospects.all"
  | "sequences.read"
  | "sequences.all"
  | "sequenceStates.read"
  | "sequenceStates.all"
  | "snippets.read"
  | "snippets.all"
  | "tasks.read"
  | "tasks.all"
  | "templates.read"
  | "templates.all"
  | "users.read"
  | "users.all"
  | "accounts.write"
  | "prospects.write"
  | "tasks.write"
  | "opportunities.write"
  | "webhooks.all"
  | "auditLogs.read"
  | "kaiaRecordings.read"

/**
 * Outreach, by an app of the host's.
 * See https://developers.outreach.io/api/oauth
 */
export const outreachDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "outreach",
  "displayName": "Outreach",
  "category": "crm",
  "description": "Prospects, accounts, sequences and tasks of a sales team.",
  "docsUrl": "https://developers.outreach.io/api/oauth",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.outreach.io/oauth/authorize",
  "tokenEndpoint": "https://api.outreach.io/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "accounts.read",
    "prospects.read",
    "users.read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.outreach.io/api/v2",
    "id": [
      "meta",
      "user",
      "id"
    ],
    "label": [
      "meta",
      "user",
      "email"
    ]
  },
  "check": {
    "url": "https://api.outreach.io/api/v2"
  },
  "api": {
    "baseUrl": "https://api.outreach.io/api/v2"
  }
})

/** Outreach: Prospects, accounts, sequences and tasks of a sales team. Register your app's redirect URI at Outreach, and give its client here. */
export const outreach = (client: OAuthClient<OutreachScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: outreachDefinition
})

/** Scopes that Pipedrive documents; others are taken as well. */
export type PipedriveScope =
  | "base"
  | "deals:read"
  | "deals:full"
  | "mail:read"
  | "mail:full"
  | "activities:read"
  | "activities:full"
  | "contacts:read"
  | "contacts:full"
  | "products:read"
  | "products:full"
  | "projects:read"
  | "projects:full"
  | "users:read"
  | "recents:read"
  | "search:read"
  | "leads:read"
  | "leads:full"
  | "webhooks:read"
  | "webhooks:full"
  | "goals:read"
  | "goals:full"
  | "admin"
  | "phone-integration"
  | "video-calls"
  | "messengers-integration"

/**
 * Pipedrive, by an app of the host's.
 * See https://pipedrive.readme.io/docs/marketplace-oauth-authorization
 */
export const pipedriveDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "pipedrive",
  "displayName": "Pipedrive",
  "category": "crm",
  "description": "Deals, people and organizations of a sales pipeline.",
  "docsUrl": "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
  "authType": "oauth2",
  "authorizationEndpoint": "https://oauth.pipedrive.com/oauth/authorize",
  "tokenEndpoint": "https://oauth.pipedrive.com/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [],
  "grantedScopeSeparator": ",",
  "captures": {
    "api_domain": {
      "from": "token_response",
      "path": [
        "api_domain"
      ],
      "hostBelow": [
        ".pipedrive.com"
      ]
    }
  },
  "account": {
    "from": "request",
    "url": "https://{api_domain}/api/v1/users/me",
    "id": [
      "data",
      "id"
    ],
    "label": [
      "data",
      "email"
    ]
  },
  "check": {
    "url": "https://{api_domain}/api/v1/users/me"
  },
  "revocation": {
    "endpoint": "https://oauth.pipedrive.com/oauth/revoke",
    "ends": "grant",
    "tokens": "refresh_token"
  },
  "api": {
    "baseUrl": "https://{api_domain}"
  }
})

/** Pipedrive: Deals, people and organizations of a sales pipeline. Register your app's redirect URI at Pipedrive, and give its client here. */
export const pipedrive = (client: OAuthClient<PipedriveScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: pipedriveDefinition
})

/**
 * Pipedrive, by an API key of each tenant's.
 * See https://pipedrive.readme.io/docs/core-api-concepts-authentication
 */
export const pipedriveApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "pipedrive-api-key",
  "displayName": "Pipedrive",
  "category": "crm",
  "description": "Deals, people and organizations of a sales pipeline.",
  "docsUrl": "https://pipedrive.readme.io/docs/core-api-concepts-authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Settings, Personal preferences, API"
    }
  ],
  "headers": {
    "x-api-token": "{api_token}"
  },
  "api": {
    "baseUrl": "https://api.pipedrive.com"
  },
  "check": {
    "url": "https://api.pipedrive.com/v1/users/me"
  }
})

/** Pipedrive: Deals, people and organizations of a sales pipeline. Each tenant brings its own key. */
export const pipedriveApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: pipedriveApiKeyDefinition
})

/** Scopes that Salesforce documents; others are taken as well. */
export type SalesforceScope =
  | "id"
  | "profile"
  | "email"
  | "address"
  | "phone"
  | "openid"
  | "api"
  | "web"
  | "full"
  | "refresh_token"
  | "offline_access"
  | "chatter_api"
  | "custom_permissions"
  | "wave_api"
  | "eclair_api"
  | "visualforce"
  | "content"
  | "lightning"
  | "pardot_api"
  | "cdp_query_api"
  | "cdp_profile_api"
  | "cdp_ingest_api"
  | "sfap_api"
  | "interaction_api"

/**
 * Salesforce, by an app of the host's.
 * See https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm&type=5
 */
export const salesforceDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "salesforce",
  "displayName": "Salesforce",
  "category": "crm",
  "description": "Accounts, contacts and opportunities of an organisation.",
  "docsUrl": "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm&type=5",
  "brandColor": "#00a1e0",
  "authType": "oauth2",
  "fields": [
    {
      "name": "my_domain",
      "label": "My Domain",
      "help": "acme, where you log in at acme.my.salesforce.com; login for any organisation, test for any sandbox",
      "secret": false,
      "required": false,
      "format": "subdomain",
      "default": "login"
    },
    {
      "name": "login_domain",
      "label": "Domain of the login page",
      "help": "my.salesforce.com with a My Domain, sandbox.my.salesforce.com for its sandboxes; salesforce.com with login and test",
      "secret": false,
      "required": false,
      "choices": [
        "salesforce.com",
        "my.salesforce.com",
        "sandbox.my.salesforce.com",
        "develop.my.salesforce.com",
        "scratch.my.salesforce.com"
      ],
      "default": "salesforce.com"
    }
  ],
  "authorizationEndpoint": "https://{my_domain}.{login_domain}/services/oauth2/authorize",
  "tokenEndpoint": "https://{my_domain}.{login_domain}/services/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "id",
    "api",
    "refresh_token"
  ],
  "defaultTokenLifetime": 7200,
  "terminalErrors": [
    "inactive_user",
    "inactive_org"
  ],
  "temporaryErrors": [
    "rate_limit_exceeded",
    {
      "error": "invalid_grant",
      "description": "token request is already being processed"
    }
  ],
  "captures": {
    "instance_host": {
      "from": "token_response",
      "path": [
        "instance_url"
      ],
      "hostBelow": [
        ".my.salesforce.com",
        ".my.salesforce.mil"
      ],
      "moves": true
    }
  },
  "account": {
    "from": "request",
    "url": "https://{instance_host}/services/oauth2/userinfo",
    "id": [
      "user_id"
    ],
    "label": [
      "preferred_username"
    ]
  },
  "check": {
    "url": "https://{instance_host}/services/oauth2/userinfo"
  },
  "revocation": {
    "endpoint": "https://{my_domain}.{login_domain}/services/oauth2/revoke",
    "ends": "token",
    "clientAuthentication": "none"
  },
  "api": {
    "baseUrl": "https://{instance_host}"
  }
})

/** Salesforce: Accounts, contacts and opportunities of an organisation. Register your app's redirect URI at Salesforce, and give its client here. */
export const salesforce = (client: OAuthClient<SalesforceScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: salesforceDefinition
})

/** Scopes that Salesloft documents; others are taken as well. */
export type SalesloftScope = string

/**
 * Salesloft, by an app of the host's.
 * See https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication
 */
export const salesloftDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "salesloft",
  "displayName": "Salesloft",
  "category": "crm",
  "description": "People, accounts, cadences and calls of a sales team.",
  "docsUrl": "https://developers.salesloft.com/docs/platform/api-basics/oauth-authentication",
  "authType": "oauth2",
  "authorizationEndpoint": "https://accounts.salesloft.com/oauth/authorize",
  "tokenEndpoint": "https://accounts.salesloft.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.salesloft.com/v2/me",
    "id": [
      "data",
      "id"
    ],
    "label": [
      "data",
      "email"
    ]
  },
  "check": {
    "url": "https://api.salesloft.com/v2/me"
  },
  "api": {
    "baseUrl": "https://api.salesloft.com/v2"
  }
})

/** Salesloft: People, accounts, cadences and calls of a sales team. Register your app's redirect URI at Salesloft, and give its client here. */
export const salesloft = (client: OAuthClient<SalesloftScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: salesloftDefinition
})

/** Scopes that Zoho CRM documents; others are taken as well. */
export type ZohoCrmScope =
  | "ZohoCRM.users.READ"
  | "ZohoCRM.users.ALL"
  | "ZohoCRM.org.READ"
  | "ZohoCRM.org.ALL"
  | "ZohoCRM.modules.READ"
  | "ZohoCRM.modules.CREATE"
  | "ZohoCRM.modules.UPDATE"
  | "ZohoCRM.modules.DELETE"
  | "ZohoCRM.modules.ALL"
  | "ZohoCRM.settings.READ"
  | "ZohoCRM.settings.ALL"
  | "ZohoCRM.bulk.READ"
  | "ZohoCRM.bulk.ALL"
  | "ZohoCRM.coql.READ"
  | "ZohoCRM.notifications.READ"
  | "ZohoCRM.notifications.ALL"

/**
 * Zoho CRM, by an app of the host's.
 * See https://www.zoho.com/crm/developer/docs/api/v8/oauth-overview.html
 */
export const zohoCrmDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "zoho-crm",
  "displayName": "Zoho CRM",
  "category": "crm",
  "description": "Leads, contacts, deals and other records.",
  "docsUrl": "https://www.zoho.com/crm/developer/docs/api/v8/oauth-overview.html",
  "brandColor": "#e42527",
  "authType": "oauth2",
  "fields": [
    {
      "name": "data_center",
      "label": "Data center",
      "secret": false,
      "choices": [
        "zoho.com",
        "zoho.eu",
        "zoho.in",
        "zoho.com.au",
        "zoho.jp",
        "zohocloud.ca",
        "zoho.sa",
        "zoho.uk",
        "zoho.com.cn"
      ],
      "help": "The end of the address at which you use Zoho, such as zoho.eu"
    }
  ],
  "callbackRegion": {
    "parameter": "accounts-server",
    "field": "data_center",
    "values": {
      "https://accounts.zoho.com": "zoho.com",
      "https://accounts.zoho.eu": "zoho.eu",
      "https://accounts.zoho.in": "zoho.in",
      "https://accounts.zoho.com.au": "zoho.com.au",
      "https://accounts.zoho.jp": "zoho.jp",
      "https://accounts.zohocloud.ca": "zohocloud.ca",
      "https://accounts.zoho.sa": "zoho.sa",
      "https://accounts.zoho.uk": "zoho.uk",
      "https://accounts.zoho.com.cn": "zoho.com.cn"
    }
  },
  "authorizationEndpoint": "https://accounts.{data_center}/oauth/v2/auth",
  "tokenEndpoint": "https://accounts.{data_center}/oauth/v2/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "ZohoCRM.users.READ",
    "ZohoCRM.modules.READ"
  ],
  "scopeSeparator": ",",
  "authorizationParameters": {
    "access_type": "offline",
    "prompt": "consent"
  },
  "terminalErrors": [
    "invalid_code"
  ],
  "temporaryErrors": [
    "Access Denied"
  ],
  "captures": {
    "api_domain": {
      "from": "token_response",
      "path": [
        "api_domain"
      ],
      "hostBelow": [
        ".zohoapis.com",
        ".zohoapis.eu",
        ".zohoapis.in",
        ".zohoapis.com.au",
        ".zohoapis.jp",
        ".zohoapis.ca",
        ".zohoapis.sa",
        ".zohoapis.uk",
        ".zohoapis.com.cn"
      ]
    }
  },
  "tokenHeader": {
    "name": "Authorization",
    "template": "Zoho-oauthtoken {access_token}"
  },
  "account": {
    "from": "request",
    "url": "https://{api_domain}/crm/v8/users?type=CurrentUser",
    "id": [
      "users",
      {
        "only": true
      },
      "id"
    ],
    "label": [
      "users",
      {
        "only": true
      },
      "email"
    ]
  },
  "check": {
    "url": "https://{api_domain}/crm/v8/users?type=CurrentUser"
  },
  "revocation": {
    "endpoint": "https://accounts.{data_center}/oauth/v2/token/revoke",
    "ends": "token",
    "tokens": "refresh_token"
  },
  "api": {
    "baseUrl": "https://{api_domain}"
  }
})

/** Zoho CRM: Leads, contacts, deals and other records. Register your app's redirect URI at Zoho CRM, and give its client here. */
export const zohoCrm = (client: OAuthClient<ZohoCrmScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: zohoCrmDefinition
})
