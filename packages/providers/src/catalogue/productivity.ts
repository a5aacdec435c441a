// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Asana documents; others are taken as well. */
export type AsanaScope =
  | "default"
  | "openid"
  | "email"
  | "profile"
  | "attachments:delete"
  | "attachments:read"
  | "attachments:write"
  | "custom_fields:read"
  | "custom_fields:write"
  | "goals:read"
  | "portfolios:read"
  | "portfolios:write"
  | "project_templates:read"
  | "projects:delete"
  | "projects:read"
  | "projects:write"
  | "stories:read"
  | "stories:write"
  | "tags:read"
  | "tags:write"
  | "task_templates:read"
  | "tasks:delete"
  | "tasks:read"
  | "tasks:write"
  | "teams:read"
  | "workspaces.typeahead:read"
  | "users:read"
  | "webhooks:delete"
  | "webhooks:read"
  | "webhooks:write"
  | "workspaces:read"

/**
 * Asana, by an app of the host's.
 * See https://developers.asana.com/docs/oauth
 */
export const asanaDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "asana",
  "displayName": "Asana",
  "category": "productivity",
  "description": "Tasks and projects of a person's workspaces.",
  "docsUrl": "https://developers.asana.com/docs/oauth",
  "brandColor": "#f06a6a",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.asana.com/-/oauth_authorize",
  "tokenEndpoint": "https://app.asana.com/-/oauth_token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "users:read"
  ],
  "account": {
    "from": "request",
    "url": "https://app.asana.com/api/1.0/users/me",
    "id": [
      "data",
      "gid"
    ],
    "label": [
      "data",
      "email"
    ]
  },
  "check": {
    "url": "https://app.asana.com/api/1.0/users/me"
  },
  "revocation": {
    "endpoint": "https://app.asana.com/-/oauth_revoke",
    "ends": "token",
    "tokens": "refresh_token"
  },
  "api": {
    "baseUrl": "https://app.asana.com/api/1.0"
  }
})

/** Asana: Tasks and projects of a person's workspaces. Register your app's redirect URI at Asana, and give its client here. */
export const asana = (client: OAuthClient<AsanaScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: asanaDefinition
})

/** Scopes that Basecamp documents; others are taken as well. */
export type BasecampScope = string

/**
 * Basecamp, by an app of the host's.
 * See https://github.com/basecamp/bc3-api/blob/master/sections/authentication.md
 */
export const basecampDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "basecamp",
  "displayName": "Basecamp",
  "category": "productivity",
  "description": "Projects, to-dos, messages and schedules.",
  "docsUrl": "https://github.com/basecamp/bc3-api/blob/master/sections/authentication.md",
  "brandColor": "#1d2d35",
  "authType": "oauth2",
  "settings": [
    {
      "name": "user_agent",
      "label": "User-Agent",
      "help": "The name of your app with a link or an address: Acme (help@acme.example)",
      "pattern": "[A-Za-z0-9][\\x20-\\x7e]{2,199}"
    }
  ],
  "authorizationEndpoint": "https://launchpad.37signals.com/authorization/new",
  "tokenEndpoint": "https://launchpad.37signals.com/authorization/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://launchpad.37signals.com/authorization.json",
    "id": [
      "identity",
      "id"
    ],
    "label": [
      "identity",
      "email_address"
    ]
  },
  "check": {
    "url": "https://launchpad.37signals.com/authorization.json"
  },
  "api": {
    "baseUrl": "https://3.basecampapi.com"
  },
  "apiHeaders": {
    "User-Agent": "{user_agent}"
  }
})

/** Basecamp: Projects, to-dos, messages and schedules. Register your app's redirect URI at Basecamp, and give its client here. */
export const basecamp = (client: OAuthClient<BasecampScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: basecampDefinition
})

/** Scopes that ClickUp documents; others are taken as well. */
export type ClickupScope = string

/**
 * ClickUp, by an app of the host's.
 * See https://developer.clickup.com/docs/authentication
 */
