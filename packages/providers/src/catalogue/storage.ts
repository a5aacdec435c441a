// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Box documents; others are taken as well. */
export type BoxScope = string

/**
 * Box, by an app of the host's.
 * See https://developer.box.com/guides/authentication/oauth2/
 */
export const boxDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "box",
  "displayName": "Box",
  "category": "storage",
  "description": "Files and folders of a user.",
  "docsUrl": "https://developer.box.com/guides/authentication/oauth2/",
  "brandColor": "#0061d5",
  "authType": "oauth2",
  "authorizationEndpoint": "https://account.box.com/api/oauth2/authorize",
  "tokenEndpoint": "https://api.box.com/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.box.com/2.0/users/me",
    "id": [
      "id"
    ],
    "label": [
      "login"
    ]
  },
  "check": {
    "url": "https://api.box.com/2.0/users/me"
  },
  "revocation": {
    "endpoint": "https://api.box.com/oauth2/revoke",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://api.box.com/2.0",
    "hosts": [
      "upload.box.com"
    ]
  }
})

/** Box: Files and folders of a user. Register your app's redirect URI at Box, and give its client here. */
export const box = (client: OAuthClient<BoxScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: boxDefinition
})

/** Scopes that Dropbox documents; others are taken as well. */
export type DropboxScope =
  | "account_info.read"
  | "account_info.write"
  | "files.metadata.read"
  | "files.metadata.write"
  | "files.content.read"
  | "files.content.write"
  | "sharing.read"
  | "sharing.write"
  | "file_requests.read"
  | "file_requests.write"
  | "contacts.read"
  | "contacts.write"
  | "team_info.read"
  | "team_data.member"
  | "members.read"
  | "events.read"

/**
 * Dropbox, by an app of the host's.
 * See https://developers.dropbox.com/oauth-guide
 */
export const dropboxDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "dropbox",
  "displayName": "Dropbox",
  "category": "storage",
  "description": "Files and folders of a user.",
  "docsUrl": "https://developers.dropbox.com/oauth-guide",
  "brandColor": "#0061ff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.dropbox.com/oauth2/authorize",
  "authorizationParameters": {
    "token_access_type": "offline"
  },
  "tokenEndpoint": "https://api.dropboxapi.com/oauth2/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "account_info.read",
    "files.metadata.read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.dropboxapi.com/2/users/get_current_account",
    "method": "POST",
    "body": "null",
    "id": [
      "account_id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.dropboxapi.com/2/users/get_current_account",
    "method": "POST",
    "body": "null"
  },
  "revocation": {
    "endpoint": "https://api.dropboxapi.com/2/auth/token/revoke",
    "ends": "token",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://api.dropboxapi.com/2",
    "hosts": [
      "content.dropboxapi.com",
      "notify.dropboxapi.com"
    ]
  }
})

/** Dropbox: Files and folders of a user. Register your app's redirect URI at Dropbox, and give its client here. */
export const dropbox = (client: OAuthClient<DropboxScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: dropboxDefinition
})

/** Scopes that Google Drive documents; others are taken as well. */
export type GoogleDriveScope =
  | "openid"
  | "email"
  | "profile"
  | "https://www.googleapis.com/auth/userinfo.email"
  | "https://www.googleapis.com/auth/userinfo.profile"
  | "https://www.googleapis.com/auth/drive"
  | "https://www.googleapis.com/auth/drive.readonly"
  | "https://www.googleapis.com/auth/drive.file"
  | "https://www.googleapis.com/auth/drive.appdata"
  | "https://www.googleapis.com/auth/drive.appfolder"
  | "https://www.googleapis.com/auth/drive.install"
  | "https://www.googleapis.com/auth/drive.metadata"
  | "https://www.googleapis.com/auth/drive.metadata.readonly"
  | "https://www.googleapis.com/auth/drive.activity"
  | "https://www.googleapis.com/auth/drive.activity.readonly"
  | "https://www.googleapis.com/auth/drive.meet.readonly"
  | "https://www.googleapis.com/auth/drive.scripts"

/**
 * Google Drive, by an app of the host's.
 * See https://developers.google.com/workspace/drive/api/guides/about-auth
 */
export const googleDriveDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "google-drive",
  "displayName": "Google Drive",
  "category": "storage",
  "description": "Files and folders of a person's drive.",
  "docsUrl": "https://developers.google.com/workspace/drive/api/guides/about-auth",
  "brandColor": "#4285f4",
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
    "https://www.googleapis.com/auth/drive.readonly"
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
    "baseUrl": "https://www.googleapis.com/drive/v3"
  }
})

/** Google Drive: Files and folders of a person's drive. Register your app's redirect URI at Google Drive, and give its client here. */
export const googleDrive = (client: OAuthClient<GoogleDriveScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: googleDriveDefinition
})

/** Scopes that OneDrive documents; others are taken as well. */
export type OnedriveScope =
  | "offline_access"
  | "openid"
  | "profile"
  | "email"
  | "User.Read"
  | "Files.Read"
  | "Files.Read.All"
  | "Files.Read.Selected"
  | "Files.ReadWrite"
  | "Files.ReadWrite.All"
  | "Files.ReadWrite.AppFolder"
  | "Files.ReadWrite.Selected"

/**
 * OneDrive, by an app of the host's.
 * See https://learn.microsoft.com/en-us/graph/onedrive-concept-overview
 */
export const onedriveDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "onedrive",
  "displayName": "OneDrive",
  "category": "storage",
  "description": "Files and folders of a person's drive.",
  "docsUrl": "https://learn.microsoft.com/en-us/graph/onedrive-concept-overview",
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
    "Files.Read"
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

/** OneDrive: Files and folders of a person's drive. Register your app's redirect URI at OneDrive, and give its client here. */
export const onedrive = (client: OAuthClient<OnedriveScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: onedriveDefinition
})

/** Scopes that SharePoint documents; others are taken as well. */
export type SharepointScope =
  | "offline_access"
  | "openid"
  | "profile"
  | "email"
  | "User.Read"
  | "Sites.Read.All"
  | "Sites.ReadWrite.All"
  | "Sites.Manage.All"
  | "Sites.FullControl.All"
  | "Sites.Selected"
  | "Files.Read.All"
  | "Files.ReadWrite.All"
  | "Lists.SelectedOperations.Selected"

/**
 * SharePoint, by an app of the host's.
 * See https://learn.microsoft.com/en-us/graph/api/resources/sharepoint
 */
export const sharepointDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "sharepoint",
  "displayName": "SharePoint",
  "category": "storage",
  "description": "Sites, lists and documents of an organization.",
  "docsUrl": "https://learn.microsoft.com/en-us/graph/api/resources/sharepoint",
  "brandColor": "#036c70",
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
    "Sites.Read.All"
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

/** SharePoint: Sites, lists and documents of an organization. Register your app's redirect URI at SharePoint, and give its client here. */
export const sharepoint = (client: OAuthClient<SharepointScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: sharepointDefinition
})
