// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Aircall, by an API key of each tenant's.
 * See https://developer.aircall.io/docs/basic-authentication
 */
export const aircallDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "aircall",
  "displayName": "Aircall",
  "category": "communication",
  "description": "Calls, numbers, contacts and users.",
  "docsUrl": "https://developer.aircall.io/docs/basic-authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_id",
      "label": "API ID",
      "secret": false,
      "help": "Integrations & API, API keys"
    },
    {
      "name": "api_token",
      "label": "API token",
      "help": "Shown once, when the key is made"
    }
  ],
  "basic": {
    "username": "{api_id}",
    "password": "{api_token}"
  },
  "api": {
    "baseUrl": "https://api.aircall.io/v1"
  },
  "check": {
    "url": "https://api.aircall.io/v1/ping"
  }
})

/** Aircall: Calls, numbers, contacts and users. Each tenant brings its own key. */
export const aircall = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: aircallDefinition
})

/**
 * Dialpad, by an API key of each tenant's.
 * See https://developers.dialpad.com/docs/authentication-basics
 */
export const dialpadDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "dialpad",
  "displayName": "Dialpad",
  "category": "communication",
  "description": "Calls, users, numbers and messages.",
  "docsUrl": "https://developers.dialpad.com/docs/authentication-basics",
  "brandColor": "#7c52ff",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Admin Settings, My Company, Authentication, API Keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://dialpad.com/api/v2"
  },
  "check": {
    "url": "https://dialpad.com/api/v2/company/"
  }
})

/** Dialpad: Calls, users, numbers and messages. Each tenant brings its own key. */
export const dialpad = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: dialpadDefinition
})

/** Scopes that Discord documents; others are taken as well. */
export type DiscordScope =
  | "activities.read"
  | "activities.write"
  | "applications.builds.read"
  | "applications.builds.upload"
  | "applications.commands"
  | "applications.commands.update"
  | "applications.entitlements"
  | "applications.store.update"
  | "bot"
  | "connections"
  | "dm_channels.read"
  | "email"
  | "gdm.join"
  | "guilds"
  | "guilds.join"
  | "guilds.members.read"
  | "identify"
  | "messages.read"
  | "relationships.read"
  | "rpc"
  | "rpc.activities.write"
  | "rpc.notifications.read"
  | "rpc.voice.read"
  | "rpc.voice.write"
  | "voice"
  | "webhook.incoming"

/**
 * Discord, by an app of the host's.
 * See https://discord.com/developers/docs/topics/oauth2
 */
export const discordDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "discord",
  "displayName": "Discord",
  "category": "communication",
  "description": "The profile and servers of a user, and webhooks in a channel.",
  "docsUrl": "https://discord.com/developers/docs/topics/oauth2",
  "brandColor": "#5865f2",
  "authType": "oauth2",
  "issuer": "https://discord.com",
  "issParameterSupported": true,
  "authorizationEndpoint": "https://discord.com/oauth2/authorize",
  "tokenEndpoint": "https://discord.com/api/oauth2/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "identify"
  ],
  "account": {
    "from": "request",
    "url": "https://discord.com/api/v10/users/@me",
    "id": [
      "id"
    ],
    "label": [
      "username"
    ]
  },
  "check": {
    "url": "https://discord.com/api/v10/users/@me"
  },
  "revocation": {
    "endpoint": "https://discord.com/api/oauth2/token/revoke",
    "ends": "grant"
  },
  "api": {
    "baseUrl": "https://discord.com/api/v10"
  }
})

/** Discord: The profile and servers of a user, and webhooks in a channel. Register your app's redirect URI at Discord, and give its client here. */
export const discord = (client: OAuthClient<DiscordScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: discordDefinition
})