export const clickupDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "clickup",
  "displayName": "ClickUp",
  "category": "productivity",
  "description": "Tasks, lists and docs of the workspaces that a user picks.",
  "docsUrl": "https://developer.clickup.com/docs/authentication",
  "brandColor": "#7b68ee",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.clickup.com/api",
  "tokenEndpoint": "https://api.clickup.com/api/v2/oauth/token",
  "clientAuthentication": "client_secret_post",
  "tokenResponse": {
    "ignoresTokenType": true
  },
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.clickup.com/api/v2/user",
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
    "url": "https://api.clickup.com/api/v2/user"
  },
  "api": {
    "baseUrl": "https://api.clickup.com/api"
  }
})

/** ClickUp: Tasks, lists and docs of the workspaces that a user picks. Register your app's redirect URI at ClickUp, and give its client here. */
export const clickup = (client: OAuthClient<ClickupScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: clickupDefinition
})

/**
 * ClickUp (API token), by an API key of each tenant's.
 * See https://developer.clickup.com/docs/authentication
 */
export const clickupApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "clickup-api-key",
  "displayName": "ClickUp (API token)",
  "category": "productivity",
  "description": "Tasks, lists and docs of a user's workspaces, by a personal API token.",
  "docsUrl": "https://developer.clickup.com/docs/authentication",
  "brandColor": "#7b68ee",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Personal API token",
      "help": "Settings, Apps, API Token; it begins with pk_"
    }
  ],
  "headers": {
    "Authorization": "{api_key}"
  },
  "api": {
    "baseUrl": "https://api.clickup.com/api"
  },
  "check": {
    "url": "https://api.clickup.com/api/v2/user"
  }
})

/** ClickUp (API token): Tasks, lists and docs of a user's workspaces, by a personal API token. Each tenant brings its own key. */
export const clickupApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: clickupApiKeyDefinition
})

/**
 * Coda, by an API key of each tenant's.
 * See https://coda.io/developers/apis/v1
 */
export const codaDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "coda",
  "displayName": "Coda",
  "category": "productivity",
  "description": "Docs, pages and tables.",
  "docsUrl": "https://coda.io/developers/apis/v1",
  "brandColor": "#f46a54",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Account settings, API settings"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://coda.io/apis/v1"
  },
  "check": {
    "url": "https://coda.io/apis/v1/whoami"
  }
})

/** Coda: Docs, pages and tables. Each tenant brings its own key. */
export const coda = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: codaDefinition
})

/** Scopes that Confluence documents; others are taken as well. */
export type ConfluenceScope =
  | "offline_access"
  | "read:me"
  | "read:account"
  | "read:confluence-space.summary"
  | "read:confluence-props"
  | "write:confluence-props"
  | "read:confluence-content.all"
  | "read:confluence-content.summary"
  | "read:confluence-content.permission"
  | "read:confluence-user"
  | "read:confluence-groups"
  | "write:confluence-groups"
  | "write:confluence-content"
  | "write:confluence-space"
  | "write:confluence-file"
  | "search:confluence"
  | "manage:confluence-configuration"
  | "readonly:content.attachment:confluence"
  | "read:page:confluence"
  | "read:space:confluence"
  | "read:content:confluence"
  | "read:comment:confluence"
  | "read:attachment:confluence"
  | "write:page:confluence"
  | "read:user:confluence"

/**
 * Confluence, by an app of the host's.
 * See https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/
 */
export const confluenceDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "confluence",
  "displayName": "Confluence",
  "category": "productivity",
  "description": "Spaces and pages of a Confluence Cloud site.",
  "docsUrl": "https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/",
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
    "read:confluence-user",
    "read:confluence-content.summary"
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
    "url": "https://api.atlassian.com/ex/confluence/{cloud_id}/wiki/rest/api/user/current"
  },
  "api": {
    "baseUrl": "https://api.atlassian.com/ex/confluence/{cloud_id}"
  }
})

/** Confluence: Spaces and pages of a Confluence Cloud site. Register your app's redirect URI at Confluence, and give its client here. */
export const confluence = (client: OAuthClient<ConfluenceScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: confluenceDefinition
})

/** Scopes that Docusign documents; others are taken as well. */
export type DocusignScope =
  | "signature"
  | "extended"
  | "impersonation"
  | "openid"
  | "organization_read"
  | "user_read"
  | "user_write"
  | "account_read"
  | "account_write"
  | "click.manage"
  | "click.send"
  | "dtr.rooms.read"
  | "dtr.rooms.write"
  | "aow_manage"
  | "adm_store_unified_repo_read"

