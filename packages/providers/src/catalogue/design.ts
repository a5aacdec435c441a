// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Canva documents; others are taken as well. */
export type CanvaScope =
  | "app:read"
  | "app:write"
  | "asset:read"
  | "asset:write"
  | "brandtemplate:content:read"
  | "brandtemplate:meta:read"
  | "comment:read"
  | "comment:write"
  | "design:content:read"
  | "design:content:write"
  | "design:meta:read"
  | "design:permission:read"
  | "design:permission:write"
  | "folder:read"
  | "folder:write"
  | "folder:permission:read"
  | "folder:permission:write"
  | "profile:read"
  | "collaboration:event"

/**
 * Canva, by an app of the host's.
 * See https://www.canva.dev/docs/connect/authentication/
 */
export const canvaDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "canva",
  "displayName": "Canva",
  "category": "design",
  "description": "Designs, folders and assets.",
  "docsUrl": "https://www.canva.dev/docs/connect/authentication/",
  "brandColor": "#00c4cc",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.canva.com/api/oauth/authorize",
  "tokenEndpoint": "https://api.canva.com/rest/v1/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "design:meta:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.canva.com/rest/v1/users/me",
    "id": [
      "team_user",
      "user_id"
    ]
  },
  "check": {
    "url": "https://api.canva.com/rest/v1/users/me"
  },
  "revocation": {
    "endpoint": "https://api.canva.com/rest/v1/oauth/revoke",
    "ends": "grant"
  },
  "api": {
    "baseUrl": "https://api.canva.com/rest/v1"
  }
})

/** Canva: Designs, folders and assets. Register your app's redirect URI at Canva, and give its client here. */
export const canva = (client: OAuthClient<CanvaScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: canvaDefinition
})

/** Scopes that Figma documents; others are taken as well. */
export type FigmaScope =
  | "current_user:read"
  | "file_comments:read"
  | "file_comments:write"
  | "file_content:read"
  | "file_dev_resources:read"
  | "file_dev_resources:write"
  | "file_metadata:read"
  | "file_variables:read"
  | "file_variables:write"
  | "file_versions:read"
  | "library_analytics:read"
  | "library_assets:read"
  | "library_content:read"
  | "org:activity_log_read"
  | "projects:read"
  | "selections:read"
  | "team_library_content:read"
  | "webhooks:read"
  | "webhooks:write"

/**
 * Figma, by an app of the host's.
 * See https://developers.figma.com/docs/rest-api/authentication/
 */
export const figmaDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "figma",
  "displayName": "Figma",
  "category": "design",
  "description": "Files, comments and components of a design team.",
  "docsUrl": "https://developers.figma.com/docs/rest-api/authentication/",
  "brandColor": "#f24e1e",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.figma.com/oauth",
  "tokenEndpoint": "https://api.figma.com/v1/oauth/token",
  "refreshEndpoint": "https://api.figma.com/v1/oauth/refresh",
  "clientAuthentication": "client_secret_basic",
  "scopeSeparator": ",",
  "defaultScopes": [
    "current_user:read",
    "file_content:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.figma.com/v1/me",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.figma.com/v1/me"
  },
  "api": {
    "baseUrl": "https://api.figma.com",
    "expired": [
      {
        "status": 403,
        "body": {
          "path": [
            "err"
          ],
          "oneOf": [
            "Invalid token",
            "Token expired"
          ]
        }
      }
    ]
  }
})

/** Figma: Files, comments and components of a design team. Register your app's redirect URI at Figma, and give its client here. */
export const figma = (client: OAuthClient<FigmaScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: figmaDefinition
})

/**
 * Figma (personal access token), by an API key of each tenant's.
 * See https://developers.figma.com/docs/rest-api/personal-access-tokens/
 */
export const figmaApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "figma-api-key",
  "displayName": "Figma (personal access token)",
  "category": "design",
  "description": "Files, comments and components of a design team, by a personal access token.",
  "docsUrl": "https://developers.figma.com/docs/rest-api/personal-access-tokens/",
  "brandColor": "#f24e1e",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Personal access token",
      "pattern": "[A-Za-z0-9_\\-]{20,}",
      "help": "Settings, Security, Personal access tokens, with the scope current_user:read"
    }
  ],
  "headers": {
    "X-Figma-Token": "{api_key}"
  },
  "api": {
    "baseUrl": "https://api.figma.com"
  },
  "check": {
    "url": "https://api.figma.com/v1/me"
  }
})

/** Figma (personal access token): Files, comments and components of a design team, by a personal access token. Each tenant brings its own key. */
export const figmaApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: figmaApiKeyDefinition
})

/** Scopes that Miro documents; others are taken as well. */
export type MiroScope = string

/**
 * Miro, by an app of the host's.
 * See https://developers.miro.com/docs/getting-started-with-oauth
 */
export const miroDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "miro",
  "displayName": "Miro",
  "category": "design",
  "description": "Boards and what is on them.",
  "docsUrl": "https://developers.miro.com/docs/getting-started-with-oauth",
  "brandColor": "#ffdd33",
  "authType": "oauth2",
  "authorizationEndpoint": "https://miro.com/oauth/authorize",
  "tokenEndpoint": "https://api.miro.com/v1/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.miro.com/v1/oauth-token",
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
    "url": "https://api.miro.com/v1/oauth-token"
  },
  "revocation": {
    "endpoint": "https://api.miro.com/v2/oauth/revoke",
    "ends": "token",
    "encoding": "json",
    "tokenParameter": "accessToken",
    "parameterNames": {
      "client_id": "clientId",
      "client_secret": "clientSecret"
    },
    "sendsHint": false,
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.miro.com"
  }
})

/** Miro: Boards and what is on them. Register your app's redirect URI at Miro, and give its client here. */
export const miro = (client: OAuthClient<MiroScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: miroDefinition
})
