// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Spotify documents; others are taken as well. */
export type SpotifyScope =
  | "ugc-image-upload"
  | "user-read-playback-state"
  | "user-modify-playback-state"
  | "user-read-currently-playing"
  | "app-remote-control"
  | "streaming"
  | "playlist-read-private"
  | "playlist-read-collaborative"
  | "playlist-modify-private"
  | "playlist-modify-public"
  | "user-follow-modify"
  | "user-follow-read"
  | "user-read-playback-position"
  | "user-top-read"
  | "user-read-recently-played"
  | "user-library-modify"
  | "user-library-read"
  | "user-read-email"
  | "user-read-private"

/**
 * Spotify, by an app of the host's.
 * See https://developer.spotify.com/documentation/web-api/tutorials/code-flow
 */
export const spotifyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "spotify",
  "displayName": "Spotify",
  "category": "other",
  "description": "Playlists, library and playback of an account.",
  "docsUrl": "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
  "brandColor": "#1db954",
  "authType": "oauth2",
  "authorizationEndpoint": "https://accounts.spotify.com/authorize",
  "tokenEndpoint": "https://accounts.spotify.com/api/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "user-read-private"
  ],
  "account": {
    "from": "request",
    "url": "https://api.spotify.com/v1/me",
    "id": [
      "id"
    ],
    "label": [
      "display_name"
    ]
  },
  "check": {
    "url": "https://api.spotify.com/v1/me"
  },
  "api": {
    "baseUrl": "https://api.spotify.com/v1"
  }
})

/** Spotify: Playlists, library and playback of an account. Register your app's redirect URI at Spotify, and give its client here. */
export const spotify = (client: OAuthClient<SpotifyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: spotifyDefinition
})

/** Scopes that Strava documents; others are taken as well. */
export type StravaScope =
  | "read"
  | "read_all"
  | "profile:read_all"
  | "profile:write"
  | "activity:read"
  | "activity:read_all"
  | "activity:write"

/**
 * Strava, by an app of the host's.
 * See https://developers.strava.com/docs/authentication
 */
export const stravaDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "strava",
  "displayName": "Strava",
  "category": "other",
  "description": "Activities, routes and statistics of an athlete.",
  "docsUrl": "https://developers.strava.com/docs/authentication",
  "brandColor": "#fc4c02",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.strava.com/oauth/authorize",
  "tokenEndpoint": "https://www.strava.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "scopeSeparator": ",",
  "grantedScopeSeparator": ",",
  "grantedScopeParameter": "scope",
  "leavesOutScopes": true,
  "defaultScopes": [
    "read"
  ],
  "tokenResponse": {
    "error": [
      "errors",
      "0",
      "resource"
    ]
  },
  "terminalErrors": [
    "RefreshToken"
  ],
  "account": {
    "from": "request",
    "url": "https://www.strava.com/api/v3/athlete",
    "id": [
      "id"
    ],
    "label": [
      "username"
    ]
  },
  "check": {
    "url": "https://www.strava.com/api/v3/athlete"
  },
  "revocation": {
    "endpoint": "https://www.strava.com/oauth/revoke",
    "ends": "grant",
    "clientAuthentication": "client_secret_basic"
  },
  "api": {
    "baseUrl": "https://www.strava.com/api/v3"
  }
})

/** Strava: Activities, routes and statistics of an athlete. Register your app's redirect URI at Strava, and give its client here. */
export const strava = (client: OAuthClient<StravaScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: stravaDefinition
})