/**
 * Docusign, by an app of the host's.
 * See https://developers.docusign.com/platform/auth/confidential-authcode-get-token/
 */
export const docusignDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "docusign",
  "displayName": "Docusign",
  "category": "productivity",
  "description": "Envelopes, documents and their signatures.",
  "docsUrl": "https://developers.docusign.com/platform/auth/confidential-authcode-get-token/",
  "brandColor": "#4c00ff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://account.docusign.com/oauth/auth",
  "tokenEndpoint": "https://account.docusign.com/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "signature"
  ],
  "discovery": {
    "url": "https://account.docusign.com/oauth/userinfo"
  },
  "captures": {
    "base_host": {
      "from": "request",
      "path": [
        "accounts",
        {
          "where": {
            "path": [
              "is_default"
            ],
            "equals": true
          }
        },
        "base_uri"
      ],
      "hostBelow": [
        ".docusign.net"
      ]
    },
    "account_id": {
      "from": "request",
      "path": [
        "accounts",
        {
          "where": {
            "path": [
              "is_default"
            ],
            "equals": true
          }
        },
        "account_id"
      ],
      "pattern": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    }
  },
  "account": {
    "from": "request",
    "url": "https://account.docusign.com/oauth/userinfo",
    "id": [
      "sub"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://{base_host}/restapi/v2.1/accounts/{account_id}"
  },
  "api": {
    "baseUrl": "https://{base_host}/restapi"
  }
})

/** Docusign: Envelopes, documents and their signatures. Register your app's redirect URI at Docusign, and give its client here. */
export const docusign = (client: OAuthClient<DocusignScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: docusignDefinition
})

/**
 * Dropbox Sign, by an API key of each tenant's.
 * See https://developers.hellosign.com/api/reference/authentication/
 */
export const dropboxSignDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "dropbox-sign",
  "displayName": "Dropbox Sign",
  "category": "productivity",
  "description": "Signature requests, templates and their documents.",
  "docsUrl": "https://developers.hellosign.com/api/reference/authentication/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "pattern": "[0-9a-f]{20,128}",
      "help": "Settings, API"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://api.hellosign.com/v3"
  },
  "check": {
    "url": "https://api.hellosign.com/v3/account"
  }
})

/** Dropbox Sign: Signature requests, templates and their documents. Each tenant brings its own key. */
export const dropboxSign = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: dropboxSignDefinition
})

/**
 * Fireflies, by an API key of each tenant's.
 * See https://docs.fireflies.ai/fundamentals/authorization
 */
export const firefliesDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "fireflies",
  "displayName": "Fireflies",
  "category": "productivity",
  "description": "Transcripts and summaries of meetings.",
  "docsUrl": "https://docs.fireflies.ai/fundamentals/authorization",
  "brandColor": "#3b0076",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Integrations, Fireflies API"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.fireflies.ai"
  },
  "check": {
    "url": "https://api.fireflies.ai/graphql",
    "method": "POST",
    "body": "{\"query\":\"{ user { user_id email } }\"}",
    "acceptedBody": {
      "path": [
        "data",
        "user"
      ],
      "exists": true
    }
  }
})

/** Fireflies: Transcripts and summaries of meetings. Each tenant brings its own key. */
export const fireflies = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: firefliesDefinition
})