/** Scopes that Gmail documents; others are taken as well. */
export type GmailScope =
  | "openid"
  | "email"
  | "profile"
  | "https://www.googleapis.com/auth/userinfo.email"
  | "https://www.googleapis.com/auth/userinfo.profile"
  | "https://mail.google.com/"
  | "https://www.googleapis.com/auth/gmail.readonly"
  | "https://www.googleapis.com/auth/gmail.metadata"
  | "https://www.googleapis.com/auth/gmail.send"
  | "https://www.googleapis.com/auth/gmail.compose"
  | "https://www.googleapis.com/auth/gmail.insert"
  | "https://www.googleapis.com/auth/gmail.modify"
  | "https://www.googleapis.com/auth/gmail.labels"
  | "https://www.googleapis.com/auth/gmail.settings.basic"
  | "https://www.googleapis.com/auth/gmail.settings.sharing"

/**
 * Gmail, by an app of the host's.
 * See https://developers.google.com/workspace/gmail/api/auth/scopes
 */
export const gmailDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "gmail",
  "displayName": "Gmail",
  "category": "communication",
  "description": "Messages, threads and labels of a mailbox.",
  "docsUrl": "https://developers.google.com/workspace/gmail/api/auth/scopes",
  "brandColor": "#ea4335",
  "authType": "oauth2",
  "issuer": "https://accounts.google.com",
  "authorizationEndpoint": "https://accounts.google.com/o/oauth2/v2/auth",
  "tokenEndpoint": "https://oauth2.googleapis.com/token",
  "clientAuthentication": "client_secret_post",
  "temporaryErrors": [
    "internal_failure"
  ],
  "leavesOutScopes": true,
  "authorizationParameters": {
    "access_type": "offline",
    "prompt": "consent"
  },
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
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/gmail.readonly"
  ],
  "account": {
    "from": "request",
    "url": "https://openidconnect.googleapis.com/v1/userinfo",
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
    "baseUrl": "https://gmail.googleapis.com"
  }
})

/** Gmail: Messages, threads and labels of a mailbox. Register your app's redirect URI at Gmail, and give its client here. */
export const gmail = (client: OAuthClient<GmailScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: gmailDefinition
})

/**
 * Mailgun, by an API key of each tenant's.
 * See https://documentation.mailgun.com/docs/mailgun/api-reference/
 */
export const mailgunDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "mailgun",
  "displayName": "Mailgun",
  "category": "communication",
  "description": "Email sending, domains and events.",
  "docsUrl": "https://documentation.mailgun.com/docs/mailgun/api-reference/",
  "brandColor": "#f06b66",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Account settings, API keys"
    },
    {
      "name": "host",
      "label": "API host",
      "secret": false,
      "required": false,
      "choices": [
        "api.mailgun.net",
        "api.eu.mailgun.net"
      ],
      "default": "api.mailgun.net",
      "help": "api.eu.mailgun.net for domains in the EU"
    }
  ],
  "basic": {
    "username": "api",
    "password": "{api_key}"
  },
  "api": {
    "baseUrl": "https://{host}"
  },
  "check": {
    "url": "https://{host}/v4/domains?limit=1"
  }
})

/** Mailgun: Email sending, domains and events. Each tenant brings its own key. */
export const mailgun = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: mailgunDefinition
})

/**
 * Mailjet, by an API key of each tenant's.
 * See https://dev.mailjet.com/email/guides/getting-started/
 */
export const mailjetDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "mailjet",
  "displayName": "Mailjet",
  "category": "communication",
  "description": "Email sending, contacts and statistics.",
  "docsUrl": "https://dev.mailjet.com/email/guides/getting-started/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "secret": false,
      "help": "Account settings, API key management"
    },
    {
      "name": "secret_key",
      "label": "Secret key",
      "help": "Shown once, when the key is made"
    },
    {
      "name": "host",
      "label": "API host",
      "secret": false,
      "required": false,
      "choices": [
        "api.mailjet.com",
        "api.us.mailjet.com"
      ],
      "default": "api.mailjet.com",
      "help": "api.us.mailjet.com for accounts in the US"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "{secret_key}"
  },
  "api": {
    "baseUrl": "https://{host}"
  },
  "check": {
    "url": "https://{host}/v3/REST/user"
  }
})