/** Scopes that Google documents; others are taken as well. */
export type GoogleScope =
  | "openid"
  | "https://www.googleapis.com/auth/userinfo.email"
  | "https://www.googleapis.com/auth/userinfo.profile"
  | "https://mail.google.com/"
  | "https://www.googleapis.com/auth/gmail.readonly"
  | "https://www.googleapis.com/auth/gmail.modify"
  | "https://www.googleapis.com/auth/gmail.send"
  | "https://www.googleapis.com/auth/gmail.compose"
  | "https://www.googleapis.com/auth/gmail.labels"
  | "https://www.googleapis.com/auth/gmail.metadata"
  | "https://www.googleapis.com/auth/calendar"
  | "https://www.googleapis.com/auth/calendar.readonly"
  | "https://www.googleapis.com/auth/calendar.events"
  | "https://www.googleapis.com/auth/calendar.events.readonly"
  | "https://www.googleapis.com/auth/drive"
  | "https://www.googleapis.com/auth/drive.readonly"
  | "https://www.googleapis.com/auth/drive.file"
  | "https://www.googleapis.com/auth/drive.metadata.readonly"
  | "https://www.googleapis.com/auth/drive.appdata"
  | "https://www.googleapis.com/auth/spreadsheets"
  | "https://www.googleapis.com/auth/spreadsheets.readonly"
  | "https://www.googleapis.com/auth/documents"
  | "https://www.googleapis.com/auth/documents.readonly"
  | "https://www.googleapis.com/auth/presentations"
  | "https://www.googleapis.com/auth/presentations.readonly"
  | "https://www.googleapis.com/auth/forms.body.readonly"
  | "https://www.googleapis.com/auth/forms.responses.readonly"
  | "https://www.googleapis.com/auth/contacts"
  | "https://www.googleapis.com/auth/contacts.readonly"
  | "https://www.googleapis.com/auth/tasks"
  | "https://www.googleapis.com/auth/tasks.readonly"
  | "https://www.googleapis.com/auth/chat.messages.readonly"
  | "https://www.googleapis.com/auth/chat.spaces.readonly"
  | "https://www.googleapis.com/auth/admin.directory.user.readonly"
  | "https://www.googleapis.com/auth/admin.directory.group.readonly"
  | "https://www.googleapis.com/auth/analytics.readonly"
  | "https://www.googleapis.com/auth/bigquery.readonly"
  | "https://www.googleapis.com/auth/cloud-platform.read-only"
  | "https://www.googleapis.com/auth/devstorage.read_only"
  | "https://www.googleapis.com/auth/youtube.readonly"

/**
 * Google, by an app of the host's.
 * See https://developers.google.com/identity/protocols/oauth2/web-server
 */
export const googleDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "google",
  "displayName": "Google",
  "category": "productivity",
  "description": "Gmail, Calendar, Drive and other Google services of a person.",
  "docsUrl": "https://developers.google.com/identity/protocols/oauth2/web-server",
  "brandColor": "#4285f4",
  "authType": "oauth2",
  "issuer": "https://accounts.google.com",
  "openid": true,
  "authorizationEndpoint": "https://accounts.google.com/o/oauth2/v2/auth",
  "authorizationParameters": {
    "access_type": "offline",
    "prompt": "consent"
  },
  "tokenEndpoint": "https://oauth2.googleapis.com/token",
  "clientAuthentication": "client_secret_post",
  "temporaryErrors": [
    "internal_failure"
  ],
  "leavesOutScopes": true,
  "scopeAliases": {
    "email": [
      "https://www.googleapis.com/auth/userinfo.email"
    ],
    "profile": [
      "https://www.googleapis.com/auth/userinfo.profile"
    ]
  },
  "defaultScopes": [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email"
  ],
  "account": {
    "from": "id_token",
    "id": [
      "sub"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://openidconnect.googleapis.com/v1/userinfo"
  },
  "revocation": {
    "endpoint": "https://oauth2.googleapis.com/revoke",
    "ends": "grant",
    "clientAuthentication": "none"
  },
  "api": {
    "baseUrl": "https://www.googleapis.com",
    "hosts": [
      "openidconnect.googleapis.com",
      "gmail.googleapis.com",
      "people.googleapis.com",
      "sheets.googleapis.com",
      "docs.googleapis.com",
      "slides.googleapis.com",
      "forms.googleapis.com",
      "tasks.googleapis.com",
      "chat.googleapis.com",
      "admin.googleapis.com",
      "analyticsdata.googleapis.com",
      "storage.googleapis.com",
      "bigquery.googleapis.com"
    ]
  }
})

/** Google: Gmail, Calendar, Drive and other Google services of a person. Register your app's redirect URI at Google, and give its client here. */
export const google = (client: OAuthClient<GoogleScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: googleDefinition
})