/** Mailjet: Email sending, contacts and statistics. Each tenant brings its own key. */
export const mailjet = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: mailjetDefinition
})

/** Scopes that Microsoft Teams documents; others are taken as well. */
export type MicrosoftTeamsScope =
  | "offline_access"
  | "openid"
  | "profile"
  | "email"
  | "User.Read"
  | "Team.ReadBasic.All"
  | "TeamSettings.Read.All"
  | "TeamMember.Read.All"
  | "Channel.ReadBasic.All"
  | "Channel.Create"
  | "ChannelSettings.Read.All"
  | "ChannelMember.Read.All"
  | "ChannelMessage.Read.All"
  | "ChannelMessage.Send"
  | "Chat.ReadBasic"
  | "Chat.Read"
  | "Chat.ReadWrite"
  | "Chat.Create"
  | "ChatMessage.Send"
  | "OnlineMeetings.Read"
  | "OnlineMeetings.ReadWrite"
  | "OnlineMeetingTranscript.Read.All"
  | "Presence.Read"
  | "Presence.Read.All"
  | "User.ReadBasic.All"
  | "Group.Read.All"

/**
 * Microsoft Teams, by an app of the host's.
 * See https://learn.microsoft.com/en-us/graph/teams-concept-overview
 */
export const microsoftTeamsDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "microsoft-teams",
  "displayName": "Microsoft Teams",
  "category": "communication",
  "description": "Teams, channels, chats and meetings.",
  "docsUrl": "https://learn.microsoft.com/en-us/graph/teams-concept-overview",
  "brandColor": "#6264a7",
  "authType": "oauth2",
  "authorizationEndpoint": "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize",
  "tokenEndpoint": "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
  "clientAuthentication": "client_secret_post",
  "grantedScopePrefix": "https://graph.microsoft.com/",
  "unnamedScopes": [
    "offline_access"
  ],
  "defaultScopes": [
    "offline_access",
    "User.Read",
    "Team.ReadBasic.All"
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
    "url": "https://graph.microsoft.com/v1.0/me",
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://graph.microsoft.com/v1.0"
  }
})

/** Microsoft Teams: Teams, channels, chats and meetings. Register your app's redirect URI at Microsoft Teams, and give its client here. */
export const microsoftTeams = (client: OAuthClient<MicrosoftTeamsScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: microsoftTeamsDefinition
})

/** Scopes that Outlook documents; others are taken as well. */
export type OutlookScope =
  | "offline_access"
  | "openid"
  | "profile"
  | "email"
  | "User.Read"
  | "Mail.Read"
  | "Mail.ReadBasic"
  | "Mail.ReadWrite"
  | "Mail.Send"
  | "Mail.Read.Shared"
  | "Mail.ReadWrite.Shared"
  | "Mail.Send.Shared"
  | "MailboxSettings.Read"
  | "MailboxSettings.ReadWrite"
  | "Calendars.Read"
  | "Calendars.ReadBasic"
  | "Calendars.ReadWrite"
  | "Calendars.Read.Shared"
  | "Calendars.ReadWrite.Shared"
  | "Contacts.Read"
  | "Contacts.ReadWrite"
  | "People.Read"
  | "Tasks.Read"
  | "Tasks.ReadWrite"

/**
 * Outlook, by an app of the host's.
 * See https://learn.microsoft.com/en-us/graph/outlook-mail-concept-overview
 */
export const outlookDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "outlook",
  "displayName": "Outlook",
  "category": "communication",
  "description": "Mail, calendar and contacts of a mailbox.",
  "docsUrl": "https://learn.microsoft.com/en-us/graph/outlook-mail-concept-overview",
  "brandColor": "#0078d4",
  "authType": "oauth2",
  "authorizationEndpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
  "tokenEndpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
  "clientAuthentication": "client_secret_post",
  "grantedScopePrefix": "https://graph.microsoft.com/",
  "unnamedScopes": [
    "offline_access"
  ],
  "defaultScopes": [
    "offline_access",
    "User.Read",
    "Mail.Read"
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
    "url": "https://graph.microsoft.com/v1.0/me",
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://graph.microsoft.com/v1.0"
  }
})