/** Scopes that Microsoft documents; others are taken as well. */
export type MicrosoftScope =
  | "offline_access"
  | "openid"
  | "profile"
  | "email"
  | "User.Read"
  | "User.ReadBasic.All"
  | "User.Read.All"
  | "Mail.Read"
  | "Mail.ReadBasic"
  | "Mail.ReadWrite"
  | "Mail.Send"
  | "MailboxSettings.Read"
  | "Calendars.Read"
  | "Calendars.ReadBasic"
  | "Calendars.ReadWrite"
  | "Contacts.Read"
  | "Contacts.ReadWrite"
  | "Files.Read"
  | "Files.Read.All"
  | "Files.ReadWrite"
  | "Files.ReadWrite.All"
  | "Sites.Read.All"
  | "Sites.ReadWrite.All"
  | "Notes.Read"
  | "Notes.ReadWrite"
  | "Tasks.Read"
  | "Tasks.ReadWrite"
  | "People.Read"
  | "Presence.Read"
  | "Group.Read.All"
  | "GroupMember.Read.All"
  | "Directory.Read.All"
  | "Team.ReadBasic.All"
  | "Channel.ReadBasic.All"
  | "ChannelMessage.Read.All"
  | "ChannelMessage.Send"
  | "Chat.Read"
  | "Chat.ReadWrite"
  | "OnlineMeetings.Read"
  | "AuditLog.Read.All"

/**
 * Microsoft, by an app of the host's.
 * See https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export const microsoftDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "microsoft",
  "displayName": "Microsoft",
  "category": "productivity",
  "description": "Mail, calendar, files and people of Microsoft 365, on behalf of a person.",
  "docsUrl": "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow",
  "brandColor": "#0078d4",
  "authType": "oauth2",
  "fields": [
    {
      "name": "tenant",
      "label": "Directory (tenant) ID",
      "help": "Microsoft Entra admin center, Overview; empty: any organisation or person",
      "secret": false,
      "required": false,
      "default": "common",
      "pattern": "common|organizations|consumers|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    }
  ],
  "authorizationEndpoint": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
  "tokenEndpoint": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
  "clientAuthentication": "client_secret_post",
  "grantedScopePrefix": "https://graph.microsoft.com/",
  "unnamedScopes": [
    "offline_access"
  ],
  "defaultScopes": [
    "offline_access",
    "User.Read"
  ],
  "terminalErrors": [
    "interaction_required",
    "consent_required"
  ],
  "temporaryErrors": [
    {
      "error": "invalid_grant",
      "description": "AADSTS50196"
    }
  ],
  "account": {
    "from": "request",
    "url": "https://graph.microsoft.com/v1.0/me",
    "id": [
      "id"
    ],
    "label": [
      "userPrincipalName"
    ]
  },
  "check": {
    "url": "https://graph.microsoft.com/v1.0/me"
  },
  "api": {
    "baseUrl": "https://graph.microsoft.com/v1.0"
  }
})

/** Microsoft: Mail, calendar, files and people of Microsoft 365, on behalf of a person. Register your app's redirect URI at Microsoft, and give its client here. */
export const microsoft = (client: OAuthClient<MicrosoftScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: microsoftDefinition
})

/** Scopes that monday.com documents; others are taken as well. */
export type MondayScope =
  | "account:read"
  | "assets:read"
  | "boards:read"
  | "boards:write"
  | "docs:read"
  | "docs:write"
  | "me:read"
  | "notifications:write"
  | "tags:read"
  | "teams:read"
  | "updates:read"
  | "updates:write"
  | "users:read"
  | "users:write"
  | "webhooks:read"
  | "webhooks:write"
  | "workspaces:read"
  | "workspaces:write"

/**
 * monday.com, by an app of the host's.
 * See https://developer.monday.com/apps/docs/oauth-2-1
 */