/** Outlook: Mail, calendar and contacts of a mailbox. Register your app's redirect URI at Outlook, and give its client here. */
export const outlook = (client: OAuthClient<OutlookScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: outlookDefinition
})

/**
 * Postmark, by an API key of each tenant's.
 * See https://postmarkapp.com/developer/api/overview
 */
export const postmarkDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "postmark",
  "displayName": "Postmark",
  "category": "communication",
  "description": "Email sending, templates and bounces of a server.",
  "docsUrl": "https://postmarkapp.com/developer/api/overview",
  "brandColor": "#ffde00",
  "authType": "api_key",
  "fields": [
    {
      "name": "server_token",
      "label": "Server API token",
      "help": "Your server, API Tokens"
    }
  ],
  "headers": {
    "X-Postmark-Server-Token": "{server_token}"
  },
  "api": {
    "baseUrl": "https://api.postmarkapp.com"
  },
  "check": {
    "url": "https://api.postmarkapp.com/server"
  }
})

/** Postmark: Email sending, templates and bounces of a server. Each tenant brings its own key. */
export const postmark = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: postmarkDefinition
})

/**
 * Resend, by an API key of each tenant's.
 * See https://resend.com/docs/api-reference/introduction
 */
export const resendDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "resend",
  "displayName": "Resend",
  "category": "communication",
  "description": "Email sending, domains and audiences.",
  "docsUrl": "https://resend.com/docs/api-reference/introduction",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "API Keys, with full access"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.resend.com"
  },
  "check": {
    "url": "https://api.resend.com/domains",
    "rejectedStatus": [
      400,
      403
    ]
  }
})

/** Resend: Email sending, domains and audiences. Each tenant brings its own key. */
export const resend = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: resendDefinition
})

/** Scopes that RingCentral documents; others are taken as well. */
export type RingcentralScope = string

/**
 * RingCentral, by an app of the host's.
 * See https://developers.ringcentral.com/guide/authentication/auth-code-flow
 */
export const ringcentralDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "ringcentral",
  "displayName": "RingCentral",
  "category": "communication",
  "description": "Calls, messages and extensions of a phone system.",
  "docsUrl": "https://developers.ringcentral.com/guide/authentication/auth-code-flow",
  "brandColor": "#ff7a00",
  "authType": "oauth2",
  "authorizationEndpoint": "https://platform.ringcentral.com/restapi/oauth/authorize",
  "tokenEndpoint": "https://platform.ringcentral.com/restapi/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [],
  "account": {
    "from": "token_response",
    "id": [
      "owner_id"
    ]
  },
  "check": {
    "url": "https://platform.ringcentral.com/restapi/v1.0/account/~/extension/~",
    "rejectedStatus": [
      401
    ]
  },
  "revocation": {
    "endpoint": "https://platform.ringcentral.com/restapi/oauth/revoke",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://platform.ringcentral.com"
  }
})

/** RingCentral: Calls, messages and extensions of a phone system. Register your app's redirect URI at RingCentral, and give its client here. */
export const ringcentral = (client: OAuthClient<RingcentralScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: ringcentralDefinition
})

/** Scopes that Slack documents; others are taken as well. */
export type SlackScope =
  | "app_mentions:read"
  | "bookmarks:read"
  | "bookmarks:write"
  | "calls:read"
  | "calls:write"
  | "channels:history"
  | "channels:join"
  | "channels:manage"
  | "channels:read"
  | "chat:write"
  | "chat:write.customize"
  | "chat:write.public"
  | "commands"
  | "dnd:read"
  | "emoji:read"
  | "files:read"
  | "files:write"
  | "groups:history"
  | "groups:read"
  | "groups:write"
  | "im:history"
  | "im:read"
  | "im:write"
  | "incoming-webhook"
  | "links:read"
  | "links:write"
  | "metadata.message:read"
  | "mpim:history"
  | "mpim:read"
  | "mpim:write"
  | "pins:read"
  | "pins:write"
  | "reactions:read"
  | "reactions:write"
  | "remote_files:read"
  | "team:read"
  | "usergroups:read"
  | "usergroups:write"
  | "users:read"
  | "users:read.email"
  | "users.profile:read"
  | "users:write"
  | "workflow.steps:execute"
  | "search:read"
  | "identify"