export const mondayDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "monday",
  "displayName": "monday.com",
  "category": "productivity",
  "description": "Boards, items and updates of an account.",
  "docsUrl": "https://developer.monday.com/apps/docs/oauth-2-1",
  "notices": [
    {
      "date": "2027-04-01",
      "text": "From API version 2027-04 on, tokens of the former flow (auth.monday.com/oauth2/token) are refused: their connections have to be made anew."
    }
  ],
  "authType": "oauth2",
  "authorizationEndpoint": "https://auth.monday.com/oauth2/authorize",
  "authorizationOmits": [
    "response_type"
  ],
  "tokenEndpoint": "https://auth.monday.com/oauth_ms/oauth/token",
  "formerTokenEndpoints": [
    "https://auth.monday.com/oauth2/token"
  ],
  "clientAuthentication": "client_secret_post",
  "tokenRequest": {
    "encoding": "json"
  },
  "refreshRequest": {
    "encoding": "json"
  },
  "defaultScopes": [
    "me:read",
    "boards:read"
  ],
  "defaultTokenLifetime": 3600,
  "tokenHeader": {
    "name": "Authorization",
    "template": "{access_token}"
  },
  "account": {
    "from": "request",
    "url": "https://api.monday.com/v2",
    "method": "POST",
    "body": "{\"query\":\"{ me { id email } }\"}",
    "id": [
      "data",
      "me",
      "id"
    ],
    "label": [
      "data",
      "me",
      "email"
    ]
  },
  "check": {
    "url": "https://api.monday.com/v2",
    "method": "POST",
    "body": "{\"query\":\"{ me { id email } }\"}"
  },
  "revocation": {
    "endpoint": "https://auth.monday.com/oauth_ms/oauth/revoke",
    "ends": "token",
    "encoding": "json"
  },
  "api": {
    "baseUrl": "https://api.monday.com"
  },
  "apiHeaders": {
    "API-Version": "2026-10"
  }
})

/** monday.com: Boards, items and updates of an account. Register your app's redirect URI at monday.com, and give its client here. */
export const monday = (client: OAuthClient<MondayScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: mondayDefinition
})

/** Scopes that Notion documents; others are taken as well. */
export type NotionScope = string

/**
 * Notion, by an app of the host's.
 * See https://developers.notion.com/reference/create-a-token
 */
export const notionDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "notion",
  "displayName": "Notion",
  "category": "productivity",
  "description": "Pages and databases that a person shares from a workspace.",
  "docsUrl": "https://developers.notion.com/reference/create-a-token",
  "brandColor": "#000000",
  "notices": [
    {
      "date": "2026-03-11",
      "text": "A newer version is out, 2026-03-11, in which archived is in_trash; this definition asks for 2025-09-03, since which databases have data sources."
    }
  ],
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.notion.com/v1/oauth/authorize",
  "authorizationParameters": {
    "owner": "user"
  },
  "tokenEndpoint": "https://api.notion.com/v1/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "tokenResponse": {
    "error": [
      "code"
    ]
  },
  "tokenRequest": {
    "encoding": "json",
    "headers": {
      "Notion-Version": "2025-09-03"
    }
  },
  "refreshRequest": {
    "encoding": "json",
    "headers": {
      "Notion-Version": "2025-09-03"
    }
  },
  "defaultScopes": [],
  "account": {
    "from": "token_response",
    "id": [
      "workspace_id"
    ],
    "label": [
      "workspace_name"
    ]
  },
  "check": {
    "url": "https://api.notion.com/v1/users/me"
  },
  "revocation": {
    "endpoint": "https://api.notion.com/v1/oauth/revoke",
    "ends": "grant",
    "encoding": "json",
    "headers": {
      "Notion-Version": "2025-09-03"
    },
    "sendsHint": false,
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.notion.com/v1"
  },
  "apiHeaders": {
    "Notion-Version": "2025-09-03"
  }
})

/** Notion: Pages and databases that a person shares from a workspace. Register your app's redirect URI at Notion, and give its client here. */
export const notion = (client: OAuthClient<NotionScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: notionDefinition
})

/**
 * Notion (integration token), by an API key of each tenant's.
 * See https://developers.notion.com/reference/authentication
 */
export const notionApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "notion-api-key",
  "displayName": "Notion (integration token)",
  "category": "productivity",
  "description": "Pages and databases that are shared with an internal integration.",
  "docsUrl": "https://developers.notion.com/reference/authentication",
  "brandColor": "#000000",
  "notices": [
    {
      "date": "2026-03-11",
      "text": "A newer version is out, 2026-03-11, in which archived is in_trash; this definition asks for 2025-09-03, since which databases have data sources."
    }
  ],
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Internal integration token",
      "help": "notion.so/profile/integrations; it begins with ntn_ or secret_"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.notion.com"
  },
  "apiHeaders": {
    "Notion-Version": "2025-09-03"
  },
  "check": {
    "url": "https://api.notion.com/v1/users/me",
    "rejectedStatus": [
      401
    ]
  }
})

/** Notion (integration token): Pages and databases that are shared with an internal integration. Each tenant brings its own key. */
export const notionApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: notionApiKeyDefinition
})

/** Scopes that PandaDoc documents; others are taken as well. */
export type PandadocScope =
  | "read"
  | "write"

/**
 * PandaDoc, by an app of the host's.
 * See https://developers.pandadoc.com/reference/authentication-process
 */
export const pandadocDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "pandadoc",
  "displayName": "PandaDoc",
  "category": "productivity",
  "description": "Documents, templates and their signatures.",
  "docsUrl": "https://developers.pandadoc.com/reference/authentication-process",
  "brandColor": "#248567",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.pandadoc.com/oauth2/authorize",
  "tokenEndpoint": "https://api.pandadoc.com/oauth2/access_token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "read",
    "write"
  ],
  "account": {
    "from": "request",
    "url": "https://api.pandadoc.com/public/v1/members/current",
    "id": [
      "user_id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.pandadoc.com/public/v1/members/current"
  },
  "api": {
    "baseUrl": "https://api.pandadoc.com/public/v1"
  }
})

/** PandaDoc: Documents, templates and their signatures. Register your app's redirect URI at PandaDoc, and give its client here. */
export const pandadoc = (client: OAuthClient<PandadocScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: pandadocDefinition
})

/**
 * PandaDoc, by an API key of each tenant's.
 * See https://developers.pandadoc.com/reference/api-key-authentication-process
 */
export const pandadocApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "pandadoc-api-key",
  "displayName": "PandaDoc",
  "category": "productivity",
  "description": "Documents, templates and their signatures.",
  "docsUrl": "https://developers.pandadoc.com/reference/api-key-authentication-process",
  "brandColor": "#248567",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Developer dashboard, Configuration"
    }
  ],
  "headers": {
    "Authorization": "API-Key {api_key}"
  },
  "api": {
    "baseUrl": "https://api.pandadoc.com/public/v1"
  },
  "check": {
    "url": "https://api.pandadoc.com/public/v1/members/current"
  }
})

/** PandaDoc: Documents, templates and their signatures. Each tenant brings its own key. */
export const pandadocApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: pandadocApiKeyDefinition
})

/** Scopes that Smartsheet documents; others are taken as well. */
export type SmartsheetScope =
  | "READ_SHEETS"
  | "WRITE_SHEETS"
  | "ADMIN_SHEETS"
  | "CREATE_SHEETS"
  | "DELETE_SHEETS"
  | "SHARE_SHEETS"
  | "READ_SIGHTS"
  | "ADMIN_SIGHTS"
  | "CREATE_SIGHTS"
  | "DELETE_SIGHTS"
  | "SHARE_SIGHTS"
  | "READ_USERS"
  | "ADMIN_USERS"
  | "ADMIN_WORKSPACES"
  | "ADMIN_WEBHOOKS"
  | "READ_CONTACTS"
  | "READ_EVENTS"

/**
 * Smartsheet, by an app of the host's.
 * See https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth
 */
export const smartsheetDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "smartsheet",
  "displayName": "Smartsheet",
  "category": "productivity",
  "description": "Sheets, reports and workspaces.",
  "docsUrl": "https://developers.smartsheet.com/api/smartsheet/guides/advanced-topics/oauth",
  "brandColor": "#003059",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.smartsheet.com/b/authorize",
  "tokenEndpoint": "https://api.smartsheet.com/2.0/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "READ_SHEETS"
  ],
  "account": {
    "from": "request",
    "url": "https://api.smartsheet.com/2.0/users/me",
    "id": [
      "email"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.smartsheet.com/2.0/users/me"
  },
  "revocation": {
    "endpoint": "https://api.smartsheet.com/2.0/token?deleteAllForApiClient=true",
    "ends": "grant",
    "method": "DELETE",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://api.smartsheet.com/2.0"
  }
})

/** Smartsheet: Sheets, reports and workspaces. Register your app's redirect URI at Smartsheet, and give its client here. */
export const smartsheet = (client: OAuthClient<SmartsheetScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: smartsheetDefinition
})