/**
 * Slack, by an app of the host's.
 * See https://docs.slack.dev/authentication/installing-with-oauth/
 */
export const slackDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "slack",
  "displayName": "Slack",
  "category": "communication",
  "description": "Messages, channels and users of a workspace, as an app.",
  "docsUrl": "https://docs.slack.dev/authentication/installing-with-oauth/",
  "brandColor": "#4a154b",
  "authType": "oauth2",
  "authorizationEndpoint": "https://slack.com/oauth/v2/authorize",
  "tokenEndpoint": "https://slack.com/api/oauth.v2.access",
  "pkce": {
    "off": "Slack has PKCE for apps that switch it on for good and are then public clients; for an app with a secret it documents none."
  },
  "clientAuthentication": "client_secret_basic",
  "scopeSeparator": ",",
  "grantedScopeSeparator": ",",
  "userScopes": {
    "parameter": "user_scope",
    "defaultScopes": []
  },
  "defaultScopes": [
    "chat:write"
  ],
  "tokenResponse": {
    "ignoresTokenType": true
  },
  "terminalErrors": [
    "invalid_refresh_token",
    "token_revoked",
    "account_inactive"
  ],
  "temporaryErrors": [
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "ratelimited"
  ],
  "account": {
    "from": "token_response",
    "id": [
      "team",
      "id"
    ],
    "label": [
      "team",
      "name"
    ]
  },
  "check": {
    "url": "https://slack.com/api/auth.test",
    "method": "POST",
    "acceptedBody": {
      "path": [
        "ok"
      ],
      "equals": true
    },
    "rejectedBody": {
      "path": [
        "error"
      ],
      "oneOf": [
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired"
      ]
    }
  },
  "revocation": {
    "endpoint": "https://slack.com/api/auth.revoke",
    "ends": "grant",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "installation": {
    "parameter": "code"
  },
  "api": {
    "baseUrl": "https://slack.com/api",
    "expired": [
      {
        "status": 200,
        "body": {
          "path": [
            "error"
          ],
          "oneOf": [
            "token_expired",
            "token_revoked",
            "account_inactive"
          ]
        }
      }
    ]
  }
})

/** Slack: Messages, channels and users of a workspace, as an app. Register your app's redirect URI at Slack, and give its client here. */
export const slack = (client: OAuthClient<SlackScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: slackDefinition
})

/** Scopes that Slack (user) documents; others are taken as well. */
export type SlackUserScope =
  | "channels:history"
  | "channels:read"
  | "chat:write"
  | "files:read"
  | "groups:read"
  | "im:history"
  | "search:read"
  | "users:read"
  | "users.profile:read"
  | "identify"

/**
 * Slack (user), by an app of the host's.
 * See https://docs.slack.dev/authentication/installing-with-oauth/
 */
export const slackUserDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "slack-user",
  "displayName": "Slack (user)",
  "category": "communication",
  "description": "Messages, channels and search of a workspace, as the person who connects it.",
  "docsUrl": "https://docs.slack.dev/authentication/installing-with-oauth/",
  "brandColor": "#4a154b",
  "authType": "oauth2",
  "authorizationEndpoint": "https://slack.com/oauth/v2/authorize",
  "tokenEndpoint": "https://slack.com/api/oauth.v2.access",
  "pkce": {
    "off": "Slack has PKCE for apps that switch it on for good and are then public clients; for an app with a secret it documents none."
  },
  "clientAuthentication": "client_secret_basic",
  "parameterNames": {
    "scope": "user_scope"
  },
  "scopeSeparator": ",",
  "grantedScopeSeparator": ",",
  "defaultScopes": [
    "search:read"
  ],
  "tokenResponse": {
    "path": [
      "authed_user"
    ],
    "ignoresTokenType": true
  },
  "refreshResponse": {
    "ignoresTokenType": true
  },
  "terminalErrors": [
    "invalid_refresh_token",
    "token_revoked",
    "account_inactive"
  ],
  "account": {
    "from": "token_response",
    "id": [
      "authed_user",
      "id"
    ],
    "label": [
      "team",
      "name"
    ]
  },
  "check": {
    "url": "https://slack.com/api/auth.test",
    "method": "POST",
    "acceptedBody": {
      "path": [
        "ok"
      ],
      "equals": true
    },
    "rejectedBody": {
      "path": [
        "error"
      ],
      "oneOf": [
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired"
      ]
    }
  },
  "revocation": {
    "endpoint": "https://slack.com/api/auth.revoke",
    "ends": "token",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://slack.com/api",
    "expired": [
      {
        "status": 200,
        "body": {
          "path": [
            "error"
          ],
          "oneOf": [
            "token_expired",
            "token_revoked",
            "account_inactive"
          ]
        }
      }
    ]
  }
})

/** Slack (user): Messages, channels and search of a workspace, as the person who connects it. Register your app's redirect URI at Slack (user), and give its client here. */
export const slackUser = (client: OAuthClient<SlackUserScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: slackUserDefinition
})

/**
 * Twilio, by an API key of each tenant's.
 * See https://www.twilio.com/docs/usage/requests-to-twilio
 */
export const twilioDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "twilio",
  "displayName": "Twilio",
  "category": "communication",
  "description": "Messages, calls and phone numbers of an account.",
  "docsUrl": "https://www.twilio.com/docs/usage/requests-to-twilio",
  "brandColor": "#f22f46",
  "authType": "api_key",
  "fields": [
    {
      "name": "account_sid",
      "label": "Account SID",
      "secret": false,
      "pattern": "AC[0-9a-f]{32}",
      "help": "Console, Account Info; it begins with AC"
    },
    {
      "name": "api_key",
      "label": "API key SID",
      "secret": false,
      "pattern": "SK[0-9a-f]{32}",
      "help": "Console, Account, API keys and tokens, a Standard or Restricted key; it begins with SK"
    },
    {
      "name": "api_key_secret",
      "label": "API key secret",
      "pattern": "[A-Za-z0-9]{32}",
      "help": "Shown once, when the key is made"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "{api_key_secret}"
  },
  "api": {
    "baseUrl": "https://api.twilio.com",
    "hosts": [
      "verify.twilio.com",
      "messaging.twilio.com",
      "lookups.twilio.com",
      "conversations.twilio.com",
      "studio.twilio.com",
      "taskrouter.twilio.com",
      "video.twilio.com",
      "content.twilio.com"
    ]
  },
  "check": {
    "url": "https://api.twilio.com/2010-04-01/Accounts/{account_sid}/Messages.json?PageSize=1"
  }
})

/** Twilio: Messages, calls and phone numbers of an account. Each tenant brings its own key. */
export const twilio = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: twilioDefinition
})

/** Scopes that Webex documents; others are taken as well. */
export type WebexScope =
  | "spark:all"
  | "spark:kms"
  | "spark:people_read"
  | "spark:rooms_read"
  | "spark:rooms_write"
  | "spark:messages_read"
  | "spark:messages_write"
  | "spark:memberships_read"
  | "spark:memberships_write"
  | "spark:teams_read"
  | "spark:teams_write"
  | "spark:team_memberships_read"
  | "spark:team_memberships_write"
  | "spark:calls_read"
  | "spark:calls_write"
  | "meeting:schedules_read"
  | "meeting:schedules_write"
  | "meeting:recordings_read"
  | "meeting:recordings_write"
  | "meeting:preferences_read"
  | "meeting:preferences_write"
  | "meeting:participants_read"
  | "meeting:participants_write"
  | "meeting:controls_read"
  | "meeting:controls_write"
  | "meeting:transcripts_read"