/** Scopes that Todoist documents; others are taken as well. */
export type TodoistScope =
  | "task:add"
  | "data:read"
  | "data:read_write"
  | "data:delete"
  | "project:delete"
  | "backups:read"

/**
 * Todoist, by an app of the host's.
 * See https://developer.todoist.com/api/v1/
 */
export const todoistDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "todoist",
  "displayName": "Todoist",
  "category": "productivity",
  "description": "Projects, tasks and comments.",
  "docsUrl": "https://developer.todoist.com/api/v1/",
  "brandColor": "#e44332",
  "authType": "oauth2",
  "authorizationEndpoint": "https://todoist.com/oauth/authorize",
  "tokenEndpoint": "https://todoist.com/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "scopeSeparator": ",",
  "defaultScopes": [
    "data:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.todoist.com/api/v1/user",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.todoist.com/api/v1/user"
  },
  "revocation": {
    "endpoint": "https://api.todoist.com/api/v1/revoke",
    "ends": "token",
    "clientAuthentication": "client_secret_basic"
  },
  "api": {
    "baseUrl": "https://api.todoist.com/api/v1"
  }
})

/** Todoist: Projects, tasks and comments. Register your app's redirect URI at Todoist, and give its client here. */
export const todoist = (client: OAuthClient<TodoistScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: todoistDefinition
})

/**
 * Trello, by an API key of each tenant's.
 * See https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/
 */
export const trelloDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "trello",
  "displayName": "Trello",
  "category": "productivity",
  "description": "Boards, lists and cards of a member.",
  "docsUrl": "https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
  "brandColor": "#0052cc",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "trello.com/power-ups/admin, your Power-Up, API key",
      "pattern": "[0-9A-Za-z]+"
    },
    {
      "name": "token",
      "label": "Token",
      "help": "The link Token beside the API key",
      "pattern": "[0-9A-Za-z]+"
    }
  ],
  "headers": {
    "Authorization": "OAuth oauth_consumer_key=\"{api_key}\", oauth_token=\"{token}\""
  },
  "api": {
    "baseUrl": "https://api.trello.com/1"
  },
  "check": {
    "url": "https://api.trello.com/1/members/me"
  }
})

/** Trello: Boards, lists and cards of a member. Each tenant brings its own key. */
export const trello = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: trelloDefinition
})

/** Scopes that Wrike documents; others are taken as well. */
export type WrikeScope =
  | "Default"
  | "wsReadOnly"
  | "wsReadWrite"
  | "amReadOnlyWorkflow"
  | "amReadWriteWorkflow"
  | "amReadOnlyInvitation"
  | "amReadWriteInvitation"
  | "amReadOnlyGroup"
  | "amReadWriteGroup"
  | "amReadOnlyUser"
  | "amReadWriteUser"
  | "amReadOnlyAuditLog"
  | "dataExportFull"

/**
 * Wrike, by an app of the host's.
 * See https://developers.wrike.com/docs/oauth-20-authorization
 */
export const wrikeDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "wrike",
  "displayName": "Wrike",
  "category": "productivity",
  "description": "Folders, projects and tasks.",
  "docsUrl": "https://developers.wrike.com/docs/oauth-20-authorization",
  "brandColor": "#08cf65",
  "authType": "oauth2",
  "authorizationEndpoint": "https://login.wrike.com/oauth2/authorize/v4",
  "tokenEndpoint": "https://login.wrike.com/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "scopeSeparator": ",",
  "defaultScopes": [
    "wsReadOnly"
  ],
  "captures": {
    "host": {
      "from": "token_response",
      "path": [
        "host"
      ],
      "hostBelow": [
        ".wrike.com"
      ]
    }
  },
  "account": {
    "from": "request",
    "url": "https://{host}/api/v4/contacts?me=true",
    "id": [
      "data",
      {
        "only": true
      },
      "id"
    ],
    "label": [
      "data",
      {
        "only": true
      },
      "profiles",
      "0",
      "email"
    ]
  },
  "check": {
    "url": "https://{host}/api/v4/contacts?me=true"
  },
  "api": {
    "baseUrl": "https://{host}/api/v4"
  }
})

/** Wrike: Folders, projects and tasks. Register your app's redirect URI at Wrike, and give its client here. */
export const wrike = (client: OAuthClient<WrikeScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: wrikeDefinition
})