/**
 * Webex, by an app of the host's.
 * See https://developer.webex.com/docs/integrations
 */
export const webexDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "webex",
  "displayName": "Webex",
  "category": "communication",
  "description": "Spaces, messages, people and meetings.",
  "docsUrl": "https://developer.webex.com/docs/integrations",
  "authType": "oauth2",
  "authorizationEndpoint": "https://webexapis.com/v1/authorize",
  "tokenEndpoint": "https://webexapis.com/v1/access_token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "spark:people_read"
  ],
  "tokenResponse": {
    "ignoresTokenType": true
  },
  "account": {
    "from": "request",
    "url": "https://webexapis.com/v1/people/me",
    "id": [
      "id"
    ],
    "label": [
      "emails",
      "0"
    ]
  },
  "check": {
    "url": "https://webexapis.com/v1/people/me"
  },
  "api": {
    "baseUrl": "https://webexapis.com/v1"
  }
})

/** Webex: Spaces, messages, people and meetings. Register your app's redirect URI at Webex, and give its client here. */
export const webex = (client: OAuthClient<WebexScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: webexDefinition
})

/** Scopes that Zoom documents; others are taken as well. */
export type ZoomScope = string

/**
 * Zoom, by an app of the host's.
 * See https://developers.zoom.us/docs/integrations/oauth/
 */
export const zoomDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "zoom",
  "displayName": "Zoom",
  "category": "communication",
  "description": "Meetings, webinars and recordings of a user.",
  "docsUrl": "https://developers.zoom.us/docs/integrations/oauth/",
  "brandColor": "#0b5cff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://zoom.us/oauth/authorize",
  "tokenEndpoint": "https://zoom.us/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "tokenResponse": {
    "errorDescription": [
      "reason"
    ]
  },
  "terminalErrors": [
    {
      "error": "invalid_request",
      "description": "Invalid Token!"
    }
  ],
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.zoom.us/v2/users/me",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.zoom.us/v2/users/me"
  },
  "revocation": {
    "endpoint": "https://zoom.us/oauth/revoke",
    "ends": "grant",
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.zoom.us/v2"
  }
})

/** Zoom: Meetings, webinars and recordings of a user. Register your app's redirect URI at Zoom, and give its client here. */
export const zoom = (client: OAuthClient<ZoomScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: zoomDefinition
})

/**
 * Zoom (Server-to-Server), by an API key of each tenant's.
 * See https://developers.zoom.us/docs/internal-apps/s2s-oauth/
 */
export const zoomServerToServerDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "zoom-server-to-server",
  "displayName": "Zoom (Server-to-Server)",
  "category": "communication",
  "description": "Meetings, users and recordings of a whole account, by a Server-to-Server OAuth app of its own.",
  "docsUrl": "https://developers.zoom.us/docs/internal-apps/s2s-oauth/",
  "brandColor": "#0b5cff",
  "authType": "api_key",
  "fields": [
    {
      "name": "account_id",
      "label": "Account ID",
      "secret": false,
      "pattern": "[A-Za-z0-9_\\-]{1,64}",
      "help": "App Marketplace, Manage, your Server-to-Server OAuth app, App Credentials"
    },
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "pattern": "[A-Za-z0-9_\\-]{1,64}",
      "help": "App Marketplace, Manage, your Server-to-Server OAuth app, App Credentials"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "App Marketplace, Manage, your Server-to-Server OAuth app, App Credentials"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://zoom.us/oauth/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_basic",
    "grantType": "account_credentials",
    "parameters": {
      "account_id": "{account_id}"
    }
  },
  "api": {
    "baseUrl": "https://api.zoom.us/v2"
  },
  "check": {
    "url": "https://api.zoom.us/v2/users/me"
  }
})

/** Zoom (Server-to-Server): Meetings, users and recordings of a whole account, by a Server-to-Server OAuth app of its own. Each tenant brings its own key. */
export const zoomServerToServer = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: zoomServerToServerDefinition
})
